import { keyOf, type DistributionObject, type PlacementObject } from '@kasmcloud/kube-api';
import type { ClusterJob } from '@kasmcloud/wire';
import { named } from '../dispatch/link-secrets.ts';
import { distributionKey } from '../plan/decided.ts';
import type { Hub } from '../plan/hub.ts';

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
    return [...latticeJobs(due), ...due.map(placementJob)];
  }
}

/** Placements and links whose Secrets may have changed on the hub: nobody may watch Secrets, so they are looked at now and then. */
export function carryingJobs(hub: Pick<Hub, 'clusters' | 'placements' | 'distributions' | 'links'>): ClusterJob[] {
  const carrying = new Set(
    hub.clusters.list().flatMap(({ metadata, spec }) => (spec.secrets === 'Carry' ? [metadata.name] : [])),
  );
  if (carrying.size === 0) return [];
  const here = hub.placements.list().filter(({ spec }) => carrying.has(spec.cluster) && spec.hosts.length > 0);
  const linked = new Set(hub.links.list().flatMap((link) => (named(link).length > 0 ? [link.metadata.namespace] : [])));
  return [
    ...latticeJobs(here.filter(({ metadata }) => linked.has(metadata.namespace))),
    ...here.filter((placement) => namesSecrets(hub.distributions.get(distributionKey(placement)))).map(placementJob),
  ];
}

const namesSecrets = (distribution: DistributionObject | undefined): boolean =>
  [distribution?.spec.actor, distribution?.spec.provider, ...(distribution?.spec.overrides ?? [])].some(
    (one) => (one?.secrets ?? []).length > 0,
  );

/** One job for each lattice in each cluster that the Placements are in. */
function latticeJobs(placements: readonly PlacementObject[]): ClusterJob[] {
  const lattices = Map.groupBy(placements, ({ metadata, spec }) => `${spec.cluster}/${metadata.namespace}`);
  return [...lattices.values()].flatMap(([first]) => (first === undefined ? [] : [latticeJob(first)]));
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
