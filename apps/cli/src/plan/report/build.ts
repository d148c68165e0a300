import { createHash } from 'node:crypto';
import { canonicalBytes, plannedCounts, standingCounts, type DistributionPlan, type Plan } from '@kasmcloud/placement';
import type { World } from '../world/world.ts';
import { Departures } from './departures.ts';
import { differences, named } from './differences.ts';
import type { Assignment, Move, PlanReport, SkewReport, UnplacedReplicas } from './report.ts';
import { causesOf } from './causes.ts';
import { Gains, labelsByPath } from './gain.ts';

/** Turns a plan into what is said about it. */
export function buildReport(world: World, plan: Plan): PlanReport {
  const { snapshot } = world;
  const distributions = new Map(snapshot.distributions.map((one) => [one.key, one]));
  const why = new Departures(world);
  const labels = labelsByPath(snapshot);
  const moves = plan.distributions.flatMap((planned) => {
    const distribution = distributions.get(planned.key);
    if (distribution === undefined) return [];
    const before = standingCounts(distribution.current);
    const gains = new Gains(labels, distribution, before);
    const whyMove = why.moved(distribution);
    return differences({
      key: planned.key,
      before,
      after: plannedCounts(planned),
      isDaemon: distribution.mode === 'Daemon',
      whyLeave: (path) => why.forced(distribution, path),
      whyMove,
      whyStop: why.stopped(distribution, planned),
      gainOf: (from, to, replicas) => {
        const gain = gains.take(from, to, replicas);
        return forTheBetter.has(whyMove) ? gain : 0;
      },
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

/** Moves that are made because the division is fairer after them. */
const forTheBetter: ReadonlySet<string> = new Set(['Rebalance', 'SpecChanged']);

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
