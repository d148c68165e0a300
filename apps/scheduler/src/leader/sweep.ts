import { keyOf, type PlacementObject } from '@kasmcloud/kube-api';
import type { ClusterJob } from '@kasmcloud/wire';

/** Placements that are asked for again in one sweep: about what the writers of one cluster can do until the next. */
const MOST = 1_000;

/**
 * Finds what a lost queue forgot: Placements whose member does not hold the last decision yet, and did not hold it at the
 * last sweep either. What is only waiting for its turn is asked for again at the most once in a sweep, oldest first.
 */
export class Sweep {
  /** By key of the Placement: the epoch that lagged. */
  #lagging = new Map<string, number>();

  jobs(placements: readonly PlacementObject[]): ClusterJob[] {
    const now = placements.filter(({ spec, status }) => status?.appliedEpoch !== spec.epoch);
    const due = now
      .filter((placement) => this.#lagging.get(keyOf(placement)) === placement.spec.epoch)
      .toSorted((a, b) => a.spec.epoch - b.spec.epoch)
      .slice(0, MOST);
    this.#lagging = new Map(now.map((placement) => [keyOf(placement), placement.spec.epoch]));
    const lattices = Map.groupBy(due, ({ metadata, spec }) => `${spec.cluster}/${metadata.namespace}`);
    return [
      ...[...lattices.values()].flatMap(([first]) => (first === undefined ? [] : [latticeJob(first)])),
      ...due.map(placementJob),
    ];
  }
}

const latticeJob = ({ metadata, spec }: PlacementObject): ClusterJob => ({
  kind: 'lattice',
  cluster: spec.cluster,
  namespace: metadata.namespace ?? '',
});

const placementJob = ({ metadata, spec }: PlacementObject): ClusterJob => ({
  kind: 'placement',
  cluster: spec.cluster,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});
