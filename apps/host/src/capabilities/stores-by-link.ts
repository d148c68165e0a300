import { ByLink, type CapabilityLink, type Origin } from './capability.ts';

/** What of a link's config its store is made from, and how. Links whose `of` is the same have the same store. */
export interface StorePlan<T> {
  readonly of: string;
  readonly open: () => Promise<T>;
}

export interface StoresOptions<T> {
  /** Id of the provider. */
  readonly id: string;
  /** Whether stores stay when no link needs them any more, as long as the provider does. */
  readonly keepsUnused: boolean;
  /** @throws CapabilityConfigError */
  plan(link: CapabilityLink): StorePlan<T>;
}

/** The stores behind the links of one provider, opened and closed as the links come and go. */
export class StoresByLink<T extends { close(): Promise<void> }> {
  readonly #options: StoresOptions<T>;
  readonly #links: ByLink<T>;
  #stores = new Map<string, T>();

  constructor(options: StoresOptions<T>) {
    this.#options = options;
    this.#links = new ByLink(options.id);
  }

  /** @throws what `plan` and `open` do; the links that are right are served all the same */
  async update(links: readonly CapabilityLink[]): Promise<void> {
    const { keepsUnused } = this.#options;
    const before = this.#stores;
    const stores = new Map<string, T>();
    const opened: [CapabilityLink, T][] = [];
    let refusal: unknown;
    for (const link of links) {
      try {
        const { of, open } = this.#options.plan(link);
        const store = stores.get(of) ?? before.get(of) ?? (await open());
        stores.set(of, store);
        opened.push([link, store]);
      } catch (error) {
        refusal ??= error;
      }
    }
    this.#links.replace(opened);
    this.#stores = keepsUnused ? new Map([...before, ...stores]) : stores;
    const unused = [...before].filter(([of]) => !this.#stores.has(of));
    await Promise.all(unused.map(([, store]) => store.close()));
    if (refusal !== undefined) throw refusal;
  }

  /** The store of whoever calls. @throws UnknownLinkError, the signal's reason */
  find(origin: Origin, signal: AbortSignal): Promise<T> {
    return this.#links.find(origin, signal);
  }

  async close(): Promise<void> {
    this.#links.replace([]);
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
  }
}
