import type { KubeObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';

/** All namespaces: what a host with `*` among its lattices reads. */
const EVERYWHERE = '*';

/** Opens a store; `undefined` stands for all namespaces. `refused` is to be called when the server says no to it. */
export type OpenStore<T> = (namespace: string | undefined, refused: () => void) => Store<T>;

interface Part<T> {
  readonly store: Store<T>;
  /** Resolves when the API server has said what there is, or that it does not say. */
  readonly answered: Promise<unknown>;
}

/**
 * The objects of one kind in the lattices that this host serves: one watch for each of their namespaces, so that a host
 * needs rights in those alone, or one watch for all.
 */
export class LatticeObjects<T extends KubeObject> {
  readonly #open: OpenStore<T>;
  readonly #parts = new Map<string, Part<T>>();
  readonly #changed = new Set<(key: string) => void>();
  readonly #served = Promise.withResolvers<void>();
  /** Namespaces that were left, until those that were entered with them have answered. */
  readonly #leaving = new Map<string, Part<T>>();

  constructor(open: OpenStore<T>) {
    this.#open = open;
  }

  /** Makes these the lattices that are served. Resolves when nothing of the others is left. */
  async serve(lattices: readonly string[]): Promise<void> {
    const wanted = new Set(lattices.includes(EVERYWHERE) ? [EVERYWHERE] : lattices);
    for (const lattice of wanted) if (!this.#parts.has(lattice)) this.#enter(lattice);
    for (const [lattice, part] of this.#parts) {
      if (wanted.has(lattice)) continue;
      this.#parts.delete(lattice);
      this.#leaving.set(lattice, part);
    }
    this.#served.resolve();
    const left = [...this.#leaving];
    if (left.length === 0) return;
    // What is in both is not to vanish in between.
    await this.answered();
    for (const [lattice, part] of left) if (this.#leaving.get(lattice) === part) await this.#leave(lattice, part);
  }

  /** Resolves when it is known which lattices are served, and each of them was answered for. */
  async answered(): Promise<void> {
    await this.#served.promise;
    await Promise.all([...this.#parts.values()].map((part) => part.answered));
  }

  /** What was known before, for lattices that are served already. */
  seed(objects: readonly T[]): void {
    for (const [lattice, { store }] of this.#parts) {
      store.seed(lattice === EVERYWHERE ? objects : objects.filter(({ metadata }) => metadata.namespace === lattice));
    }
  }

  get(key: string): T | undefined {
    for (const { store } of this.#stores()) {
      const object = store.get(key);
      if (object !== undefined) return object;
    }
    return undefined;
  }

  list(): readonly T[] {
    return [...this.#parts.values()].flatMap(({ store }) => store.list());
  }

  keys(): string[] {
    return [...this.#stores()].flatMap(({ store }) => [...store.keys()]);
  }

  /** Calls the handler with the key of every object that is there, then with that of each that changes. */
  onChange(handler: (key: string) => void): void {
    this.#changed.add(handler);
    for (const key of this.keys()) handler(key);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stores()].map(({ store }) => store.close()));
  }

  *#stores(): Iterable<Part<T>> {
    yield* this.#parts.values();
    yield* this.#leaving.values();
  }

  #enter(lattice: string): void {
    const refused = Promise.withResolvers<void>();
    const store = this.#open(lattice === EVERYWHERE ? undefined : lattice, refused.resolve);
    const synced = store.synced.catch(() => undefined);
    this.#parts.set(lattice, { store, answered: Promise.race([synced, refused.promise]) });
    store.onChange((key) => this.#tell(key));
  }

  async #leave(lattice: string, { store }: Part<T>): Promise<void> {
    this.#leaving.delete(lattice);
    await store.close();
    for (const key of store.keys()) this.#tell(key);
  }

  #tell(key: string): void {
    for (const handler of this.#changed) handler(key);
  }
}
