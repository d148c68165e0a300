import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { Engine, place, type Distribution, type Host, type Plan, type Snapshot } from '../../index.ts';
import { Dice } from '../effort.fixture.ts';
import { applied, hostOf, pathOf, wish, worldOf, type Spec } from '../world.fixture.ts';
import { busyWorlds, snapshotOf, worlds, type World } from '../invariants/worlds.fixture.ts';

/** Plans for the same worlds on every run, by what they are about. */
export const recordings: Readonly<Record<string, () => unknown[]>> = {
  'small worlds': () => sampled(worlds, 250, 11).map((world) => place(snapshotOf(world))),
  'distributions that look at each other': () => sampled(busyWorlds, 400, 12).map((world) => cycles(snapshotOf(world))),
  'changes, one after the other': () => pairs(sampled(busyWorlds, 300, 13)).map(story),
  'failures, bounds and budgets': () =>
    sampled(busyWorlds, 400, 14).map((world, i) => cycles(troubled(snapshotOf(world), new Dice(i)))),
  'many hosts, many replicas': () => Array.from({ length: 60 }, (_, i) => cycles(wideWorld(new Dice(i)))),
};

const sampled = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number, seed: number): T[] =>
  fc.sample(arbitrary, { numRuns, seed });

const pairs = <T>(list: readonly T[]): [T, T][] =>
  list.flatMap((one, i): [T, T][] => {
    const next = list[i + 1];
    return i % 2 === 0 && next !== undefined ? [[one, next]] : [];
  });

/** A plan, and what is planned once it is carried out. */
function cycles(snapshot: Snapshot): Plan[] {
  const plan = place(snapshot);
  return [plan, place(applied(snapshot, plan))];
}

/** An engine to which the hosts and wishes of another world happen, one at a time. */
function story([first, second]: [World, World]): Plan[] {
  const start = snapshotOf(first);
  const engine = new Engine(start);
  const plans = [engine.plan()];
  for (const host of second.hosts) {
    const before = start.hosts.find((one) => pathOf(one) === pathOf(host));
    // Some only change what they offer, others come, or come with other labels.
    const news = before === undefined ? host : { ...before, allocatable: host.allocatable, state: host.state };
    plans.push(engine.apply({ hosts: [news] }));
  }
  for (const one of second.wishes)
    plans.push(engine.preview([wish(one)]), engine.apply({ distributions: [wish(one)] }));
  const [gone] = first.wishes;
  if (gone !== undefined) plans.push(engine.apply({ removed: { distributions: [wish(gone).key] } }));
  return [...plans, engine.plan()];
}

/** The same world with what else may have happened: failed starts, returns, quotas, ports, budgets, hosts nobody sees. */
function troubled(snapshot: Snapshot, dice: Dice): Snapshot {
  const rarely = (): boolean => dice.between(0, 3) === 0;
  const ports = (): string[] => (rarely() ? [dice.pick(['80', '443'])] : []);
  const distributions = snapshot.distributions.map((one): Distribution => {
    const current = one.current.map((each) => ({
      ...each,
      ...(rarely() && { failed: dice.between(1, 2) }),
      ...(rarely() && { returned: dice.between(1, 3) }),
    }));
    const [place = { cluster: 'eu', host: 'a' }] = current;
    const ghost = rarely() ? [{ cluster: 'eu', host: 'unseen', replicas: dice.between(1, 3) }] : [];
    return {
      ...one,
      current: [...current, ...ghost],
      ports: ports(),
      reconnect: dice.pick(['BestScore', 'KeepOriginal', 'KeepReplacement']),
      suspended: dice.between(0, 9) === 0,
      ...(rarely() && { moveBudget: dice.between(0, 3) }),
      ...(rarely() && { converge: true, minImprovement: dice.pick([0, 0, 20, 60]) }),
      ...(rarely() && {
        avoid: [{ revision: one.revision, cluster: place.cluster, ...(rarely() ? {} : { host: place.host }) }],
      }),
    };
  });
  const clusters = snapshot.clusters.map((one) => (rarely() ? { ...one, reach: 'Unreachable' as const } : one));
  const hosts = snapshot.hosts.map((one) => ({ ...one, ports: ports() }));
  const bounds = { name: 'default', maxPriority: dice.between(0, 2), quota: { instances: dice.between(0, 12) } };
  return { ...snapshot, clusters, hosts, distributions, ...(rarely() && { namespaces: [bounds] }) };
}

/** Sixty hosts in six clusters of three regions, and a few distributions of up to three hundred replicas. */
function wideWorld(dice: Dice): Snapshot {
  const hosts = Array.from({ length: 60 }, (_, i): Host => {
    const cluster = `c${i % 6}`;
    return hostOf(`${cluster}/h${i}`, {
      allocatable: { instances: dice.between(0, 40), memory: 1000 * dice.between(0, 60) },
      labels: {
        [labels.region]: `r${i % 3}`,
        [labels.zone]: `${cluster}-z${dice.between(0, 2)}`,
        disk: dice.pick(['ssd', 'hdd']),
      },
      state: dice.between(0, 15) === 0 ? 'Lost' : 'Ready',
      unschedulable: dice.between(0, 15) === 0,
    });
  });
  const names = ['p', 'q', 'r', 's'];
  const wishes = names.map((name) => wish({ name, labels: { app: name }, spec: wideSpec(dice) }));
  const snapshot = worldOf(hosts, wishes);
  // Half of the worlds stand already, as others have left them.
  return dice.between(0, 1) === 0 ? snapshot : { ...applied(snapshot, place(snapshot)), hosts: hosts.slice(5) };
}

function wideSpec(dice: Dice): Spec {
  const keys = [labels.region, labels.zone, labels.cluster, labels.hostname] as const;
  const entry = (): NonNullable<DistributionSpec['spread']>[number] => ({
    topologyKey: dice.pick(keys),
    whenUnsatisfiable: dice.pick(['Block', 'Prefer', 'Prefer']),
    ...(dice.between(0, 2) === 0
      ? {
          weights: [
            { value: dice.pick(['r0', 'c1', 'c2-z1']), weight: dice.between(0, 5) },
            { value: '*', weight: 2 },
          ],
        }
      : { maxSkew: dice.between(1, 4) }),
    ...(dice.between(0, 3) === 0 && { maxDomains: dice.between(1, 4) }),
    ...(dice.between(0, 3) === 0 && { min: dice.between(1, 3) }),
    ...(dice.between(0, 3) === 0 && { max: dice.between(3, 40) }),
    ...(dice.between(0, 3) === 0 && { whenDomainFull: 'Block' as const }),
  });
  const ssd = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };
  return {
    replicas: dice.pick([dice.between(0, 9), dice.between(10, 80), dice.between(80, 300)]),
    mode: dice.pick(['Spread', 'Spread', 'Spread', 'Pack', 'Daemon']),
    priority: dice.between(0, 2),
    spread: Array.from({ length: dice.between(0, 3) }, entry),
    ...(dice.between(0, 1) === 0 && { resources: { memory: String(dice.between(1, 4)) } }),
    ...(dice.between(0, 1) === 0 && { maxPerHost: dice.between(1, 9) }),
    ...(dice.between(0, 3) === 0 && { hosts: { preferred: [{ weight: dice.between(-50, 50), ...ssd }] } }),
    ...(dice.between(0, 3) === 0 && { preemption: 'LowerPriority' as const }),
    ...(dice.between(0, 3) === 0 && { stability: { policy: 'Rebalance' as const } }),
    ...(dice.between(0, 4) === 0 && {
      groups: [
        { name: 'ssd', requirements: { disk: 'ssd' }, weight: dice.between(1, 80) },
        { name: 'any', weight: 20 },
      ],
    }),
    ...(dice.between(0, 4) === 0 && {
      antiAffinity: {
        required: [{ topologyKey: labels.hostname, selector: { matchLabels: { app: dice.pick(['p', 'q']) } } }],
      },
    }),
    ...(dice.between(0, 4) === 0 && {
      affinity: {
        preferred: [
          { weight: 30, topologyKey: labels.zone, selector: { matchLabels: { app: dice.pick(['r', 's']) } } },
        ],
      },
    }),
  };
}
