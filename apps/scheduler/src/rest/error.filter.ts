import { STATUS_CODES } from 'node:http';
import { HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { KubeError, UnreachableError } from '@kasmcloud/kube';
import type { Logger } from '@kasmcloud/observe';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RefusedError, type Detail, type RefusalKind } from '../access/refused-error.ts';

const statusOf: Record<RefusalKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  tooMany: 429,
  unavailable: 503,
};

export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly details?: readonly Detail[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Turns whatever was thrown into one form of JSON. What nobody expected is logged, and not told to the caller. */
export class ErrorFilter implements ExceptionFilter {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { status, message, details = [], headers = {} } = answerTo(error);
    if (status === 500) {
      const { method, url } = http.getRequest<FastifyRequest>();
      this.#log.error({ err: error, method, url }, 'request failed');
    }
    const body = { statusCode: status, error: STATUS_CODES[status] ?? 'Error', message, details };
    void http
      .getResponse<FastifyReply>()
      .code(status)
      .headers(headers)
      .type('application/json')
      .send(JSON.stringify(body));
  }
}

/** What a request is answered that ended in an error. */
export function answerTo(error: unknown): Answer {
  if (error instanceof RefusedError) return refused(error);
  if (error instanceof KubeError) return fromHub(error);
  if (error instanceof UnreachableError || isTimeout(error))
    return { status: 503, message: 'the hub API server does not answer: try again', headers: { 'retry-after': '1' } };
  if (error instanceof HttpException) return { status: error.getStatus(), message: error.message };
  const status = fastifyStatus(error);
  if (status !== undefined && error instanceof Error) return { status, message: error.message };
  return { status: 500, message: 'something went wrong here; the log of the scheduler says what' };
}

function refused({ kind, message, details, retryAfterMs }: RefusedError): Answer {
  const headers = {
    ...(kind === 'unauthenticated' && { 'www-authenticate': 'Bearer realm="kasmcloud"' }),
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
  };
  return { status: statusOf[kind], message, details, headers };
}

/** The hub refused what was asked in the caller's name: its words are the best there are. */
function fromHub(error: KubeError): Answer {
  const details = error.causes.map(({ field, message }) => ({ field: field ?? '', message: message ?? '' }));
  const { status } = error;
  if (status === 401 || status >= 500) return { status: 503, message: 'the hub API server cannot answer now', details };
  return { status: status === 422 ? 400 : status, message: error.message, details };
}

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/** Fastify's own refusals: bodies that are too large, of another type, or no JSON. */
function fastifyStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
