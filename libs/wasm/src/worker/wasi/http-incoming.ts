import type { RequestHead } from '../../runtime/protocol.ts';
import { WitError } from '../../error.ts';
import type { BodyReceiver } from '../body.ts';
import { Fields } from './fields.ts';
import { InputStream, Pollable } from './io.ts';

export interface Variant {
  readonly tag: string;
  readonly val?: unknown;
}

const methods = new Set(['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']);

const methodOf = (method: string): Variant => {
  const tag = method.toLowerCase();
  return methods.has(tag) ? { tag } : { tag: 'other', val: method };
};

const schemeOf = (scheme: string): Variant => {
  const tag = scheme.toUpperCase();
  return tag === 'HTTP' || tag === 'HTTPS' ? { tag } : { tag: 'other', val: scheme };
};

/** wasi:http/types.incoming-request. */
export class IncomingRequest {
  readonly #head: RequestHead;
  #headers: Fields | undefined;
  #body: IncomingBody | undefined;

  constructor(head: RequestHead, body: BodyReceiver) {
    this.#head = head;
    this.#body = new IncomingBody(body);
  }

  method(): Variant {
    return methodOf(this.#head.method);
  }

  pathWithQuery(): string | undefined {
    return this.#head.pathWithQuery;
  }

  scheme(): Variant | undefined {
    return this.#head.scheme === undefined ? undefined : schemeOf(this.#head.scheme);
  }

  authority(): string | undefined {
    return this.#head.authority;
  }

  headers(): Fields {
    this.#headers ??= Fields.received(this.#head.headers);
    return this.#headers;
  }

  /** The body, once. */
  consume(): IncomingBody {
    const body = this.#body;
    if (body === undefined) throw new WitError(undefined);
    this.#body = undefined;
    return body;
  }

  /** What the request began with, and its body if the guest has not taken it: for whoever it is handed on to. */
  handOn(): { readonly head: RequestHead; readonly body: BodyReceiver | undefined } {
    const body = this.#body;
    this.#body = undefined;
    return { head: this.#head, body: body?.handOn() };
  }

  [Symbol.dispose](): void {
    this.#body?.[Symbol.dispose]();
  }
}

/** wasi:http/types.incoming-body. */
export class IncomingBody {
  readonly #body: BodyReceiver;
  #streamed = false;
  #finished = false;

  static finish(body: IncomingBody): FutureTrailers {
    body.#finished = true;
    body.#body.drop();
    return new FutureTrailers(body.#body);
  }

  constructor(body: BodyReceiver) {
    this.#body = body;
  }

  /** The stream, once. */
  stream(): InputStream {
    if (this.#streamed) throw new WitError(undefined);
    this.#streamed = true;
    return new InputStream(this.#body);
  }

  handOn(): BodyReceiver {
    this.#finished = true;
    return this.#body;
  }

  [Symbol.dispose](): void {
    if (!this.#finished) this.#body.drop();
  }
}

/** wasi:http/types.future-trailers. */
export class FutureTrailers {
  readonly #body: BodyReceiver;
  #given = false;

  constructor(body: BodyReceiver) {
    this.#body = body;
  }

  subscribe(): Pollable {
    return new Pollable(this.#body);
  }

  /** WIT: option<result<result<option<trailers>, error-code>>>. */
  get(): Variant | undefined {
    const { end, trailers } = this.#body;
    if (end === 'open') return undefined;
    if (this.#given) return { tag: 'err' };
    this.#given = true;
    const val =
      end === 'closed'
        ? { tag: 'ok', val: trailers === undefined ? undefined : Fields.received(trailers) }
        : { tag: 'err', val: { tag: 'internal-error', val: end.message } };
    return { tag: 'ok', val };
  }
}
