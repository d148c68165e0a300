/** B4, B5, B7, B8, B9, B11, B13: a world that stands, and something that happens to it. */
import { labels } from '@kasmcloud/kube-api';
import {
  Engine,
  movesToRepair,
  place,
  readDistribution,
  type Cluster,
  type Distribution,
  type Host,
  type Plan,
  type Snapshot,
} from '@kasmcloud/placement';
import { faultsOf, sharesOf } from './checker.ts';
import { fleetOf, standard, type FleetSize } from './fleet.ts';
import { placeGreedily } from './greedy.ts';
import { randomOf } from './random.ts';
import { rowOf, SEEDS, tailOf, timed, type Row, type Sample } from './rows.ts';

const LOSSES_PER_SEED = 60;
/** Losses before those that count. */
const WARMING = 20;

/** Every distribution as the plan has it, for the checker. */
const merged = (before: Plan, changed: Plan): Plan => {
  const now = new Map(changed.distributions.map((one) => [one.key, one]));
  return { distributions: before.distributions.map((one) => now.get(one.key) ?? one) };
};

const movesOf = ({ distributions }: Plan): number => distributions.reduce((sum, { moves }) => sum + moves.count, 0);

/** Replicas that stood on some hosts, and so the fewest that must move. */
const lostIn = ({ distributions }: Plan, isLost: (path: string) => boolean): number =>
  distributions.reduce(
    (sum, one) => [...sharesOf(one)].reduce((inner, [path, count]) => inner + (isLost(path) ? count : 0), sum),
    0,
  );

/** What the plain loop takes for as many replicas, one distribution for each ten. */
const greedyMs = ({ hosts, distributions }: Snapshot, replicas: number): number => {
  const few = distributions.slice(0, Math.ceil(replicas / 10)).map((one) => ({ ...one, replicas: 10 }));
  return timed(() => placeGreedily(hosts, few)).ms;
};

/** One host after the other is lost, and comes back empty. */
function loseHosts(name: string, size: FleetSize): Row[] {
  const samples: Sample[] = [];
  for (const seed of SEEDS) {
    const snapshot = fleetOf(size, seed);
    const engine = new Engine(snapshot);
    const random = randomOf(seed);
    // A world that stands has seen changes before.
    for (let i = 0; i < WARMING; i++) {
      const host = snapshot.hosts[random(snapshot.hosts.length)];
      if (host === undefined) continue;
      engine.apply({ hosts: [{ ...host, state: 'Lost' }] });
      engine.apply({ hosts: [host] });
    }
    for (let i = 0; i < LOSSES_PER_SEED; i++) {
      const host = snapshot.hosts[random(snapshot.hosts.length)];
      if (host === undefined) continue;
      const before = engine.plan();
      const lost: Host = { ...host, state: 'Lost' };
      const path = `${host.cluster}/${host.name}`;
      const { ms, result } = timed(() => engine.apply({ hosts: [lost] }));
      const needed = lostIn(before, (one) => one === path);
      const hosts = snapshot.hosts.map((one) => (one === host ? lost : one));
      const isFirst = i % 10 === 0;
      const verified =
        movesOf(result) === needed &&
        (!isFirst || faultsOf({ ...snapshot, hosts }, merged(before, result)).length === 0);
      samples.push({ value: ms, verified });
      engine.apply({ hosts: [host] });
    }
  }
  return [tailOf(name, 'ms', samples, { baseline: greedyMs(fleetOf(size, 1), 10), baselineOn: '10 replicas' })];
}

/** A cluster of 200 hosts is lost. Moves are compared with the replicas that were there. */
function loseCluster(name: string, size: FleetSize): { times: Row; ratio: Row } {
  const times: Sample[] = [];
  const ratios: Sample[] = [];
  for (const seed of [SEEDS[0] ?? 1, ...SEEDS]) {
    const snapshot = fleetOf(size, seed);
    const engine = new Engine(snapshot);
    const [other] = snapshot.clusters;
    const cluster = snapshot.clusters[seed * 7];
    if (cluster === undefined || other === undefined) continue;
    // A world that stands has seen such things before.
    engine.apply({ clusters: [{ ...other, reach: 'Lost' }] });
    engine.apply({ clusters: [other] });
    const before = engine.plan();
    const lost: Cluster = { ...cluster, reach: 'Lost' };
    const { ms, result } = timed(() => engine.apply({ clusters: [lost] }));
    const needed = lostIn(before, (path) => path.startsWith(`${cluster.name}/`));
    const hosts = snapshot.hosts.map((one): Host => (one.cluster === cluster.name ? { ...one, state: 'Lost' } : one));
    const verified = faultsOf({ ...snapshot, hosts }, merged(before, result)).length === 0;
    times.push({ value: ms, verified });
    ratios.push({ value: movesOf(result) / needed, verified });
  }
  const baseline = greedyMs(fleetOf(size, 1), 2000);
  return {
    times: rowOf(name, 'ms', times, { baseline, baselineOn: '2,000 replicas' }),
    ratio: rowOf('B7', 'ratio', ratios.slice(1)),
  };
}

export const b4 = (): Row[] => loseHosts('B4', standard);
export const b4Shapes = (): Row[] => loseHosts('B4-shapes', { ...standard, demands: 1000 });
export const b5Shapes = (): Row[] => [loseCluster('B5-shapes', { ...standard, demands: 1000 }).times];

export function b5AndB7(): Row[] {
  const { times, ratio } = loseCluster('B5', standard);
  return [times, ratio];
}

/** Zones out of balance, as much room as they like: moves over the closed form of the fewest. */
export function b8(): Row[] {
  const samples = SEEDS.map((seed): Sample => {
    const random = randomOf(seed);
    let moves = 0;
    let fewest = 0;
    for (let i = 0; i < 100; i++) {
      const held = Array.from({ length: 3 + random(5) }, () => random(12));
      const hosts = held.map((_, zone) => zoneHost(zone));
      const current = held.flatMap((replicas, zone) =>
        replicas === 0 ? [] : [{ cluster: 'c', host: `h${zone}`, replicas }],
      );
      const replicas = held.reduce((a, b) => a + b, 0);
      const spec = { actor: { id: 'a', image: 'registry/a:1' }, replicas, spread: [{ topologyKey: labels.zone }] };
      const facts = { namespace: 'n', name: 'd', revision: 'r', current, changed: true };
      const clusters: Cluster[] = [{ name: 'c', labels: {}, taints: [], unschedulable: false, reach: 'Reachable' }];
      moves += movesOf(place({ clusters, hosts, distributions: [readDistribution(spec, facts)] }));
      fewest +=
        movesToRepair(
          held,
          held.map(() => 1000),
          1,
        ) ?? NaN;
    }
    return { value: moves / fewest, verified: moves === fewest };
  });
  return [rowOf('B8', 'ratio', samples)];
}

const zoneHost = (zone: number): Host => ({
  name: `h${zone}`,
  cluster: 'c',
  labels: { [labels.zone]: `z${zone}` },
  taints: [],
  unschedulable: false,
  lattices: ['*'],
  interfaces: [],
  state: 'Ready',
  allocatable: { instances: 1000 },
  foreign: {},
});

/** Every distribution asks for a tenth more: replicas that leave where they were. */
export function b9(): Row[] {
  const samples = SEEDS.map((seed): Sample => {
    const snapshot = fleetOf(standard, seed);
    const engine = new Engine(snapshot);
    const before = engine.plan();
    const distributions = standing(snapshot, before).map((one) => ({ ...one, replicas: 110 }));
    const after = engine.apply({ distributions });
    const now = new Map(after.distributions.map((one) => [one.key, new Map(sharesOf(one))]));
    const left = before.distributions.reduce(
      (sum, one) =>
        [...sharesOf(one)].reduce(
          (inner, [path, count]) => inner + Math.max(0, count - (now.get(one.key)?.get(path) ?? 0)),
          sum,
        ),
      0,
    );
    const grown = { ...snapshot, distributions };
    return { value: left, verified: left === 0 && faultsOf(grown, after).length === 0 };
  });
  return [rowOf('B9', 'moves', samples)];
}

/** 10,000 distributions are told again, all as they stand: nothing is to be written. */
export function b11(): Row[] {
  const size = { ...standard, distributions: 10_000, replicas: 10 };
  const samples = [SEEDS[0] ?? 1, ...SEEDS].map((seed): Sample => {
    const snapshot = fleetOf(size, seed);
    const engine = new Engine(snapshot);
    const distributions = standing(snapshot, engine.plan());
    const { ms, result } = timed(() => engine.apply({ distributions }));
    return { value: ms, verified: movesOf(result) === 0 && result.distributions.length === 0 };
  });
  return [rowOf('B11', 'ms', samples)];
}

/** What would become of one more distribution of 100 replicas? */
export function b13(): Row[] {
  const samples: Sample[] = [];
  for (const seed of SEEDS) {
    const snapshot = fleetOf(standard, seed);
    const engine = new Engine(snapshot);
    const before = engine.plan();
    for (let i = 0; i < LOSSES_PER_SEED; i++) {
      const like = snapshot.distributions[i];
      if (like === undefined) continue;
      const extra: Distribution = { ...like, key: `new/d${i}`, namespace: 'new' };
      const { ms, result } = timed(() => engine.preview([extra]));
      samples.push({
        value: ms,
        verified: result.distributions.some(({ key, placed }) => key === extra.key && placed === extra.replicas),
      });
    }
    const after = engine.plan();
    const isSame = JSON.stringify(after) === JSON.stringify(before);
    samples.push({ value: 0, verified: isSame });
  }
  return [tailOf('B13', 'ms', samples, { baseline: greedyMs(fleetOf(standard, 1), 100), baselineOn: '100 replicas' })];
}

function standing({ distributions }: Snapshot, plan: Plan): Distribution[] {
  const plans = new Map(plan.distributions.map((one) => [one.key, one]));
  return distributions.map((one) => ({
    ...one,
    current: (plans.get(one.key)?.clusters ?? []).flatMap(({ cluster, hosts }) =>
      hosts.map((share) => ({ cluster, ...share })),
    ),
  }));
}
