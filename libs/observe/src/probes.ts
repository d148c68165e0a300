import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { formatReport, type Health } from './health.ts';
import type { Metrics } from './metrics.ts';

export interface ProbeSources {
  readonly health: Health;
  readonly metrics: Metrics;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const PATHS = ['/livez', '/readyz', '/metrics'] as const;
type ProbePath = (typeof PATHS)[number];

const TEXT = 'text/plain; charset=utf-8';

const answer = async (path: ProbePath, verbose: boolean, { health, metrics }: ProbeSources): Promise<Answer> => {
  if (path === '/metrics') return { status: 200, contentType: metrics.contentType, body: await metrics.render() };
  const kind = path === '/livez' ? 'livez' : 'readyz';
  const report = await health.report(kind);
  return { status: report.ok ? 200 : 503, contentType: TEXT, body: formatReport(kind, report, verbose) };
};

/** The part of a Fastify reply that the probes use. */
export interface ProbeReply {
  code(status: number): unknown;
  type(contentType: string): unknown;
}

/** The part of a Fastify server that the probes use. */
export interface ProbeServer {
  get(path: string, handler: (request: { readonly query: unknown }, reply: ProbeReply) => Promise<string>): unknown;
}

const isVerbose = (query: unknown): boolean => typeof query === 'object' && query !== null && 'verbose' in query;

/** Adds `/livez`, `/readyz` (both with `?verbose`) and `/metrics` to a Fastify server. */
export const mountProbes = (server: ProbeServer, sources: ProbeSources): void => {
  for (const path of PATHS) {
    server.get(path, async (request, reply) => {
      const { status, contentType, body } = await answer(path, isVerbose(request.query), sources);
      reply.code(status);
      reply.type(contentType);
      return body;
    });
  }
};

export interface ServedProbes {
  /** The port that is listened on, also when 0 was asked for. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

const isProbePath = (path: string): path is ProbePath => PATHS.some((known) => known === path);

const respond = async (request: IncomingMessage, response: ServerResponse, sources: ProbeSources): Promise<void> => {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const refuse = (status: number, body: string): void => {
    response.writeHead(status, { 'content-type': TEXT }).end(body);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'use GET\n');
  if (!isProbePath(path)) return refuse(404, `no such path; try ${PATHS.join(', ')}\n`);
  const { status, contentType, body } = await answer(path, new URLSearchParams(query).has('verbose'), sources);
  response.writeHead(status, { 'content-type': contentType }).end(request.method === 'HEAD' ? '' : body);
};

export interface ServeProbesOptions extends ProbeSources {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

/** The same three paths on a server of their own, for a process without Fastify. */
export const serveProbes = async (options: ServeProbesOptions): Promise<ServedProbes> => {
  const { port, host = '127.0.0.1' } = options;
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    respond(request, response, options).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, host, listening.resolve);
  await listening.promise;
  server.off('error', listening.reject);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
