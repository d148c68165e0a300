import { labels } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { place, readDistribution, type DistributionPlan, type Host, type Snapshot } from '../../index.ts';
import { effort, seed } from '../effort.fixture.ts';
import {
  clusterOf,
  countsOf,
  hostOf,
  placeOne,
  planOf,
  roomOf,
  standing,
  sum,
  wish,
  worldOf,
} from '../world.fixture.ts';

/** A spec as text, as it comes from outside: nothing has checked it. */
function planText(
  text: string,
  hosts: readonly Host[] = [roomOf('eu/a', 5, 'z1'), roomOf('us/b', 5, 'z2')],
): DistributionPlan {
  const spec = JSON.parse(`{"actor":{"id":"app","image":"app:1"},${text}}`);
  const facts = { namespace: 'default', name: 'app', revision: 'r1', current: [] };
  return planOf(place(worldOf(hosts, [readDistribution(spec, facts)])));
}

const isWhole = ({ placed, unplaced, desired, excess }: DistributionPlan): boolean =>
  excess >= 0 && placed + sum(unplaced.map(({ count }) => count)) === desired + excess;

test.for([
  [
    'maxSkew with weights',
    '"spread":[{"topologyKey":"zone","maxSkew":1,"weights":[{"value":"z1","weight":1}]}]',
    'spread[0]',
  ],
  ['weights all 0', '"spread":[{"topologyKey":"zone","weights":[{"value":"z1","weight":0}]}]', 'spread[0].weights'],
  ['min above max', '"spread":[{"topologyKey":"zone","min":3,"max":2}]', 'spread[0]'],
  ['an amount that is no quantity', '"resources":{"memory":"much"}', 'resources.memory'],
  ['a suffix alone', '"resources":{"memory":"Ki"}', 'resources.memory'],
  ['an empty quantity', '"resources":{"memory":""}', 'resources.memory'],
  ['a negative quantity', '"resources":{"memory":"-1"}', 'resources.memory'],
  ['a quantity beyond all numbers', '"resources":{"memory":"1e999"}', 'resources.memory'],
  ['instances as a resource', '"resources":{"instances":"2"}', 'resources.instances'],
] as const)('a validation error names the field: %s', ([, text, field]) => {
  const plan = planText(`"replicas":3,${text}`);
  expect(plan.unplaced).toMatchObject([{ reason: 'InvalidSpec', count: 3, blockers: [field] }]);
  expect(isWhole(plan)).toBe(true);
});

test.for([
  ['1e3 is a thousand', '1e3', 5_000_000, 5],
  ['0.1 is a tenth', '0.1', 300, 3],
  ['a fraction of a thousandth is rounded up', '0.0001', 3, 3],
  ['Ki is 1024', '1Ki', 5_000_000, 4],
  ['E is 10 to the 18', '1E', 5_000_000, 0],
  ['zero takes nothing', '0', 0, 9999],
] as const)('quantities: %s', ([, quantity, memory, fits]) => {
  const host = hostOf('eu/a', { allocatable: { instances: 9999, memory } });
  expect(planText(`"replicas":9999,"resources":{"memory":"${quantity}"}`, [host]).placed).toBe(fits);
});

test.for([
  [
    'a topology key that no host has',
    '"spread":[{"topologyKey":"nowhere","whenUnsatisfiable":"Block"}]',
    { NoEligibleHost: 3 },
  ],
  ['a soft topology key that no host has', '"spread":[{"topologyKey":"nowhere"}]', {}],
  [
    'contradictory terms',
    '"hosts":{"required":[{"matchExpressions":[{"key":"a","operator":"Exists"},{"key":"a","operator":"DoesNotExist"}]}]}',
    { NoEligibleHost: 3 },
  ],
  [
    'In without values',
    '"hosts":{"required":[{"matchExpressions":[{"key":"a","operator":"In"}]}]}',
    { InvalidSpec: 3 },
  ],
  [
    'Gt against text',
    '"hosts":{"required":[{"matchExpressions":[{"key":"topology.kubernetes.io/zone","operator":"Gt","values":["x"]}]}]}',
    { InvalidSpec: 3 },
  ],
  [
    'more domains at least than at most',
    '"spread":[{"topologyKey":"topology.kubernetes.io/zone","minDomains":3,"maxDomains":1,"whenUnsatisfiable":"Block"}]',
    { SpreadBlocked: 2 },
  ],
  ['a max of 0', '"spread":[{"topologyKey":"topology.kubernetes.io/zone","max":0}]', { SpreadBlocked: 3 }],
  [
    'empty lists everywhere',
    '"spread":[],"groups":[],"tolerations":[],"hosts":{"required":[],"preferred":[]},"clusters":{"tiers":[]}',
    {},
  ],
  [
    'a tier without clusters',
    '"clusters":{"tiers":[{"name":"none","required":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}]}',
    { NoEligibleHost: 3 },
  ],
] as const)('impossible or empty wishes are answered: %s', ([, text, reasons]) => {
  const plan = planText(`"replicas":3,${text}`);
  expect(Object.fromEntries(plan.unplaced.map(({ reason, count }) => [reason, count]))).toEqual(reasons);
  expect(isWhole(plan)).toBe(true);
});

test('a world with holes: no hosts, no clusters, hosts of no cluster, twice the same, what stands nowhere', () => {
  expect(placeOne([], { spec: { replicas: 2 } }).unplaced).toMatchObject([{ reason: 'NoEligibleHost', count: 2 }]);
  const orphan: Snapshot = { clusters: [], hosts: [hostOf('eu/a')], distributions: [wish({ spec: { replicas: 2 } })] };
  expect(planOf(place(orphan)).unplaced).toMatchObject([{ reason: 'NoEligibleHost', count: 2 }]);
  const twice = [roomOf('eu/a', 3), roomOf('eu/a', 3)];
  expect(placeOne(twice, { spec: { replicas: 9 } }).placed).toBe(3);
  const clusters = [clusterOf('eu'), clusterOf('eu')];
  expect(placeOne([roomOf('eu/a', 3)], { spec: { replicas: 2 } }, clusters).placed).toBe(2);
  const ghosts = standing({ 'eu/gone': 2, 'moon/base': 1 });
  const plan = placeOne([roomOf('eu/a', 9)], { spec: { replicas: 3 }, current: ghosts });
  expect([countsOf(plan), plan.moves]).toEqual([{ 'eu/a': 3 }, { count: 3, lowerBound: 3, deferred: 0 }]);
});

test('a host with 100,000 labels, and a term that asks for each of 100', () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`label${i}`, 'x']));
  const matchExpressions = Array.from({ length: 100 }, (_, i) => ({
    key: `label${i * 7}`,
    operator: 'Exists' as const,
  }));
  const started = performance.now();
  const plan = placeOne([hostOf('eu/a', { labels: many }), hostOf('eu/b')], {
    spec: { replicas: 4, hosts: { required: [{ matchExpressions }] }, spread: [{ topologyKey: 'label5' }] },
  });
  expect(countsOf(plan)).toEqual({ 'eu/a': 4 });
  expect(performance.now() - started).toBeLessThan(3000);
});

test('a million replicas are placed as fast as few', () => {
  const hosts = Array.from({ length: 200 }, (_, i) => roomOf(`eu/h${i}`, 10_000, `z${i % 7}`));
  const started = performance.now();
  const plan = placeOne(hosts, {
    spec: { replicas: 1_000_000, spread: [{ topologyKey: labels.zone, whenUnsatisfiable: 'Block' }] },
  });
  expect(plan.placed).toBe(1_000_000);
  expect(performance.now() - started).toBeLessThan(3000);
});

/** Values of the right shape and of any size: what a schema would refuse, and what it cannot. */
const strange = {
  replicas: fc.constantFrom(0, 1, 7, 1_000_000),
  text: fc.constantFrom('', '*', 'z1', 'eu', labels.zone, labels.cluster, labels.hostname, '𝒳', ' '),
  number: fc.constantFrom(0, 1, 2, 3, 1000, 1_000_000),
  quantity: fc.constantFrom(
    '',
    '0',
    '1',
    '-1',
    '1e3',
    '1e-9',
    '0.1',
    'Ki',
    '1Ei',
    '9'.repeat(40),
    'NaN',
    'Infinity',
    '0x10',
  ),
};
const requirement = fc.record(
  {
    key: strange.text,
    operator: fc.constantFrom(
      'In' as const,
      'NotIn' as const,
      'Exists' as const,
      'DoesNotExist' as const,
      'Gt' as const,
      'Lt' as const,
    ),
    values: fc.array(strange.text, { maxLength: 2 }),
  },
  { requiredKeys: ['key', 'operator'] },
);
const terms = fc.array(fc.record({ matchExpressions: fc.array(requirement, { maxLength: 2 }) }), { maxLength: 2 });
const anySpec = fc.record(
  {
    replicas: strange.replicas,
    mode: fc.constantFrom('Spread' as const, 'Pack' as const, 'Daemon' as const),
    priority: strange.number,
    resources: fc.dictionary(strange.text, strange.quantity, { maxKeys: 2 }),
    maxPerHost: fc.constantFrom(1, 2, 1_000_000),
    hosts: fc.record({ required: terms, interfaces: fc.array(strange.text, { maxLength: 2 }) }, { requiredKeys: [] }),
    clusters: fc.record(
      {
        required: terms,
        tiers: fc.array(fc.record({ name: strange.text, required: terms, overflow: fc.boolean() }), { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
    tolerations: fc.array(fc.record({ key: strange.text, value: strange.text }, { requiredKeys: [] }), {
      maxLength: 2,
    }),
    groups: fc.array(
      fc.record({
        name: strange.text,
        requirements: fc.dictionary(strange.text, strange.text, { maxKeys: 2 }),
        weight: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      { maxLength: 3 },
    ),
    spread: fc.array(
      fc.record(
        {
          topologyKey: strange.text,
          maxSkew: fc.integer({ min: 1, max: 10_000 }),
          weights: fc.array(fc.record({ value: strange.text, weight: strange.number }), { minLength: 1, maxLength: 3 }),
          min: strange.number,
          max: strange.number,
          minDomains: fc.integer({ min: 1, max: 10_000 }),
          maxDomains: fc.integer({ min: 1, max: 10_000 }),
          whenUnsatisfiable: fc.constantFrom('Block' as const, 'Prefer' as const),
          whenDomainFull: fc.constantFrom('Block' as const, 'Ignore' as const),
        },
        { requiredKeys: ['topologyKey'] },
      ),
      { maxLength: 8 },
    ),
  },
  { requiredKeys: [] },
);
const anyHost = fc
  .record({
    cluster: fc.constantFrom('eu', 'us', 'nowhere'),
    name: fc.constantFrom('a', 'b', 'c'),
    labels: fc.dictionary(strange.text, strange.text, { maxKeys: 3 }),
    allocatable: fc.dictionary(fc.constantFrom('instances', 'memory', ''), strange.number, { maxKeys: 2 }),
  })
  .map(({ cluster, name, ...rest }) => hostOf(`${cluster}/${name}`, rest));
const anyCurrent = fc.array(
  fc.record({
    cluster: strange.text,
    host: fc.constantFrom('a', 'b', ''),
    replicas: fc.constantFrom(0, 1, 5, 1_000_000),
  }),
  { maxLength: 3 },
);

test('fuzz: whatever the spec and the hosts, an answer, in time, with every replica in it', () => {
  const numRuns = Math.max(50, Math.round(3000 * effort));
  let slowest = 0;
  const world = fc.record({
    spec: anySpec,
    hosts: fc.array(anyHost, { maxLength: 6 }),
    current: anyCurrent,
  });
  const property = fc.property(world, ({ spec, hosts, current }) => {
    const started = performance.now();
    const clusters = [clusterOf('eu'), clusterOf('us')];
    const plan = planOf(place({ clusters, hosts, distributions: [wish({ spec, current })] }));
    slowest = Math.max(slowest, performance.now() - started);
    expect(plan.excess).toBeGreaterThanOrEqual(0);
    expect(plan.placed + sum(plan.unplaced.map(({ count }) => count))).toBe(plan.desired + plan.excess);
    expect(sum(Object.values(countsOf(plan)))).toBe(plan.placed);
  });
  fc.assert(property, { numRuns, seed });
  process.stdout.write(`fuzz: ${numRuns} worlds, seed ${seed}, 0 mismatches; slowest ${slowest.toFixed(0)} ms\n`);
  expect(slowest).toBeLessThan(5000);
});
