import type { LatticeConnection } from '@kasmcloud/lattice';
import type { Logger, Tracer } from '@kasmcloud/observe';
import type { ClientTimeouts, Folder, InvokeContext } from '@kasmcloud/wasm';
import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import type { BlobStore } from './blobstore/store.ts';

/** A link's config does not say what the capability needs, or says it wrongly. */
export class CapabilityConfigError extends Error {
  override readonly name = 'CapabilityConfigError';
}

/** One link to a capability, or from it. */
export interface CapabilityLink {
  /** `namespace/name`, for messages. */
  readonly key: string;
  /** Id of the actor at the other end. */
  readonly actor: string;
  readonly name: string;
  readonly interfaces: readonly string[];
  /** The provider's own config, and the link's over it. */
  readonly config: Readonly<Record<string, string>>;
}

/** Who calls, and by which link. */
export interface Origin {
  readonly source: string;
  readonly linkName: string;
}

export type CallContext = Pick<InvokeContext, 'deadlineMs' | 'signal' | 'trace'>;

/** One provider that is built into the host, other than the HTTP server. */
export interface Capability {
  /** Takes the links on as they are now. @throws CapabilityConfigError; the links that are right are served all the same */
  update(incoming: readonly CapabilityLink[], outgoing: readonly CapabilityLink[]): Promise<void>;
  /**
   * Runs a function of its wire interface. Resolves with T of its `result<T, E>`.
   * @throws WitError of E; UnknownLinkError; any other error is a fault
   */
  call(origin: Origin, func: string, args: readonly unknown[], context: CallContext): Promise<unknown>;
  /** Sends a request, where the capability is an HTTP client. @throws HttpCodeError, UnknownLinkError */
  sendHttp?(
    origin: Origin,
    request: HttpRequest,
    timeouts: ClientTimeouts,
    context: CallContext,
  ): Promise<HttpResponse>;
  /** The store of whoever calls, where the capability is a blob store. @throws UnknownLinkError */
  blobs?(origin: Origin, signal: AbortSignal): Promise<BlobStore>;
  /** The folder that a link gives, where the capability is files. @throws UnknownLinkError */
  folder?(origin: Origin, signal: AbortSignal): Promise<Folder>;
  close(): Promise<void>;
}

/** What every capability is made from. */
export interface CapabilityParts {
  readonly lattice: string;
  /** Id of the provider. */
  readonly id: string;
  readonly connection: LatticeConnection;
  readonly callTimeoutMs: number;
  readonly tracer: Tracer;
  readonly log: Logger;
}

/** A call by a link that the capability does not know: the right to it is missing. */
export class UnknownLinkError extends Error {
  override readonly name = 'UnknownLinkError';

  constructor(id: string, { source, linkName }: Origin) {
    super(`${id} has no link "${linkName}" from ${source}`);
  }
}

/**
 * How long a call waits for its link. Whoever calls has seen the link, and this capability is about to: without the wait,
 * requests would be lost whenever a link is turned to another capability.
 */
const LINK_WAIT_MS = 2_000;

/** What links stand for, by their actor and name. */
export class ByLink<T> {
  readonly #id: string;
  #items: ReadonlyMap<string, T> = new Map();
  #changed = Promise.withResolvers<void>();

  constructor(id: string) {
    this.#id = id;
  }

  /** Puts these in the place of all that were there. */
  replace(items: readonly (readonly [CapabilityLink, T])[]): void {
    this.#items = new Map(items.map(([{ actor, name }, item]) => [`${actor} ${name}`, item]));
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** @throws UnknownLinkError, the signal's reason */
  async find(origin: Origin, signal: AbortSignal): Promise<T> {
    const key = `${origin.source} ${origin.linkName}`;
    return this.#items.get(key) ?? this.#awaited(key, origin, signal);
  }

  async #awaited(key: string, origin: Origin, signal: AbortSignal): Promise<T> {
    const late = AbortSignal.timeout(LINK_WAIT_MS);
    const over = Promise.withResolvers<void>();
    const stop = (): void => over.resolve();
    for (const end of [late, signal]) end.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        const item = this.#items.get(key);
        if (item !== undefined) return item;
        signal.throwIfAborted();
        if (late.aborted) throw new UnknownLinkError(this.#id, origin);
        await Promise.race([this.#changed.promise, over.promise]);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** Values of a config by their names in lower case, as providers of wasmCloud 1.x read them. */
export const lowerCased = (config: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key.toLowerCase(), value.trim()]));

/** The items of a list with commas. */
export const itemsOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
