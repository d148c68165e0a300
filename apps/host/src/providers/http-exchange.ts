import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  HttpCodeError,
  NoRespondersError,
  NotConnectedError,
  RequestTimeoutError,
  WrpcTimeoutError,
} from '@kasmcloud/lattice';
import { ClosedError, DeadlineError, OverloadedError, takeWhole } from '@kasmcloud/wasm';
import type { HttpHeader, HttpRequest, HttpResponse, ReceivedHttp } from '@kasmcloud/wrpc';

/** Hands one request to whoever the listener's link names. */
export type Handler = (request: HttpRequest, signal: AbortSignal) => Promise<ReceivedHttp<HttpResponse>>;

/** Headers of one connection, which say nothing about the message (RFC 9110 §7.6.1). */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
]);

/** Gives a request to the handler and its answer to the client. Never throws; a client that is gone ends the call. */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
  onError: (error: unknown) => void,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    // It comes after every answer; an error made for each of them would cost more than the rest of this.
    if (!response.writableFinished) gone.abort(new ClientGoneError('the client closed the connection'));
  });
  try {
    const answer = await handler(toHttpRequest(request), gone.signal);
    const headers = toNodeHeaders(answer.headers);
    const whole = takeWhole(answer.body);
    if (whole !== undefined) {
      if (lacksLength(request, answer)) headers['content-length'] = [String(whole.length)];
      response.writeHead(answer.status, headers);
      response.end(whole);
      return;
    }
    response.writeHead(answer.status, headers);
    for await (const chunk of answer.body) {
      if (!response.write(chunk)) await drained(response, gone.signal);
    }
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    onError(error);
    refuse(response, error);
  }
}

/** Whether the length of the body is still to be told, and may be (RFC 9110 §8.6). */
const lacksLength = ({ method }: IncomingMessage, { status, headers }: HttpResponse): boolean =>
  method !== 'HEAD' &&
  status >= 200 &&
  status !== 204 &&
  status !== 304 &&
  !headers.some(([name]) => name.toLowerCase() === 'content-length');

class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

function toHttpRequest(request: IncomingMessage): HttpRequest {
  const headers: HttpHeader[] = [];
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (!hopByHop.has(name)) headers.push([name, rawHeaders[i + 1] ?? '']);
  }
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  return {
    method: request.method ?? 'GET',
    pathWithQuery: request.url,
    scheme: 'http',
    authority: request.headers.host,
    headers,
    ...(hasBody && { body: request }),
  };
}

function toNodeHeaders(headers: readonly HttpHeader[]): Record<string, string[]> {
  const out: Record<string, string[]> = {};
  for (const [name, value] of headers) if (!hopByHop.has(name.toLowerCase())) (out[name] ??= []).push(value);
  return out;
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  response.once('drain', done);
  signal.addEventListener('abort', done, { once: true });
  await promise;
  response.off('drain', done);
  signal.removeEventListener('abort', done);
  signal.throwIfAborted();
}

/** What a failed call is to an HTTP client. */
export function statusFor(error: unknown): { status: number; text: string } {
  if (error instanceof NoRespondersError) return { status: 503, text: 'nobody answers for this address now' };
  if (error instanceof OverloadedError || error instanceof ClosedError) return { status: 503, text: 'overloaded' };
  if (error instanceof NotConnectedError) return { status: 503, text: 'the lattice cannot be reached' };
  const isLate = [DeadlineError, WrpcTimeoutError, RequestTimeoutError].some((late) => error instanceof late);
  if (isLate) return { status: 504, text: 'no answer in time' };
  if (error instanceof HttpCodeError) return { status: 502, text: error.code.tag };
  return { status: 500, text: 'the actor failed' };
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    // The only honest end of a body that broke off.
    response.destroy();
    return;
  }
  const { status, text } = statusFor(error);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  response.end(`${text}\n`);
}
