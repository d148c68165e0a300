import type { HttpHeader } from '@kasmcloud/wrpc';
import { WitError } from '../../error.ts';
import { BodyReceiver, BodySender } from '../body.ts';
import { Notice } from '../gate.ts';
import { Fields } from './fields.ts';
import { IncomingBody, type Variant } from './http-incoming.ts';
import { OutgoingBody } from './http-outgoing.ts';
import { Pollable, type Condition } from './io.ts';

/** What the host is asked to send, when it serves wasi:http/outgoing-handler. */
export interface ClientRequest {
  readonly method: string;
  /** `HTTP`, `HTTPS` or another; absent when the guest did not say. */
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly pathWithQuery: string | undefined;
  readonly headers: readonly HttpHeader[];
  readonly body: Uint8Array;
}

/** What the host answers with. */
export interface ClientResponse {
  readonly status: number;
  readonly headers: readonly HttpHeader[];
  readonly body: Uint8Array;
}

/** Nanoseconds. */
export interface ClientTimeouts {
  readonly connect: bigint | undefined;
  readonly firstByte: bigint | undefined;
  readonly betweenBytes: bigint | undefined;
}

export type Send = (request: ClientRequest, timeouts: ClientTimeouts) => Promise<unknown>;

/** Bodies of requests that leave are collected; this is the most that is. */
const maxBody = 4 * 1024 * 1024;

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

  /** The request with all of its body, once the guest has written it. */
  async complete(): Promise<ClientRequest> {
    const headers = this.#headers.freeze();
    if (!this.#taken) this.#sender.finish();
    return {
      method: nameOf(this.#method).toUpperCase(),
      scheme: this.#scheme && nameOf(this.#scheme),
      authority: this.#authority,
      pathWithQuery: this.#path,
      headers,
      body: await collect(this.#sender),
    };
  }
}

const collect = (sender: BodySender): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const take = (parts: ReturnType<BodySender['attach']>): void => {
      for (const part of parts) {
        if (part.kind === 'end') resolve(Buffer.concat(chunks));
        else if (part.kind === 'broken') reject(new Error(part.reason));
        else {
          chunks.push(part.bytes);
          bytes += part.bytes.length;
          sender.taken(part.bytes.length);
        }
      }
      if (bytes > maxBody) {
        sender.unwanted();
        reject(new WitError({ tag: 'HTTP-request-body-size', val: BigInt(maxBody) }));
      }
    };
    take(sender.attach(take));
  });

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

  constructor({ status, headers, body }: ClientResponse) {
    this.#status = status;
    this.#headers = Fields.received(headers);
    const receiver = new BodyReceiver(() => undefined);
    receiver.push({ kind: 'chunk', bytes: body });
    receiver.push({ kind: 'end' });
    this.#body = new IncomingBody(receiver);
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

  constructor(response: Promise<unknown>) {
    void this.#settle(response);
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

  async #settle(response: Promise<unknown>): Promise<void> {
    try {
      const answer = await response;
      if (!isClientResponse(answer)) throw new Error('the host gave no response');
      this.#result = { tag: 'ok', val: new IncomingResponse(answer) };
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

const isClientResponse = (value: unknown): value is ClientResponse =>
  typeof value === 'object' &&
  value !== null &&
  'status' in value &&
  typeof value.status === 'number' &&
  'headers' in value &&
  Array.isArray(value.headers) &&
  'body' in value &&
  value.body instanceof Uint8Array;

/** wasi:http/outgoing-handler.handle: sends through the host, or refuses when the host serves no requests. */
export const outgoingHandler =
  (send: Send | undefined) =>
  (request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse => {
    if (send === undefined) throw new WitError({ tag: 'HTTP-request-denied' });
    const timeouts = (options ?? new RequestOptions()).timeouts;
    return new FutureIncomingResponse(request.complete().then((complete) => send(complete, timeouts)));
  };
