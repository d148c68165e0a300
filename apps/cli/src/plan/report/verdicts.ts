import { place, type Cluster, type Distribution, type Host, type Snapshot } from '@kasmcloud/placement';

/** Enough for every group of a distribution to want a replica. */
const MANY = 1_000;

export interface Verdict {
  /** The first filter that refuses the host any new replica; undefined when none does. */
  readonly filter: string | undefined;
  /** Whether a replica that runs there may stay. */
  readonly stays: boolean;
}

/** What a host may do for a distribution, asked of the planner itself with a world of that host alone. */
export class Verdicts {
  readonly #clusters: ReadonlyMap<string, Cluster>;
  readonly #hosts: ReadonlyMap<string, Host>;

  constructor({ clusters, hosts }: Snapshot) {
    this.#clusters = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    this.#hosts = new Map(hosts.map((host) => [`${host.cluster}/${host.name}`, host]));
  }

  /** Of the host at `cluster/name`; undefined when there is no such host. */
  of(distribution: Distribution, path: string): Verdict | undefined {
    const host = this.#hosts.get(path);
    const cluster = host && this.#clusters.get(host.cluster);
    if (host === undefined || cluster === undefined) return undefined;
    const question: Distribution = {
      ...distribution,
      mode: 'Spread',
      replicas: Math.max(1, distribution.groups.length) * MANY,
      current: [{ cluster: host.cluster, host: host.name, replicas: 1 }],
      avoid: [],
      suspended: false,
      moveBudget: Infinity,
      // Only what stays unplaced is explained, and a field that is refused keeps everything unplaced.
      refused: [{ reason: 'InvalidSpec', field: '', message: '' }],
    };
    const [planned] = place({ clusters: [cluster], hosts: [host], distributions: [question] }).distributions;
    const filters = (planned?.unplaced ?? []).flatMap(({ hosts }) => Object.keys(hosts));
    return {
      filter: filters.includes('Eligible') ? undefined : filters[0],
      stays: (planned?.placed ?? 0) > 0,
    };
  }
}
