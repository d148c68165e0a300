import { createSecureContext } from 'node:tls';
import { systemClock } from '@kasmcloud/reconcile';
import { errors, Pool, type Dispatcher } from 'undici';
import { ask, type Answer } from './answer.ts';
import { credentialSource, type CredentialSource, type Proof } from './credential-source.ts';
import { Deadline } from './deadline.ts';
import { isRecord, KubeError, refusalError, UnreachableError } from './errors.ts';
import type { Impersonation, KubeTarget } from './target.ts';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, below the server's address. */
  readonly path: string;
  readonly body?: unknown;
  /** Of the body; `application/json` when not told. */
  readonly contentType?: string;
  readonly impersonate?: Impersonation | undefined;
  /** Covers everything: credentials, connecting, waiting, reading, and waits that the server asked for. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What the server says to agree is not read, for callers who would not look at it. */
  readonly unread?: boolean;
}

export interface StreamRequest extends Omit<TransportRequest, 'body' | 'contentType' | 'unread'> {
  /** A stream that says nothing for so long counts as broken. `timeoutMs` covers only the way to its first byte. */
  readonly idleMs: number;
  /** Called once the server has begun to answer. */
  readonly onOpen?: (() => void) | undefined;
}

const largestAnswer = 64 * 1_048_576;
const triesWhenThrottled = 5;

/**
 * The connections to one API server, pooled: `@kubernetes/client-node` opens a TLS connection for every call, which
 * costs nine tenths of the throughput. Streams have their own pool, so that they never starve short calls.
 */
export class Transport {
  readonly server: string;
  readonly #target: KubeTarget;
  readonly #basePath: string;
  readonly #userAgent: string;
  readonly #proof: CredentialSource;
  #pools: { readonly cert: string | undefined; readonly calls: Pool; readonly streams: Pool } | undefined;
  #closed = false;
  #lastContact: number | undefined;
  readonly #heard = (): void => void (this.#lastContact = performance.now());

  constructor(target: KubeTarget, userAgent: string) {
    this.#target = target;
    this.#userAgent = userAgent;
    this.#proof = credentialSource(target);
    const url = new URL(target.server);
    this.server = url.origin;
    this.#basePath = url.pathname.replace(/\/+$/, '');
  }

  /** `performance.now()` of the last byte that the server sent, undefined before the first. */
  get lastContact(): number | undefined {
    return this.#lastContact;
  }

  /** The answer's body: parsed when it is JSON, text otherwise. Throws KubeError, UnreachableError or the signal's reason. */
  async call(request: TransportRequest): Promise<unknown> {
    using deadline = new Deadline(request.timeoutMs, request.signal);
    const lastMoment = performance.now() + request.timeoutMs;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#callOnce(request, deadline);
        } catch (error) {
          const waitMs = retryAfterMs(request, error, attempt);
          if (waitMs === undefined || performance.now() + waitMs >= lastMoment) throw error;
          await systemClock.sleep(waitMs, deadline.signal);
          deadline.signal.throwIfAborted();
        }
      }
    } catch (error) {
      throw this.#explain(error, request, deadline);
    }
  }

  /** The chunks of an endless answer. Ends when the server ends it; throws UnreachableError when it breaks. */
  async *stream(request: StreamRequest): AsyncGenerator<Buffer, void, undefined> {
    using deadline = new Deadline(request.timeoutMs, request.signal);
    try {
      const proof = await this.#proven(deadline);
      const asked = this.#pool(proof).streams.request({
        ...this.#options(request, proof),
        headersTimeout: request.timeoutMs,
        bodyTimeout: request.idleMs,
        signal: deadline.signal,
      });
      const answer = await deadline.race(asked);
      deadline.stop();
      this.#heard();
      if (answer.statusCode >= 400) {
        const { statusCode: status, headers, body } = answer;
        readAnswer(request, { status, headers, text: await body.text() });
      }
      request.onOpen?.();
      for await (const chunk of answer.body) {
        this.#heard();
        if (Buffer.isBuffer(chunk)) yield chunk;
      }
    } catch (error) {
      throw this.#explain(error, request, deadline);
    }
  }

  /** Ends every call and stream. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#pools?.calls.destroy(), this.#pools?.streams.destroy()]);
  }

  async #callOnce(request: TransportRequest, deadline: Deadline): Promise<unknown> {
    const proof = await this.#proven(deadline);
    const options = {
      ...this.#options(request, proof),
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    };
    const isRead = request.unread !== true;
    const answer = await ask(this.#pool(proof).calls, options, deadline.signal, this.#heard, isRead);
    return isRead || answer.status >= 400 ? readAnswer(request, answer) : undefined;
  }

  /** Most credentials are at hand: only others are waited for. */
  async #proven(deadline: Deadline): Promise<Proof> {
    const proof = this.#proof();
    return proof instanceof Promise ? deadline.race(proof) : proof;
  }

  #options(request: TransportRequest | StreamRequest, proof: Proof): Dispatcher.RequestOptions {
    return {
      method: request.method,
      path: this.#basePath + request.path,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(proof.authorization !== undefined && { authorization: proof.authorization }),
        ...('body' in request && { 'content-type': request.contentType ?? 'application/json' }),
        ...impersonationHeaders(request.impersonate ?? this.#target.impersonate),
      },
    };
  }

  /** The pools for a client certificate; a renewed certificate gets new ones, and the old end with their last call. */
  #pool({ certificate }: Proof): { calls: Pool; streams: Pool } {
    if (this.#closed) throw new UnreachableError(this.server, 'the client is closed');
    if (this.#pools !== undefined && this.#pools.cert === certificate?.cert) return this.#pools;
    void this.#pools?.calls.close();
    void this.#pools?.streams.close();
    const { ca, serverName, skipTlsVerify } = this.#target;
    const shared: Pool.Options = {
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        // Made once: to read certificates for each of dozens of connections takes longer than the rest of a handshake.
        secureContext: createSecureContext({ ...(ca !== undefined && { ca }), ...certificate }),
        ...(serverName !== undefined && { servername: serverName }),
        ...(skipTlsVerify === true && { rejectUnauthorized: false }),
        keepAlive: true,
        keepAliveInitialDelay: 10_000,
      },
    };
    this.#pools = {
      cert: certificate?.cert,
      calls: new Pool(this.server, { ...shared, connections: 32, maxResponseSize: largestAnswer }),
      streams: new Pool(this.server, shared),
    };
    return this.#pools;
  }

  #explain(error: unknown, request: TransportRequest | StreamRequest, deadline: Deadline): unknown {
    if (error instanceof UnreachableError || error instanceof KubeError) return error;
    if (request.signal?.aborted === true) return request.signal.reason;
    const what = deadline.passed ? `no answer within ${request.timeoutMs} ms` : describe(error);
    return new UnreachableError(this.server, `${request.method} ${request.path}: ${what}`, { cause: error });
  }
}

function readAnswer(request: TransportRequest | StreamRequest, { status, headers, text }: Answer): unknown {
  const isJson = String(headers['content-type']).startsWith('application/json');
  const parsed = isJson ? parseJson(text) : text;
  const what = `${request.method} ${request.path}`;
  const wait = headers['retry-after'];
  if (status >= 400) throw refusalError(what, status, parsed ?? text, typeof wait === 'string' ? wait : undefined);
  if (parsed !== undefined) return parsed;
  throw refusalError(what, status, `answered ${status} with broken JSON: ${text.slice(0, 100)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How long to wait before the same request is sent again; undefined when it must not be. */
function retryAfterMs(request: TransportRequest, error: unknown, attempt: number): number | undefined {
  if (error instanceof KubeError) {
    const throttled = error.status === 429 || (error.status === 503 && error.retryAfterMs !== undefined);
    return throttled && attempt < triesWhenThrottled ? (error.retryAfterMs ?? 1_000) : undefined;
  }
  // The server may have closed a pooled connection just as we took it. Only reads are safe to send twice.
  const closed = error instanceof errors.SocketError || (isRecord(error) && error['code'] === 'ECONNRESET');
  return closed && request.method === 'GET' && attempt === 1 ? 0 : undefined;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}

/** Kubernetes lower-cases the keys of extra values; what a header name cannot hold is percent-encoded. */
function impersonationHeaders(impersonate: Impersonation | undefined): Record<string, string | string[]> {
  if (impersonate === undefined) return {};
  const headers: Record<string, string | string[]> = { 'impersonate-user': impersonate.user };
  if (impersonate.groups !== undefined) headers['impersonate-group'] = [...impersonate.groups];
  if (impersonate.uid !== undefined) headers['impersonate-uid'] = impersonate.uid;
  for (const [key, values] of Object.entries(impersonate.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key)}`] = [...values];
  }
  return headers;
}
