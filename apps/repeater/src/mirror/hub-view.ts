import { builtin, keyOf, labels, WasmCloudLink, type KubeObject, type LinkObject } from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type ChangeHandler, type Index, type KubeClient } from '@kasmcloud/kube';
import type { Clock, Random } from '@kasmcloud/reconcile';
import { configMapName, firstMade, isLattices, latticeNameOf, type ConfigMap, type ConfigNames } from './shapes.ts';

export interface HubViewOptions {
  readonly hub: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: (error: unknown) => void;
}

/** The hub is not known well enough to say that something is not there. */
export class HubUnreadError extends Error {
  override readonly name = 'HubUnreadError';
}

/** The hub does not show in time what was written to it. */
export class HubBehindError extends Error {
  override readonly name = 'HubBehindError';
}

const LOOK_MS = 10;
const SEEN_WITHIN_MS = 10_000;

/** The Links and the config of all lattices, as the hub has them. */
export class HubView {
  readonly links: Store<LinkObject>;
  readonly configMaps: Store<ConfigMap>;
  readonly #clock: Clock;
  /** By `lattice/source`. */
  readonly #linksOf: Index<LinkObject>;
  /** By `lattice/name in the lattice`. */
  readonly #configsOf: Index<ConfigMap>;
  /** What came from a lattice, by its name. */
  readonly #from: Readonly<Record<'links' | 'configMaps', Index<Pick<KubeObject, 'metadata'>>>>;

  constructor({ hub, ...options }: HubViewOptions) {
    this.#clock = options.clock;
    this.links = new Store<LinkObject>({
      ...options,
      client: hub,
      kind: WasmCloudLink,
      keep: (object) => withoutManagedFields(object as LinkObject),
    });
    this.configMaps = new Store<ConfigMap>({
      ...options,
      client: hub,
      kind: builtin.ConfigMap,
      labelSelector: labels.config,
      keep: (object) => {
        const { metadata, data } = withoutManagedFields(object as KubeObject & Partial<ConfigMap>);
        return { metadata, data: data ?? {} };
      },
    });
    this.#linksOf = this.links.index(({ metadata, spec }) => [`${metadata.namespace}/${spec.source}`]);
    this.#from = { links: this.links.index(latticeOf), configMaps: this.configMaps.index(latticeOf) };
    this.#configsOf = this.configMaps.index((one) => [`${one.metadata.namespace}/${latticeNameOf(one)}`]);
  }

  /** @throws HubUnreadError while what is not seen here may be there all the same */
  requireRead(): void {
    for (const store of [this.links, this.configMaps])
      if (!store.hasSynced || !store.reachable)
        throw new HubUnreadError('The links and config of the hub were not read.');
  }

  linksOf(lattice: string, source: string): readonly LinkObject[] {
    return this.#linksOf.get(`${lattice}/${source}`).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  sources(lattice: string): string[] {
    return after(this.#linksOf.values(), `${lattice}/`);
  }

  /** How many objects came from a lattice. */
  countFrom(lattice: string, of: 'links' | 'configMaps'): number {
    return this.#from[of].get(lattice).length;
  }

  /** The ConfigMap of a config; of several the hub's own, and of those the one that was made first. */
  config(lattice: string, name: string): ConfigMap | undefined {
    const found = this.#standing(lattice, name);
    const hubs = found.filter((one) => !isLattices(one));
    return firstMade(hubs.length > 0 ? hubs : found);
  }

  /** What came from the lattice of a config that the hub has a ConfigMap of its own for. */
  overruledConfigs(lattice: string, name: string): readonly ConfigMap[] {
    const found = this.#standing(lattice, name);
    return found.every(isLattices) ? [] : found.filter(isLattices);
  }

  #standing(lattice: string, name: string): ConfigMap[] {
    const found = this.#configsOf.get(`${lattice}/${name}`);
    return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  configs(lattice: string): string[] {
    return after(this.#configsOf.values(), `${lattice}/`);
  }

  names(lattice: string): ConfigNames {
    return {
      inLattice: (configMap) => {
        const found = this.configMaps.get(`${lattice}/${configMap}`);
        return found === undefined ? configMap : latticeNameOf(found);
      },
      onHub: (config) => this.config(lattice, config)?.metadata.name ?? configMapName(config),
    };
  }

  /** Tells the source of every link that is made, changed or removed, and the name of every config. */
  onChange(
    lattice: string,
    told: { readonly link: (source: string) => void; readonly config: (name: string) => void },
  ): () => void {
    const isHere = ({ metadata }: Pick<KubeObject, 'metadata'>): boolean => metadata.namespace === lattice;
    const link: ChangeHandler<LinkObject> = (_, before, now) => {
      for (const one of [before, now]) if (one !== undefined && isHere(one)) told.link(one.spec.source);
    };
    const config: ChangeHandler<ConfigMap> = (_, before, now) => {
      const names = [before, now].flatMap((one) => (one !== undefined && isHere(one) ? [latticeNameOf(one)] : []));
      for (const name of names) told.config(name);
      if (names.length === 0 || (names.length === 2 && names[0] === names[1])) return;
      // Another name for what links may speak of.
      for (const source of this.sources(lattice)) told.link(source);
    };
    const stops = [this.links.onChange(link), this.configMaps.onChange(config)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /**
   * Resolves when what was written is seen here: `written` is the object as the server returned it, or the last that was
   * known of what was deleted.
   * @throws HubBehindError
   */
  async seen(
    of: 'links' | 'configMaps',
    written: Pick<KubeObject, 'metadata'>,
    what: 'there' | 'gone',
    signal: AbortSignal,
  ): Promise<void> {
    const store: Store<Pick<KubeObject, 'metadata'>> = of === 'links' ? this.links : this.configMaps;
    const deadline = this.#clock.steady() + SEEN_WITHIN_MS;
    const key = keyOf(written);
    for (;;) {
      const now = store.get(key)?.metadata;
      const isThere =
        now?.uid === written.metadata.uid && !isBefore(now?.resourceVersion, written.metadata.resourceVersion);
      if (what === 'there' ? isThere || isReplaced(now?.uid, written) : now?.uid !== written.metadata.uid) return;
      if (this.#clock.steady() > deadline) throw new HubBehindError(`The hub does not show ${key} as it was written.`);
      await this.#clock.sleep(LOOK_MS, signal);
      signal.throwIfAborted();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.links.close(), this.configMaps.close()]);
  }
}

/** Another object of the name is there: ours came and went. */
const isReplaced = (uid: string | undefined, { metadata }: Pick<KubeObject, 'metadata'>): boolean =>
  uid !== undefined && uid !== metadata.uid;

const isBefore = (version: string | undefined, than: string | undefined): boolean =>
  version === undefined || BigInt(version) < BigInt(than ?? 0);

const latticeOf = (object: Pick<KubeObject, 'metadata'>): string[] =>
  isLattices(object) ? [object.metadata.namespace ?? ''] : [];

const after = (keys: Iterable<string>, prefix: string): string[] =>
  [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
