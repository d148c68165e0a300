import { createHash } from 'node:crypto';
import {
  canonicalBytes,
  type Current,
  type Distribution,
  type DistributionPlan,
  type Plan,
  type Snapshot,
} from '@kasmcloud/placement';
import type { World } from '../world/world.ts';
import { differences, named, spotOf, type Counts } from './differences.ts';
import type { Assignment, Move, MoveReason, PlanReport, SkewReport, UnplacedReplicas } from './report.ts';
import { causesOf } from './causes.ts';
import { Gains } from './gain.ts';
import { Verdicts } from './verdicts.ts';

/** Turns a plan into what is said about it. */
export function buildReport({ snapshot, leaving }: World, plan: Plan): PlanReport {
  const distributions = new Map(snapshot.distributions.map((one) => [one.key, one]));
  const why = new Departures(snapshot);
  const moves = plan.distributions.flatMap((planned) => {
    const distribution = distributions.get(planned.key);
    if (distribution === undefined) return [];
    const before = countsOf(distribution.current);
    const gains = new Gains(snapshot, distribution, before);
    return differences({
      key: planned.key,
      before,
      after: plannedCounts(planned),
      isDaemon: distribution.mode === 'Daemon',
      isLeaving: leaving.has(planned.key),
      whyLeave: (path) => (leaving.has(planned.key) ? undefined : why.of(distribution, path)),
      gainOf: (from, to, replicas) => gains.take(from, to, replicas),
    });
  });
  const content = {
    assignments: plan.distributions.flatMap(assignmentsOf),
    moves: moves.toSorted((a, b) => phaseOf(a) - phaseOf(b)),
    unplaced: plan.distributions.flatMap(unplacedOf),
    skew: plan.distributions.flatMap(skewOf),
    lowerBoundMoves: plan.distributions.reduce((sum, one) => sum + one.moves.lowerBound, 0),
  };
  return { planHash: createHash('sha256').update(canonicalBytes(content)).digest('hex'), ...content };
}

/** Replicas by `cluster/host`, without zeros. */
export function countsOf(current: readonly Current[]): Counts {
  const counts = new Map<string, number>();
  for (const { cluster, host, replicas } of current) {
    const path = `${cluster}/${host}`;
    if (replicas > 0) counts.set(path, (counts.get(path) ?? 0) + replicas);
  }
  return counts;
}

export const plannedCounts = ({ clusters }: DistributionPlan): Counts =>
  new Map(clusters.flatMap(({ cluster, hosts }) => hosts.map((one) => [`${cluster}/${one.host}`, one.replicas])));

const assignmentsOf = ({ key, clusters }: DistributionPlan): Assignment[] =>
  clusters.flatMap(({ cluster, hosts }) =>
    hosts.map(({ host, replicas }) => ({ ...named(key), cluster, host, replicas })),
  );

function unplacedOf(planned: DistributionPlan): UnplacedReplicas[] {
  const replicas = planned.unplaced.reduce((sum, { count }) => sum + count, 0);
  return replicas === 0 ? [] : [{ ...named(planned.key), replicas, reasons: planned.unplaced.map(causesOf) }];
}

const skewOf = ({ key, skew }: DistributionPlan): SkewReport[] =>
  skew.map(({ topologyKey, value, max }) => ({ ...named(key), topologyKey, value, max: max ?? null }));

/** What ends frees room, what moves needs some, what is new takes the rest. */
const phaseOf = ({ from, to }: Move): number => (to === null ? 0 : from === null ? 2 : 1);

/** Says why replicas had to leave a host. */
class Departures {
  readonly #lostClusters: ReadonlySet<string>;
  readonly #verdicts: Verdicts;

  constructor(snapshot: Snapshot) {
    this.#lostClusters = new Set(snapshot.clusters.filter(({ reach }) => reach === 'Lost').map(({ name }) => name));
    this.#verdicts = new Verdicts(snapshot);
  }

  /** Undefined when they could have stayed. */
  of(distribution: Distribution, path: string): MoveReason | undefined {
    const spot = spotOf(path);
    if (this.#lostClusters.has(spot.cluster)) return 'ClusterLost';
    const verdict = this.#verdicts.of(distribution, path);
    if (verdict === undefined) return 'HostGone';
    if (!verdict.stays) return verdict.filter;
    const failed = distribution.avoid.some(
      ({ cluster, host = spot.host, revision }) =>
        revision === distribution.revision && cluster === spot.cluster && host === spot.host,
    );
    return failed ? 'StartFailed' : undefined;
  }
}
