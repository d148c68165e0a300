import { WitError } from '../../error.ts';
import { BodySender } from '../body.ts';
import type { Interfaces } from '../interface.ts';
import { Fields } from './fields.ts';
import { FutureTrailers, IncomingBody, IncomingRequest, type Variant } from './http-incoming.ts';
import { OutgoingBody, OutgoingResponse, ResponseOutparam } from './http-outgoing.ts';

/** wasi:http/types.outgoing-request: can be written, and is refused when it is sent. */
class OutgoingRequest {
  readonly #headers: Fields;
  #method: Variant = { tag: 'get' };
  #path: string | undefined;
  #scheme: Variant | undefined;
  #authority: string | undefined;
  #taken = false;

  constructor(headers: Fields) {
    this.#headers = headers;
  }

  body(): OutgoingBody {
    if (this.#taken) throw new WitError(undefined);
    this.#taken = true;
    return new OutgoingBody(new BodySender());
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
    this.#authority = authority;
  }

  headers(): Fields {
    return this.#headers;
  }
}

/** wasi:http/types.request-options: durations in nanoseconds. */
class RequestOptions {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

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

/** Never exists: no request leaves. Language run-times import it with all that it has. */
class FutureIncomingResponse {
  subscribe(): never {
    throw denied();
  }

  get(): never {
    throw denied();
  }
}

class IncomingResponse {
  status(): never {
    throw denied();
  }

  headers(): never {
    throw denied();
  }

  consume(): never {
    throw denied();
  }
}

const denied = (): WitError => new WitError({ tag: 'HTTP-request-denied' });

export const http: Interfaces = {
  'wasi:http/types': {
    Fields,
    IncomingRequest,
    IncomingBody,
    FutureTrailers,
    OutgoingResponse,
    OutgoingBody,
    ResponseOutparam,
    OutgoingRequest,
    RequestOptions,
    FutureIncomingResponse,
    IncomingResponse,
    httpErrorCode: () => undefined,
  },
  'wasi:http/outgoing-handler': {
    handle: (): never => {
      throw denied();
    },
  },
};
