import { compareText } from '../model/hash.ts';
import type { ClusterPlan, HostShare } from '../model/plan.ts';

/** How one host's number of replicas changes. */
export interface Change {
  readonly cluster: string;
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The changes that turn one division into another. Decreases come first, so that room is free before it is taken:
 * carried out in this order, no prefix overcommits a host. Within each, in order of cluster, then host.
 */
export function diff(current: readonly ClusterPlan[], planned: readonly ClusterPlan[]): Change[] {
  const before = byPath(current);
  const after = byPath(planned);
  const paths = new Map([...before, ...after].map(([path, { cluster, host }]) => [path, { cluster, host }]));
  const changes = [...paths].map(([path, { cluster, host }]) => ({
    cluster,
    host,
    from: before.get(path)?.replicas ?? 0,
    to: after.get(path)?.replicas ?? 0,
  }));
  return changes
    .filter(({ from, to }) => from !== to)
    .toSorted(
      (a, b) =>
        Number(a.to > a.from) - Number(b.to > b.from) ||
        compareText(a.cluster, b.cluster) ||
        compareText(a.host, b.host),
    );
}

function byPath(clusters: readonly ClusterPlan[]): Map<string, HostShare & { cluster: string }> {
  return new Map(
    clusters.flatMap(({ cluster, hosts }) => hosts.map((share) => [`${cluster}/${share.host}`, { cluster, ...share }])),
  );
}
