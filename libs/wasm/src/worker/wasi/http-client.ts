import { WitError } from '../../error.ts';
import type { ClientTimeouts, ResponseHead } from '../../runtime/protocol.ts';
import { BodySender } from '../body.ts';
import { Notice } from '../gate.ts';
import type { Guest } from '../guest.ts';
import type { Answer, Sending } from '../sending.ts';
import { Fields } from './fields.ts';
import { IncomingBody, type Variant } from './http-incoming.ts';
import { OutgoingBody } from './http-outgoing.ts';
import { Pollable, type Condition } from './io.ts';

const nameOf = ({ tag, val }: Variant): string => (tag === 'other' ? String(val) : tag);

/** wasi:http/types.outgoing-request. */
export class OutgoingRequest {
  readonly #headers: Fields;
  readonly #sender = new BodySender();
  #method: Variant = { tag: 'get' };
  #path: string | undefined;
  #scheme: Variant | undefined;
  #authority: string | undefined;
  #taken = false;

  constructor(headers: Fields) {
    this.#headers = headers;
  }

  /** The body, once. */
  body(): OutgoingBody {
    if (this.#taken) throw new WitError(undefined);
    this.#taken = true;
    return new OutgoingBody(this.#sender);
  }

  method(): Variant {
    return this.#method;
  }

  setMethod(method: Variant): void {
    this.#method = method;
  }

  pathWithQuery(): string | undefined {
    return this.#path;
  }

  setPathWithQuery(path: string | undefined): void {
    if (path !== undefined && /[\s\0]/.test(path)) throw new WitError(undefined);
    this.#path = path;
  }

  scheme(): Variant | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Variant | undefined): void {
    this.#scheme = scheme;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    if (authority !== undefined && /[\s\0/@]/.test(authority)) throw new WitError(undefined);
    this.#authority = authority;
  }

  headers(): Fields {
    return this.#headers;
  }

  /** Hands the request over; its body goes on as the guest writes it, or is empty if the guest never asked for it. */
  send(guest: Guest, timeouts: ClientTimeouts): Sending {
    if (!this.#taken) this.#sender.finish();
    const head = {
      method: nameOf(this.#method).toUpperCase(),
      scheme: this.#scheme && nameOf(this.#scheme).toLowerCase(),
      authority: this.#authority,
      pathWithQuery: this.#path,
      headers: this.#headers.freeze(),
      timeouts,
    };
    return guest.send({ kind: 'http', head }, this.#sender);
  }
}

/** wasi:http/types.request-options. */
export class RequestOptions {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  get timeouts(): ClientTimeouts {
    return { connect: this.#connect, firstByte: this.#firstByte, betweenBytes: this.#betweenBytes };
  }

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration;
  }
}

/** wasi:http/types.incoming-response. */
export class IncomingResponse {
  readonly #status: number;
  readonly #headers: Fields;
  #body: IncomingBody | undefined;

  constructor({ value, body }: Answer) {
    const head = value as ResponseHead;
    this.#status = head.status;
    this.#headers = Fields.received(head.headers);
    this.#body = new IncomingBody(body);
  }

  status(): number {
    return this.#status;
  }

  headers(): Fields {
    return this.#headers;
  }

  /** The body, once. */
  consume(): IncomingBody {
    const body = this.#body;
    if (body === undefined) throw new WitError(undefined);
    this.#body = undefined;
    return body;
  }
}

/** wasi:http/types.future-incoming-response. */
export class FutureIncomingResponse implements Condition {
  readonly #changed = new Notice();
  #result: Variant | undefined;
  #given = false;

  constructor(answer: Promise<Answer>) {
    void this.#settle(answer);
  }

  subscribe(): Pollable {
    return new Pollable(this);
  }

  /** WIT: option<result<result<incoming-response, error-code>>>. */
  get(): Variant | undefined {
    if (this.#result === undefined) return undefined;
    if (this.#given) return { tag: 'err' };
    this.#given = true;
    return { tag: 'ok', val: this.#result };
  }

  isReady(): boolean {
    return this.#result !== undefined;
  }

  wait(): Promise<void> {
    return this.#changed.next();
  }

  async #settle(answer: Promise<Answer>): Promise<void> {
    try {
      this.#result = { tag: 'ok', val: new IncomingResponse(await answer) };
    } catch (error) {
      this.#result = { tag: 'err', val: errorCode(error) };
    }
    this.#changed.notify();
  }
}

const errorCode = (error: unknown): unknown =>
  error instanceof WitError
    ? error.payload
    : { tag: 'internal-error', val: error instanceof Error ? error.message : String(error) };

/** wasi:http/outgoing-handler.handle: sends through the host, or refuses when the host sends no requests. */
export const outgoingHandler =
  (guest: Guest) =>
  (request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse => {
    if (!guest.sendsHttp) throw new WitError({ tag: 'HTTP-request-denied' });
    return new FutureIncomingResponse(request.send(guest, (options ?? new RequestOptions()).timeouts).answer);
  };
