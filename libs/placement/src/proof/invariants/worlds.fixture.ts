import { labels } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import type { Cluster, Current, Host, Snapshot } from '../../index.ts';
import { effort, seed } from '../effort.fixture.ts';
import { clusterOf, hostOf, standing, wish, worldOf, type Spec, type Wish } from '../world.fixture.ts';

/** Small random worlds in which every kind of constraint, fault and shortage happens. */

export interface World {
  readonly clusters: readonly Cluster[];
  readonly hosts: readonly Host[];
  readonly wishes: readonly Wish[];
}

export const snapshotOf = ({ clusters, hosts, wishes }: World): Snapshot => worldOf(hosts, wishes.map(wish), clusters);

/** Checks a property on so many random instances, and prints that it held. A failure throws the smallest instance found. */
export function always<T>(title: string, instances: fc.Arbitrary<T>, count: number, holds: (one: T) => void): void {
  const numRuns = Math.max(10, Math.round(count * effort));
  fc.assert(fc.property(instances, holds), { numRuns, seed });
  process.stdout.write(`invariant ${title}: ${numRuns.toLocaleString('en')} worlds, seed ${seed}, 0 mismatches\n`);
}

/** The first value most of the time. */
function often<T>(usual: T, ...rest: T[]): fc.Arbitrary<T> {
  const rare = rest.map((value) => ({ weight: 1, arbitrary: fc.constant(value) }));
  return fc.oneof({ weight: 7, arbitrary: fc.constant(usual) }, ...rare);
}

const clusterNames = ['eu', 'us', 'ap'];
const paths = clusterNames.flatMap((cluster) => ['a', 'b', 'c'].map((name) => `${cluster}/${name}`));

const taints = often<Host['taints']>(
  [],
  [{ key: 'x', effect: 'NoSchedule' }],
  [{ key: 'x', value: 'v', effect: 'NoExecute', ageSeconds: 60 }],
  [{ key: 'x', effect: 'PreferNoSchedule' }],
);

const clusterAt = (name: string): fc.Arbitrary<Cluster> =>
  fc
    .record({
      unschedulable: often(false, true),
      reach: often<Cluster['reach']>('Reachable', 'Unreachable', 'Lost'),
      tier: fc.constantFrom('gold', 'iron'),
      taints: often<Host['taints']>([], [], [{ key: 'x', effect: 'NoSchedule' }]),
    })
    .map(({ tier, ...rest }) => clusterOf(name, { ...rest, labels: { tier } }));

const hostAt = (path: string): fc.Arbitrary<Host> =>
  fc
    .record({
      instances: fc.nat(6),
      memory: fc.nat(6),
      taken: often(0, 1),
      zone: fc.constantFrom('z1', 'z2', 'z3', ''),
      disk: fc.constantFrom('ssd', 'hdd'),
      state: often<Host['state']>('Ready', 'Suspect', 'Lost', 'Unknown'),
      unschedulable: often(false, true),
      taints,
      lattices: often<string[]>(['*'], ['default'], ['other'], []),
      interfaces: often<string[]>(['wasi:http/handler@0.2.1'], []),
    })
    .map(({ instances, memory, taken, zone, disk, ...rest }) =>
      hostOf(path, {
        ...rest,
        allocatable: { instances, memory: memory * 1000 },
        foreign: { instances: taken },
        labels: { disk, ...(zone !== '' && { [labels.zone]: zone }) },
      }),
    );

type Entry = NonNullable<Spec['spread']>[number];

const entry: fc.Arbitrary<Entry> = fc
  .record(
    {
      topologyKey: fc.constantFrom(labels.cluster, labels.zone, labels.hostname),
      maxSkew: fc.integer({ min: 1, max: 3 }),
      weights: fc.constant<NonNullable<Entry['weights']>>([
        { value: 'eu', weight: 2 },
        { value: 'z1', weight: 3 },
        { value: '*', weight: 1 },
      ]),
      min: fc.nat(1),
      max: fc.integer({ min: 1, max: 6 }),
      minDomains: fc.integer({ min: 1, max: 3 }),
      maxDomains: fc.integer({ min: 1, max: 3 }),
      whenUnsatisfiable: fc.constantFrom('Block' as const, 'Prefer' as const),
      whenDomainFull: fc.constantFrom('Block' as const, 'Ignore' as const),
    },
    { requiredKeys: ['topologyKey'] },
  )
  .map(({ weights, maxSkew, ...rest }) => ({
    ...rest,
    ...(weights === undefined ? maxSkew !== undefined && { maxSkew } : { weights }),
  }));

const term = (key: string, ...values: string[]): { matchExpressions: NonNullable<Term> } => ({
  matchExpressions: [{ key, operator: 'In', values }],
});
type Term = NonNullable<NonNullable<Spec['hosts']>['required']>[number]['matchExpressions'];

const spec: fc.Arbitrary<Spec> = fc.record(
  {
    replicas: fc.nat(14),
    mode: often<'Spread' | 'Pack' | 'Daemon'>('Spread', 'Pack', 'Daemon'),
    priority: fc.nat(2),
    resources: often<NonNullable<Spec['resources']>>({}, { memory: '1' }, { memory: '2500m' }),
    spread: fc.array(entry, { maxLength: 2 }),
    maxPerHost: fc.integer({ min: 1, max: 4 }),
    hosts: often<NonNullable<Spec['hosts']>>(
      {},
      { required: [term('disk', 'ssd')] },
      { preferred: [{ weight: 5, ...term('disk', 'hdd') }] },
      { interfaces: ['wasi:http/handler'] },
    ),
    clusters: often<NonNullable<Spec['clusters']>>(
      {},
      { required: [term('tier', 'gold'), term(labels.cluster, 'us')] },
      { tiers: [{ name: 'first', required: [term('tier', 'gold')], overflow: true }, { name: 'rest' }] },
    ),
    groups: fc.constant([
      { name: 'one', requirements: { [labels.zone]: 'z1' }, weight: 60 },
      { name: 'any', weight: 40 },
    ]),
    tolerations: fc.constantFrom<NonNullable<Spec['tolerations']>[]>(
      [{ key: 'x', operator: 'Exists', effect: 'NoSchedule' }],
      [{ operator: 'Exists', seconds: 61 }],
      [{ key: 'x', value: 'v', seconds: 60 }],
    ),
  },
  { requiredKeys: ['replicas'] },
);

const current: fc.Arbitrary<Current[]> = fc
  .subarray([...paths, 'eu/gone'], { maxLength: 5 })
  .chain((chosen) => fc.tuple(...chosen.map((path) => fc.tuple(fc.constant(path), fc.integer({ min: 1, max: 3 })))))
  .map((counts) => standing(Object.fromEntries(counts)));

const wishOf = (name: string): fc.Arbitrary<Wish> =>
  fc
    .record({ spec, current: fc.oneof(fc.constant([]), current), provider: often(false, true) })
    .map((one) => ({ ...one, name }));

const worldsOf = (wishes: fc.Arbitrary<Wish[]>): fc.Arbitrary<World> =>
  fc.record({
    clusters: fc.tuple(...clusterNames.map(clusterAt)),
    hosts: fc.subarray(paths, { minLength: 1 }).chain((chosen) => fc.tuple(...chosen.map(hostAt))),
    wishes,
  });

export const worlds = worldsOf(
  fc.integer({ min: 1, max: 3 }).chain((count) => fc.tuple(...['p', 'q', 'r'].slice(0, count).map(wishOf))),
);

/** Worlds of one distribution. */
export const simpleWorlds = worldsOf(fc.tuple(wishOf('p')));

const neighbours = fc.record({
  required: fc.array(
    fc.record({
      topologyKey: fc.constantFrom(labels.zone, labels.hostname),
      selector: fc.constantFrom('p', 'q', 'r').map((app) => ({ matchLabels: { app } })),
    }),
    { maxLength: 1 },
  ),
});

const liked = fc.record({
  preferred: fc.array(
    fc.record({
      weight: fc.integer({ min: 1, max: 100 }),
      topologyKey: fc.constantFrom(labels.zone, labels.hostname, labels.cluster),
      selector: fc.constantFrom('p', 'q', 'r').map((app) => ({ matchLabels: { app } })),
    }),
    { maxLength: 2 },
  ),
});

const extras: fc.Arbitrary<Partial<Spec>> = fc.record(
  {
    preemption: fc.constant('LowerPriority' as const),
    stability: fc.constant({ policy: 'Rebalance' as const }),
    affinity: fc.oneof(neighbours, liked),
    antiAffinity: fc.oneof(neighbours, liked),
    clusters: fc.constant({
      tiers: [
        { name: 'gold', required: [term('tier', 'gold')], overflow: true, failBack: true },
        { name: 'rest', overflow: true },
      ],
    }),
  },
  { requiredKeys: [] },
);

/** Worlds in which distributions preempt, shun, follow, converge and fail back, all at once. */
export const busyWorlds: fc.Arbitrary<World> = fc
  .tuple(worlds, fc.tuple(extras, extras, extras))
  .map(([world, more]) => ({
    ...world,
    hosts: world.hosts.map((host) => ({ ...host, labels: { [labels.zone]: 'z3', ...host.labels } })),
    wishes: world.wishes.map((one, i) => ({
      ...one,
      labels: { app: one.name ?? '' },
      spec: { ...one.spec, ...more[i] },
    })),
  }));

/** The same world with another spec for everyone. */
export const respecified = (world: World, change: (spec: Spec) => Spec): World => ({
  ...world,
  wishes: world.wishes.map((one) => ({ ...one, spec: change(one.spec) })),
});

/** Nothing stands. */
export const emptied = (world: World): World => ({
  ...world,
  wishes: world.wishes.map((one) => ({ ...one, current: [] })),
});

export function without<K extends keyof Spec>(spec: Spec, ...fields: K[]): Omit<Spec, K> {
  const rest = { ...spec };
  for (const field of fields) delete rest[field];
  return rest;
}

/** Spread entries without some of their fields. */
export const loosened = (spec: Spec, ...fields: (keyof Entry)[]): Spec => ({
  ...spec,
  spread: (spec.spread ?? []).map((one) => {
    const rest = { ...one };
    for (const field of fields) if (field !== 'topologyKey') delete rest[field];
    return rest;
  }),
});
