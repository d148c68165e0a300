import { StandardSchemaValidationPipe, type NestApplicationOptions } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@kasmcloud/observe';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RefusedError } from '../access/refused-error.ts';
import { auditWrites } from './audit.ts';
import { serveDocs } from './docs.ts';
import { ErrorFilter } from './error.filter.ts';
import { BOARD_PATH } from './board-path.ts';
import { acceptYaml } from './manifest-body.ts';

/** Largest body of a request, bytes. */
export const BODY_LIMIT = 1024 * 1024;

export const applicationOptions: NestApplicationOptions = { logger: false, abortOnError: false, rawBody: true };

export const createAdapter = (): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 20_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 253 },
    // What Fastify refuses before it knows a route.
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) =>
      void reply.code(400).send({ statusCode: 400, error: 'Bad Request', message: error.message, details: [] }),
  });

/** Everything of the REST API that is not of one route. */
export function prepareHttp(app: NestFastifyApplication, log: Logger): void {
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  acceptYaml(app);
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: invalidShape }));
  app.useGlobalFilters(new ErrorFilter(log));
  secureHeaders(server);
  auditWrites(server, log);
  serveDocs(app);
}

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

function invalidShape(issues: readonly Issue[]): RefusedError {
  const details = issues.slice(0, 100).map(({ path = [], message }) => ({
    field: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
    message,
  }));
  return new RefusedError('invalid', 'the request is not valid', { details });
}

/** The page of the docs may load its own files; nothing else is for browsers. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";
/** The queue board is an application of its own. */
const boardPolicy = `${docsPolicy}; font-src 'self' data:; frame-ancestors 'none'`;
const apiPolicy = "default-src 'none'; frame-ancestors 'none'";

function secureHeaders(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const isDocs = request.url.startsWith('/docs');
    reply.headers({
      'content-security-policy': isDocs ? docsPolicy : request.url.startsWith(BOARD_PATH) ? boardPolicy : apiPolicy,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      ...(!isDocs && { 'cache-control': 'no-store' }),
    });
    done(null, payload);
  });
}
