/** B1, B2, B3, B10, B15: everything placed from nothing. */
import { place, type Plan, type Snapshot } from '@kasmcloud/placement';
import { faultsOf, regionSkews } from './checker.ts';
import { fleetOf, standard, type FleetSize } from './fleet.ts';
import { placeGreedily } from './greedy.ts';
import { rowOf, SEEDS, timed, type Row, type Sample } from './rows.ts';

const replicasOf = ({ distributions }: Snapshot): number => distributions.reduce((sum, one) => sum + one.replicas, 0);

/** Nothing is wrong, and those that must be level over the regions are. */
export function isRight(snapshot: Snapshot, plan: Plan): boolean {
  const level = new Set(
    snapshot.distributions.flatMap((one) =>
      one.spread[0]?.block === true && one.affinity.required.length === 0 ? [one.key] : [],
    ),
  );
  const skewOf = regionSkews(snapshot);
  const uneven = plan.distributions.filter((one) => level.has(one.key) && skewOf(one) > 1);
  const faults = [...faultsOf(snapshot, plan), ...uneven.map(({ key }) => `${key} is uneven`)];
  for (const fault of faults.slice(0, 3)) console.error(fault);
  return faults.length === 0;
}

/** One cold run, a few in which the compiler warms up, and five that count, each with its own seed; per second, of `countOf` a world. */
function solve(size: FleetSize, countOf: (snapshot: Snapshot) => number): Sample[] {
  const solveOnce = (seed: number): Sample => {
    const snapshot = fleetOf(size, seed);
    const { ms, result } = timed(() => place(snapshot));
    return { value: (1000 * countOf(snapshot)) / ms, verified: isRight(snapshot, result) };
  };
  const cold = solveOnce(SEEDS[0] ?? 1);
  for (const seed of WARMING) solveOnce(seed);
  return [cold, ...SEEDS.map(solveOnce)];
}

const WARMING = [6, 7, 8, 9];

/** Placements per second of the plain loop, on a few distributions: each replica costs it the same. */
function greedyRate(size: FleetSize): number {
  const { hosts, distributions } = fleetOf(size, 1);
  const few = distributions.slice(0, Math.max(2, Math.ceil(200 / size.replicas)));
  const { ms, result } = timed(() => placeGreedily(hosts, few));
  return (1000 * result) / ms;
}

const sampled = { baselineOn: 'the first 200 replicas' };

export function b1(): Row[] {
  const size = standard;
  return [rowOf('B1', 'placements/s', solve(size, replicasOf), { baseline: greedyRate(size), ...sampled })];
}

export function b1Shapes(): Row[] {
  const size = { ...standard, demands: 1000 };
  return [rowOf('B1-shapes', 'placements/s', solve(size, replicasOf), { baseline: greedyRate(size), ...sampled })];
}

export function b2(): Row[] {
  const size = { ...standard, distributions: 10_000, replicas: 10 };
  const samples = solve(size, ({ distributions }) => distributions.length);
  return [rowOf('B2', 'objects/s', samples, { baseline: greedyRate(size) / size.replicas, ...sampled })];
}

export function b3(): Row[] {
  const size = { ...standard, isShy: true };
  return [rowOf('B3', 'placements/s', solve(size, replicasOf), { baseline: greedyRate(size), ...sampled })];
}

/** Memory of the whole process after B1, with the world, the plan and its reasons held. */
export function b10(): Row[] {
  const snapshot = fleetOf(standard, 1);
  const plan = place(snapshot);
  const value = process.memoryUsage().rss / 2 ** 20;
  return [rowOf('B10', 'MB', [{ value, verified: isRight(snapshot, plan) }])];
}

/** A million replicas on 100,000 hosts; the baseline on a hundredth of it, since it takes a hundred times a hundred as long. */
export function b15(): Row[] {
  const size: FleetSize = { clusters: 100, hostsPerCluster: 1000, distributions: 10_000, replicas: 100, demands: 8 };
  const samples = SEEDS.map((seed): Sample => {
    const snapshot = fleetOf(size, seed);
    const { ms, result } = timed(() => place(snapshot));
    const fits = process.memoryUsage().rss < 4 * 2 ** 30;
    return { value: ms / 1000, verified: fits && isRight(snapshot, result) };
  });
  const small = fleetOf({ ...size, hostsPerCluster: 10, distributions: 100 }, 1);
  const { ms } = timed(() => placeGreedily(small.hosts, small.distributions));
  return [rowOf('B15', 's', samples, { baseline: ms / 1000, baselineOn: '1/100 of the instance' })];
}
