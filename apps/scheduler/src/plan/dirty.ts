/**
 * What the planner has to look at again, as keys that a queue can gather. A key says where to look, never what happened
 * there: the world is read again, and an unknown or doubled key costs a look and changes nothing.
 */
export const dirty = {
  everything: 'everything',
  /** Bounds of all namespaces. */
  namespaces: 'namespaces',
  /** A WasmCloudCluster, whether its member answers, and all its hosts. */
  cluster: (name: string): string => `cluster/${name}`,
  host: (cluster: string, name: string): string => `host/${cluster}/${name}`,
  /** A Distribution and what is stored of it, by `namespace/name`. */
  distribution: (key: string): string => `distribution/${key}`,
  /** Links and config of a namespace: they say which ports its providers take. */
  lattice: (namespace: string): string => `lattice/${namespace}`,
} as const;

/** Dirty keys, sorted by what they are about. */
export interface Dirty {
  readonly everything: boolean;
  readonly namespaces: boolean;
  readonly clusters: ReadonlySet<string>;
  /** By cluster. */
  readonly hosts: ReadonlyMap<string, ReadonlySet<string>>;
  readonly distributions: ReadonlySet<string>;
  readonly lattices: ReadonlySet<string>;
}

/** Sorts keys that {@link dirty} made; any other asks for nothing. */
export function sortDirty(keys: Iterable<string>): Dirty {
  const clusters = new Set<string>();
  const hosts = new Map<string, Set<string>>();
  const distributions = new Set<string>();
  const lattices = new Set<string>();
  const whole = new Set<string>();
  for (const key of keys) {
    const [kind = '', first = '', second = ''] = key.split('/');
    if (kind === 'cluster') clusters.add(first);
    else if (kind === 'distribution') distributions.add(`${first}/${second}`);
    else if (kind === 'lattice') lattices.add(first);
    else if (kind === 'host') hosts.set(first, (hosts.get(first) ?? new Set()).add(second));
    else whole.add(key);
  }
  return {
    everything: whole.has(dirty.everything),
    namespaces: whole.has(dirty.namespaces),
    clusters,
    hosts,
    distributions,
    lattices,
  };
}
