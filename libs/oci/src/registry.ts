import { parseChallenge } from './challenge.ts';
import { findCredentials, type CredentialEntry, type Credentials } from './credentials.ts';
import { OciError } from './error.ts';
import { formatReference, type ImageReference } from './reference.ts';
import { basicHeader, fetchToken, TokenError } from './token.ts';

export interface RegistryOptions {
  /** Registries that are spoken to in plain HTTP. */
  readonly insecure: ReadonlySet<string>;
  /** How long a registry may take to begin its answer. */
  readonly answerMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export interface RegistryRequest {
  readonly reference: ImageReference;
  /** After `/v2/<repository>/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: readonly CredentialEntry[];
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 5;
/** docker.io is a name; its API is elsewhere. */
const apiHosts: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** Asks registries over HTTP (OCI distribution specification 1.1), and proves who asks when they want to know. */
export class RegistryClient {
  readonly #options: RegistryOptions;
  /** By registry, repository and credentials. */
  readonly #headers = new Map<string, { readonly header: string; readonly endsAt: number }>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** An answer with status 200 or 206. @throws {OciError} NotFound, Unauthorized, Unreachable, Refused */
  async get(request: RegistryRequest): Promise<Response> {
    const { reference, path } = request;
    const image = formatReference(reference);
    const scheme = this.#options.insecure.has(reference.registry) ? 'http' : 'https';
    const host = apiHosts[reference.registry] ?? reference.registry;
    const url = new URL(`${scheme}://${host}/v2/${reference.repository}/${path}`);
    const credentials = findCredentials(request.credentials, reference);
    const key = `${reference.registry}/${reference.repository} ${JSON.stringify(credentials)}`;
    const known = this.#headers.get(key);
    const first = known !== undefined && known.endsAt > this.#options.now() ? known.header : undefined;
    let response = await this.#fetch(url, request, image, first);
    if (response.status === 401) {
      const header = await this.#authorize(response, request, image, credentials, key);
      response = await this.#fetch(url, request, image, header);
    }
    if (response.status === 200 || response.status === 206) return response;
    await response.body?.cancel();
    throw refusalOf(response.status, image, url);
  }

  async #authorize(
    response: Response,
    { reference, signal }: RegistryRequest,
    image: string,
    credentials: Credentials | undefined,
    key: string,
  ): Promise<string> {
    await response.body?.cancel();
    const challenge = parseChallenge(response.headers.get('www-authenticate') ?? '');
    const { registry, repository } = reference;
    const told = credentials === undefined ? 'and no credentials for it are known here' : 'with the credentials given';
    const unauthorized = (why: string, cause?: unknown): OciError =>
      new OciError('Unauthorized', image, `${registry} wants to know who asks, ${told}: ${why}`, { cause });
    if (challenge?.scheme === 'basic') {
      const header = basicHeader(credentials);
      if (header === undefined) throw unauthorized('it takes a user name and a password');
      return header;
    }
    if (challenge === undefined) throw unauthorized('its challenge is neither Basic nor Bearer');
    const allowHttp = this.#options.insecure.has(registry);
    try {
      const late = AbortSignal.any([signal, AbortSignal.timeout(this.#options.answerMs)]);
      const token = await fetchToken(challenge, repository, credentials, { allowHttp, signal: late });
      this.#headers.set(key, { header: token.header, endsAt: this.#options.now() + token.lifeMs / 2 });
      return token.header;
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof TokenError) throw unauthorized(cause.message, cause);
      throw unreachable(image, new URL(challenge.realm), cause);
    }
  }

  /** Redirects are followed here: the registry's authorization is for the registry alone, and https stays https. */
  async #fetch(
    url: URL,
    { headers, signal }: RegistryRequest,
    image: string,
    authorization: string | undefined,
  ): Promise<Response> {
    let at = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const isOwn = at.origin === url.origin && authorization !== undefined;
      const response = await this.#answer(at, { ...headers, ...(isOwn && { authorization }) }, signal, image);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      const next = URL.canParse(location, at) ? new URL(location, at) : undefined;
      if (next === undefined || (next.protocol !== 'https:' && next.protocol !== url.protocol)) {
        throw new OciError('Refused', image, `${url.host} leads from ${url.protocol} to ${next?.protocol ?? location}`);
      }
      at = next;
    }
    throw new OciError('Unreachable', image, `${url.host} leads on more than ${MAX_REDIRECTS} times`);
  }

  /** Tries twice: a kept connection may have been closed by the registry while nothing was asked. */
  async #answer(url: URL, headers: Record<string, string>, signal: AbortSignal, image: string): Promise<Response> {
    try {
      return await this.#answerOnce(url, headers, signal);
    } catch {
      signal.throwIfAborted();
    }
    try {
      return await this.#answerOnce(url, headers, signal);
    } catch (cause) {
      signal.throwIfAborted();
      throw unreachable(image, url, cause);
    }
  }

  async #answerOnce(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const { answerMs } = this.#options;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${answerMs} ms`)), answerMs);
    try {
      return await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.any([signal, late.signal]) });
    } finally {
      clearTimeout(timer);
    }
  }
}

function refusalOf(status: number, image: string, url: URL): OciError {
  if (status === 401 || status === 403) {
    return new OciError('Unauthorized', image, `${url.host} answered ${status}: these credentials may not pull it`);
  }
  if (status === 404) return new OciError('NotFound', image, `${url.host} does not have it`);
  return new OciError('Unreachable', image, `${url.host} answered ${status}`);
}

function unreachable(image: string, url: URL, cause: unknown): OciError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = inner instanceof Error ? inner.message : String(inner);
  return new OciError('Unreachable', image, `${url.host} cannot be reached: ${why}`, { cause });
}
