import { apiVersionOf, type Kind, type KubeObject } from '@kasmcloud/kube-api';
import type {
  AnyObject,
  ApplyOptions,
  CallOptions,
  ClientOptions,
  DeleteOptions,
  Draft,
  Listed,
  ListOptions,
  Parser,
  PatchOptions,
  ReadOptions,
  WatchOptions,
  WriteOptions,
} from './client-options.ts';
import { GoneError, isRecord, KubeError, NotFoundError } from './errors.ts';
import { collectionPath, objectPath, query, type Subresource } from './resource-path.ts';
import type { Impersonation, KubeTarget } from './target.ts';
import { Transport, type TransportRequest } from './transport.ts';
import { watchEvents, type WatchEvent } from './watch.ts';

/**
 * One cluster's API server, over one pool of connections. Every call has a deadline, takes a signal, and throws a
 * typed error: KubeError and its kinds when the server refuses, UnreachableError when it does not answer.
 */
export class KubeClient {
  readonly #transport: Transport;
  readonly #timeoutMs: number;
  readonly #impersonate: Impersonation | undefined;

  constructor(target: KubeTarget | Transport, options: ClientOptions = {}) {
    this.#transport = target instanceof Transport ? target : new Transport(target, options.userAgent ?? 'kasmcloud');
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#impersonate = options.impersonate;
  }

  /** The same cluster and connections with another identity. */
  as(impersonate: Impersonation): KubeClient {
    return new KubeClient(this.#transport, { timeoutMs: this.#timeoutMs, impersonate });
  }

  /** `https://host:port` */
  get server(): string {
    return this.#transport.server;
  }

  /** When the server last sent anything, on `performance.now()`'s scale; undefined before the first byte. */
  get lastContact(): number | undefined {
    return this.#transport.lastContact;
  }

  async get<T extends AnyObject = KubeObject>(
    kind: Kind,
    name: string,
    namespace?: string,
    options: ReadOptions<T> = {},
  ): Promise<T> {
    return this.#send('GET', objectPath(kind, name, namespace), options);
  }

  /** Like `get`, with undefined for an object that is not there. */
  async find<T extends AnyObject = KubeObject>(
    kind: Kind,
    name: string,
    namespace?: string,
    options: ReadOptions<T> = {},
  ): Promise<T | undefined> {
    try {
      return await this.get(kind, name, namespace, options);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** Every object that matches, read page by page. */
  async list<T extends AnyObject = KubeObject>(kind: Kind, options: ListOptions<T> = {}): Promise<Listed<T>> {
    try {
      return await this.#collect(kind, options);
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      // The server forgot the version of the first page before the last was read: take all at once.
      return this.#collect(kind, { ...options, limit: 0 });
    }
  }

  /**
   * The pages of a list, so that a reader of many objects can drop each page before the next. All pages show one
   * version. A list that takes so long that the server forgets its version throws GoneError: begin again.
   */
  async *pages<T extends AnyObject = KubeObject>(
    kind: Kind,
    options: ListOptions<T> = {},
  ): AsyncGenerator<Listed<T>, void, undefined> {
    const { namespace, labelSelector, fieldSelector, limit = 500, parser } = options;
    let next: string | undefined;
    do {
      const search = query({ labelSelector, fieldSelector, limit, continue: next });
      const page = await this.#call('GET', collectionPath(kind, namespace) + search, options);
      if (!isRecord(page) || !Array.isArray(page['items']) || !isRecord(page['metadata'])) {
        throw unexpected(`list of ${kind.plural}`);
      }
      const { resourceVersion, continue: token } = page['metadata'];
      // The server leaves apiVersion and kind out of the items of built-in lists.
      const type = { apiVersion: apiVersionOf(kind), kind: kind.kind };
      const items = page['items'].map((item: unknown) => toObject({ ...type, ...(isRecord(item) && item) }, parser));
      yield { items, resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '' };
      next = typeof token === 'string' && token !== '' ? token : undefined;
    } while (next !== undefined);
  }

  async create<T extends AnyObject = KubeObject>(kind: Kind, object: Draft, options: WriteOptions<T> = {}): Promise<T> {
    const path = collectionPath(kind, object.metadata.namespace) + writeQuery(options);
    return this.#send('POST', path, options, typed(kind, object));
  }

  /** Writes the whole object. With its `resourceVersion`, a write that came between gives ConflictError. */
  async replace<T extends AnyObject = KubeObject>(
    kind: Kind,
    object: Draft,
    options: WriteOptions<T> & { readonly subresource?: Subresource } = {},
  ): Promise<T> {
    return this.#send(
      'PUT',
      pathOf(kind, object, options.subresource) + writeQuery(options),
      options,
      typed(kind, object),
    );
  }

  async replaceStatus<T extends AnyObject = KubeObject>(
    kind: Kind,
    object: Draft,
    options: WriteOptions<T> = {},
  ): Promise<T> {
    return this.replace(kind, object, { ...options, subresource: 'status' });
  }

  /** Server-side apply: the fields told become this manager's; those it told before and no longer tells are removed. */
  async apply<T extends AnyObject = KubeObject>(kind: Kind, object: Draft, options: ApplyOptions<T>): Promise<T> {
    const path = pathOf(kind, object, options.subresource) + writeQuery(options, { force: options.force });
    return this.#send('PATCH', path, options, typed(kind, object), 'application/apply-patch+yaml');
  }

  /** A merge patch (RFC 7396, an object) or a JSON patch (RFC 6902, a list of operations). */
  async patch<T extends AnyObject = KubeObject>(
    kind: Kind,
    name: string,
    namespace: string | undefined,
    patch: object,
    options: PatchOptions<T>,
  ): Promise<T> {
    const path = objectPath(kind, name, namespace, options.subresource) + writeQuery(options);
    return this.#send('PATCH', path, options, patch, `application/${options.type}-patch+json`);
  }

  /** Like `patch`, for whoever does not look at the object as it then is: a good answer is not read. */
  async tell(
    kind: Kind,
    name: string,
    namespace: string | undefined,
    patch: object,
    options: Omit<PatchOptions<KubeObject>, 'parser'>,
  ): Promise<void> {
    const path = objectPath(kind, name, namespace, options.subresource) + writeQuery(options);
    await this.#call('PATCH', path, { ...options, unread: true }, patch, `application/${options.type}-patch+json`);
  }

  /** Merges into the status. With `resourceVersion` in the metadata, a write that came between gives ConflictError. */
  async patchStatus<T extends AnyObject = KubeObject>(
    kind: Kind,
    object: Draft,
    status: object,
    options: WriteOptions<T> = {},
  ): Promise<T> {
    const { resourceVersion } = object.metadata;
    const patch = { ...(resourceVersion !== undefined && { metadata: { resourceVersion } }), status };
    const path = pathOf(kind, object, 'status') + writeQuery(options);
    return this.#send('PATCH', path, options, patch, 'application/merge-patch+json');
  }

  /** True when the object was there. One that is already gone is as good as deleted. */
  async delete(kind: Kind, name: string, namespace?: string, options: DeleteOptions = {}): Promise<boolean> {
    const { uid, resourceVersion, propagation, dryRun } = options;
    const guarded = uid !== undefined || resourceVersion !== undefined;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(guarded && { preconditions: { uid, resourceVersion } }),
      ...(propagation !== undefined && { propagationPolicy: propagation }),
    };
    try {
      await this.#call(
        'DELETE',
        objectPath(kind, name, namespace) + writeQuery({ dryRun: dryRun === true }),
        options,
        body,
      );
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /**
   * What changes after `resourceVersion`. Ends when the server ends it, which it does every few minutes: watch again
   * from the last version seen. Throws GoneError when that version is too old: list again.
   */
  async *watch<T extends AnyObject = KubeObject>(
    kind: Kind,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion,
      bookmarks = true,
      timeoutSeconds = 300,
    } = options;
    const path =
      collectionPath(kind, namespace) +
      query({
        watch: true,
        labelSelector,
        fieldSelector,
        resourceVersion,
        allowWatchBookmarks: bookmarks,
        timeoutSeconds,
      });
    const chunks = this.#transport.stream({
      method: 'GET',
      path,
      impersonate: this.#impersonate,
      timeoutMs: this.#timeoutMs,
      idleMs: options.idleMs ?? 90_000,
      signal: options.signal,
      onOpen: options.onOpen,
    });
    yield* watchEvents<T>(chunks, `GET ${path}`);
  }

  /** Any other request, `/version`, `/readyz` or a review: the answer parsed when it is JSON, text otherwise. */
  async raw(
    method: TransportRequest['method'],
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<unknown> {
    return this.#call(method, path, options, body);
  }

  /** Ends every call and watch, of the clients from `as` too. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #collect<T extends AnyObject>(kind: Kind, options: ListOptions<T>): Promise<Listed<T>> {
    const items: T[] = [];
    let resourceVersion = '';
    for await (const page of this.pages(kind, options)) {
      items.push(...page.items);
      ({ resourceVersion } = page);
    }
    return { items, resourceVersion };
  }

  async #send<T extends AnyObject>(
    method: TransportRequest['method'],
    path: string,
    options: ReadOptions<T>,
    body?: object,
    contentType?: string,
  ): Promise<T> {
    return toObject(await this.#call(method, path, options, body, contentType), options.parser);
  }

  async #call(
    method: TransportRequest['method'],
    path: string,
    options: CallOptions & { readonly unread?: boolean },
    body?: unknown,
    contentType?: string,
  ): Promise<unknown> {
    return this.#transport.call({
      method,
      path,
      ...(body !== undefined && { body }),
      ...(contentType !== undefined && { contentType }),
      impersonate: this.#impersonate,
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
      signal: options.signal,
      ...(options.unread === true && { unread: true }),
    });
  }
}

/** Managed fields are the server's own account; sent back in an apply, they are refused. */
function typed(kind: Kind, object: Draft): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
}

const pathOf = (kind: Kind, { metadata }: Draft, subresource?: Subresource): string =>
  objectPath(kind, metadata.name ?? '', metadata.namespace, subresource);

const writeQuery = (
  options: { readonly dryRun?: boolean; readonly fieldManager?: string },
  more: { readonly force?: boolean | undefined } = {},
): string => query({ dryRun: options.dryRun === true && 'All', fieldManager: options.fieldManager, ...more });

function toObject<T extends AnyObject>(answer: unknown, parser: Parser<T> | undefined): T {
  if (parser !== undefined) return parser.parse(answer);
  // Without a parser the API server's schema is trusted, as every caller that names T does.
  if (isRecord(answer) && isRecord(answer['metadata'])) return answer as unknown as T;
  throw unexpected('object');
}

const unexpected = (wanted: string): KubeError =>
  new KubeError({
    request: wanted,
    status: 200,
    reason: 'UnexpectedAnswer',
    message: `the server answered with something that is no ${wanted}`,
    details: {},
    causes: [],
    retryAfterMs: undefined,
  });
