import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { HttpCodeError } from '@kasmcloud/lattice';
import { isHopByHop, type ClientTimeouts } from '@kasmcloud/wasm';
import type { HttpHeader, HttpRequest, HttpResponse } from '@kasmcloud/wrpc';

import { isSpecialAddress, type AllowList } from './allow-list.ts';
import { codeOf, ProhibitedAddressError } from './error-code.ts';
import { writeBody } from './request-body.ts';

/** How long a connection may take to be made where the guest does not say. */
const CONNECT_MS = 10_000;
const MAX_SOCKETS = 256;
const KEPT_MS = 15_000;

type Answered = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Resolves a name to public addresses only: a name of the guest's choosing may point anywhere. */
function lookupPublic(hostname: string, options: LookupOptions, answered: Answered): void {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const found = error === null ? addresses.filter(({ address }) => !isSpecialAddress(address)) : [];
    const [first] = found;
    if (error !== null) answered(error, []);
    else if (first === undefined) answered(new ProhibitedAddressError(hostname), []);
    else if (options.all === true) answered(null, found);
    else answered(null, first.address, first.family);
  });
}

const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: KEPT_MS };

/** Sends requests of guests over HTTP/1.1. Connections are kept, apart for those that may be to private networks. */
export class HttpSender {
  readonly #agents = {
    named: { http: new Agent(agentOptions), https: new TlsAgent(agentOptions) },
    open: {
      http: new Agent({ ...agentOptions, lookup: lookupPublic }),
      https: new TlsAgent({ ...agentOptions, lookup: lookupPublic }),
    },
  };

  /** Bodies stream both ways; redirects are the guest's to follow. @throws HttpCodeError */
  async send(
    request: HttpRequest,
    allowed: AllowList,
    timeouts: ClientTimeouts,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const url = urlOf(request);
    // A tunnel is not a request, and would not be seen by the allow-list.
    if (request.method === 'CONNECT') throw new HttpCodeError({ tag: 'HTTP-request-method-invalid' });
    const isTls = url.protocol === 'https:';
    const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
    const permission = allowed.permission(url.hostname, port);
    if (permission === undefined) throw new HttpCodeError({ tag: 'HTTP-request-denied' });
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (!permission.isNamed && isIP(literal) !== 0 && isSpecialAddress(literal)) {
      throw new HttpCodeError({ tag: 'destination-IP-prohibited' });
    }
    const agents = permission.isNamed ? this.#agents.named : this.#agents.open;
    const options = { method: request.method, headers: toNodeHeaders(request.headers, url.host), signal };
    const open = (): ClientRequest =>
      isTls
        ? httpsRequest(url, { ...options, agent: agents.https })
        : httpRequest(url, { ...options, agent: agents.http });
    return toResponse(await answerOf(opened(open), request, timeouts), timeouts);
  }

  close(): void {
    for (const { http, https } of Object.values(this.#agents)) {
      http.destroy();
      https.destroy();
    }
  }
}

/** A request whose head is well-formed, and whose body must be as long as the head says. */
function opened(open: () => ClientRequest): ClientRequest {
  try {
    // Of node:http's outgoing messages; its types have it for responses only.
    return Object.assign(open(), { strictContentLength: true });
  } catch (cause) {
    throw new HttpCodeError(codeOf(cause), { cause });
  }
}

function urlOf({ scheme, authority, pathWithQuery }: HttpRequest): URL {
  const protocol = scheme?.toLowerCase() ?? 'https';
  if (protocol !== 'http' && protocol !== 'https') throw new HttpCodeError({ tag: 'HTTP-protocol-error' });
  const path = pathWithQuery === undefined || pathWithQuery === '' ? '/' : pathWithQuery;
  const text = `${protocol}://${authority ?? ''}${path}`;
  if (authority === undefined || authority === '' || !path.startsWith('/') || !URL.canParse(text)) {
    throw new HttpCodeError({ tag: 'HTTP-request-URI-invalid' });
  }
  const url = new URL(text);
  // What Node would turn into an Authorization header is not part of a host.
  if (url.username !== '' || url.password !== '') throw new HttpCodeError({ tag: 'HTTP-request-URI-invalid' });
  return url;
}

function toNodeHeaders(headers: readonly HttpHeader[], host: string): Record<string, string | string[]> {
  const out: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!isHopByHop(lower) && lower !== 'host') (out[lower] ??= []).push(value);
  }
  return { ...out, host };
}

/** Writes the request and waits for the head of its answer. */
async function answerOf(sent: ClientRequest, request: HttpRequest, timeouts: ClientTimeouts): Promise<IncomingMessage> {
  const { promise, resolve: answer, reject } = Promise.withResolvers<IncomingMessage>();
  const fail = (error: unknown): void => reject(new HttpCodeError(codeOf(error), { cause: error }));
  const late = (tag: string): void => void sent.destroy(new HttpCodeError({ tag }));
  const connecting = setTimeout(() => late('connection-timeout'), milliseconds(timeouts.connect) ?? CONNECT_MS);
  const firstByte = milliseconds(timeouts.firstByte);
  const waiting = firstByte === undefined ? undefined : setTimeout(() => late('HTTP-response-timeout'), firstByte);
  sent.once('error', fail);
  sent.once('response', answer);
  sent.once('socket', (socket) => {
    if (socket.connecting)
      socket.once(sent.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    else clearTimeout(connecting);
  });
  // A server that answers early may leave the rest of the body unread: its answer counts.
  void writeBody(sent, request).catch((error: unknown) => sent.destroy(error instanceof Error ? error : undefined));
  try {
    return await promise;
  } finally {
    clearTimeout(connecting);
    clearTimeout(waiting);
    // Later errors are those of the body, which its reader sees.
    sent.on('error', () => undefined);
  }
}

function toResponse(message: IncomingMessage, { betweenBytes }: ClientTimeouts): HttpResponse {
  const stall = milliseconds(betweenBytes);
  if (stall !== undefined) {
    message.setTimeout(stall, () => message.destroy(new HttpCodeError({ tag: 'connection-read-timeout' })));
  }
  const trailers = Promise.withResolvers<readonly HttpHeader[] | undefined>();
  trailers.promise.catch(() => undefined);
  message.once('end', () =>
    trailers.resolve(message.rawTrailers.length === 0 ? undefined : pairs(message.rawTrailers)),
  );
  message.once('close', () => trailers.reject(new HttpCodeError({ tag: 'HTTP-response-incomplete' })));
  return {
    status: message.statusCode ?? 0,
    headers: pairs(message.rawHeaders).filter(([name]) => !isHopByHop(name)),
    body: message,
    trailers: trailers.promise,
  };
}

function pairs(raw: readonly string[]): HttpHeader[] {
  const headers: HttpHeader[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([(raw[i] ?? '').toLowerCase(), raw[i + 1] ?? '']);
  return headers;
}

/** Of a WIT duration in nanoseconds. */
const milliseconds = (duration: bigint | undefined): number | undefined =>
  duration === undefined ? undefined : Math.min(Math.ceil(Number(duration) / 1e6), 2 ** 31 - 1);
