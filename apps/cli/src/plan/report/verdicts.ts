import { place, type Cluster, type Distribution, type Host, type Snapshot } from '@kasmcloud/placement';

/** Enough for every group of a distribution to want a replica. */
const MANY = 1_000;

/** Which host may take what, asked of the planner itself. */
export class Verdicts {
  readonly #clusters: ReadonlyMap<string, Cluster>;
  readonly #hosts: ReadonlyMap<string, Host>;

  constructor({ clusters, hosts }: Snapshot) {
    this.#clusters = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    this.#hosts = new Map(hosts.map((host) => [`${host.cluster}/${host.name}`, host]));
  }

  /** The first filter that refuses a host (by `cluster/name`) any replica; undefined when none does. */
  filterOf(distribution: Distribution, path: string): string | undefined {
    const host = this.#hosts.get(path);
    const cluster = host && this.#clusters.get(host.cluster);
    if (host === undefined || cluster === undefined) return undefined;
    const { groups } = distribution;
    const plan = place({
      clusters: [cluster],
      hosts: [host],
      distributions: [
        {
          ...distribution,
          mode: 'Spread',
          replicas: Math.max(1, groups.length) * MANY,
          current: [],
          avoid: [],
          suspended: false,
          // Only what stays unplaced is explained, and a field that is refused keeps everything unplaced.
          refused: [{ reason: 'InvalidSpec', field: '', message: '' }],
        },
      ],
    });
    const filters = (plan.distributions[0]?.unplaced ?? []).flatMap(({ hosts }) => Object.keys(hosts));
    return filters.includes('Eligible') ? undefined : filters[0];
  }
}
