import { type Server, createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from '@kasmcloud/observe';
import { type Authenticator, anonymous } from '../auth/authenticator.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import { impersonated } from '../auth/impersonation.ts';

import { StatusError, internal, unauthorized } from '../status.ts';
import type { ServerIdentity } from '../tls.ts';
import { Exchange, type Reply, sendReply, statusReply } from './exchange.ts';
import { requestInfo } from './request-info.ts';

/** Answers one authenticated request; a thrown StatusError is the answer too. */
export type Handle = (exchange: Exchange) => Promise<void>;

interface HttpParts {
  readonly identity: Pick<ServerIdentity, 'certPem' | 'keyPem'>;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly handle: Handle;
  /** Resolves when what an answer tells of cannot be lost any more. */
  readonly durable: () => Promise<void>;
  readonly timeouts: RequestTimeouts;
  readonly logger: Pick<Logger, 'error'>;
}

export interface RequestTimeouts {
  /** From the start of a connection or request until its headers are there. */
  readonly headersMs: number;
  /** Until all of its body is there. Watches are answers and not bound by it. */
  readonly requestMs: number;
}

/** Long enough for a large body on a slow line. */
export const defaultTimeouts: RequestTimeouts = { headersMs: 20_000, requestMs: 60_000 };

const connectionErrors: ReadonlyMap<string, string> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
]);

/** An HTTPS server whose every answer to a failure is a Status. */
export function createHttpServer(parts: HttpParts): Server {
  const { identity, authenticator, authorizer, handle, durable, timeouts, logger } = parts;
  const server = createServer(
    {
      cert: identity.certPem,
      key: identity.keyPem,
      minVersion: 'TLSv1.2',
      requestTimeout: timeouts.requestMs,
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: Math.min(5_000, timeouts.headersMs),
      keepAliveTimeout: 90_000,
      maxHeaderSize: 64 * 1024,
    },
    (request, response) => {
      void answer(request, response);
    },
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = connectionErrors.get(error.code ?? '') ?? '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away in the middle is its own affair.
    response.on('error', () => undefined);
    try {
      const exchange = exchangeOf(request, response, authenticator, authorizer);
      if (exchange === undefined) return send(request, response, undecodable);
      const reply = await replyOf(exchange);
      if (reply === undefined) return;
      await durable();
      send(request, response, reply);
    } catch (error) {
      fail(request, response, error);
    }
  }

  /** A refusal too may tell of a write that is not durable yet. */
  async function replyOf(exchange: Exchange): Promise<Reply | undefined> {
    try {
      await handle(exchange);
      return exchange.reply;
    } catch (error) {
      if (error instanceof StatusError) return exchange.refusal(error);
      throw error;
    }
  }

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    // The request itself went away while its body was read.
    if (request.destroyed && !request.complete) return;
    if (error instanceof StatusError) return send(request, response, statusReply(error));
    logger.error({ method: request.method, url: request.url, error }, 'request failed');
    send(request, response, statusReply(internal(messageOf(error), { cause: error })));
  }

  return server;
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // The rest of a body that was not read would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  sendReply(response, reply);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** As Go's HTTP server refuses a path whose encoding is broken, before anybody looks who asks. */
const undecodable: Reply = {
  code: 400,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '400 Bad Request',
};

/** Undefined where the path cannot be decoded. Throws a 400, 401 or 403. */
function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  authenticator: Authenticator,
  authorizer: Authorizer,
): Exchange | undefined {
  const url = URL.parse(`https://localhost${request.url ?? '/'}`);
  const info = url === null ? undefined : requestInfo(request.method ?? 'GET', url);
  if (url === null || info === undefined) return undefined;
  const sender = authenticator.authenticate(request.headers.authorization, request.socket);
  if (sender === undefined) throw unauthorized();
  const user = sender === anonymous ? sender : impersonated(sender, request.headers, info, authorizer);
  return new Exchange(request, response, url, info, user);
}

/** Starts to listen; resolves with the port. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  server.off('error', reject);
  return (server.address() as AddressInfo).port;
}

/** Stops listening and ends every connection. */
export async function closeServer(server: Server, connections: Iterable<Socket>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  for (const socket of connections) socket.destroy();
  await promise;
}

/**
 * The connections that stand now, those whose TLS handshake is under way among them. The server's own list lacks the
 * latter: one that came through its handshake after `closeAllConnections` would be served on, and `close` never end.
 */
export function connectionsOf(server: Server): ReadonlySet<Socket> {
  const standing = new Set<Socket>();
  server.on('connection', (socket) => {
    standing.add(socket);
    socket.once('close', () => standing.delete(socket));
  });
  return standing;
}
