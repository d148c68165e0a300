import {
  fromWitRequest,
  fromWitResponse,
  httpIncomingHandle,
  httpOutgoingHandle,
  toWitRequest,
  toWitResponse,
  type HttpErrorCode,
  type HttpRequest,
  type HttpResponse,
  type ReceivedHttp,
  type WitRequest,
  type WitResponse,
} from '@kasmcloud/wrpc';
import { wrpcHttp } from '@kasmcloud/wire';
import type { LatticeConnection } from './connection.ts';
import { invoke, type InvokeOptions } from './invoke.ts';
import { serve, type CallContext, type ServedFunction, type ServeOptions } from './serve.ts';

/** An HTTP request failed in a way that wasi:http has a code for. */
export class HttpCodeError extends Error {
  override readonly name = 'HttpCodeError';
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, options?: ErrorOptions) {
    super(`The HTTP request failed: ${describe(code)}.`, options);
    this.code = code;
  }
}

const describe = ({ tag, val }: HttpErrorCode): string => (typeof val === 'string' ? `${tag}, ${val}` : tag);

export interface HttpAddress {
  readonly lattice: string;
  readonly target: string;
  /** `incoming` (default) hands a request to a component; `outgoing` asks an HTTP client to send it. */
  readonly direction?: 'incoming' | 'outgoing';
}

type Answer = { tag: 'ok'; val: WitResponse } | { tag: 'err'; val: HttpErrorCode };

/**
 * Sends an HTTP request over wRPC. The body of the answer must be read or left (`return()` of its iterator).
 * @throws HttpCodeError, and what `invoke` throws
 */
export const invokeHttp = async (
  connection: LatticeConnection,
  { lattice, target, direction = 'incoming' }: HttpAddress,
  request: HttpRequest,
  options?: InvokeOptions,
): Promise<ReceivedHttp<HttpResponse>> => {
  const address = { lattice, target, ...wrpcHttp[direction] };
  const answer =
    direction === 'incoming'
      ? invoke(connection, address, httpIncomingHandle, [toWitRequest(request)], options)
      : invoke(connection, address, httpOutgoingHandle, [toWitRequest(withHost(request)), undefined], options);
  // The decoder has built exactly the type that the signature names.
  const { tag, val } = (await answer) as Answer;
  if (tag === 'err') throw new HttpCodeError(val);
  return fromWitResponse(val);
};

/** wasmCloud's clients send the headers that they are given and no other: without this one the request would name no host. */
const withHost = (request: HttpRequest): HttpRequest => {
  const { authority, headers } = request;
  if (authority === undefined || headers.some(([name]) => name.toLowerCase() === 'host')) return request;
  return { ...request, headers: [['host', authority], ...headers] };
};

export type HttpHandler = (request: ReceivedHttp<HttpRequest>, call: CallContext) => Promise<HttpResponse>;

/** Answers HTTP requests over wRPC. An HttpCodeError reaches the caller; anything else becomes `internal-error`. */
export const serveHttp = (
  connection: LatticeConnection,
  { lattice, target, direction = 'incoming' }: HttpAddress,
  handler: HttpHandler,
  options: ServeOptions = {},
): ServedFunction => {
  const address = { lattice, target, ...wrpcHttp[direction] };
  const type = direction === 'incoming' ? httpIncomingHandle : httpOutgoingHandle;
  const run = async ([request]: readonly unknown[], call: CallContext): Promise<Answer> => {
    try {
      return { tag: 'ok', val: toWitResponse(await handler(fromWitRequest(request as WitRequest), call)) };
    } catch (error) {
      if (error instanceof HttpCodeError) return { tag: 'err', val: error.code };
      options.onError?.(error, address);
      // Without the message: it may hold what the caller must not see.
      return { tag: 'err', val: { tag: 'internal-error' } };
    }
  };
  return serve(connection, address, type, run, options);
};
