import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { place, QuantityError, readAmounts, type Distribution, type DistributionPlan, type Host } from '../../index.ts';
import type { Asked } from '../cases/case.ts';
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
import { promises } from './promises.fixture.ts';
import { effort } from '../effort.fixture.ts';

/** Input that is wrong, impossible or absurd: a reason or an error that names the field; no exception, no hang, no silence. */

const { zone, cluster } = labels;
const web = { labels: { app: 'web' } };
const besides = (app: string, topologyKey: string): NonNullable<Asked['affinity']> => ({
  required: [{ topologyKey, selector: { matchLabels: { app } } }],
});

promises('constraints that contradict each other', [
  {
    promise: 'a term that asks for a label and for its absence',
    hosts: ['eu/a disk=ssd', 'eu/b'],
    distribution: {
      replicas: 2,
      hosts: {
        required: [
          {
            matchExpressions: [
              { key: 'disk', operator: 'Exists' },
              { key: 'disk', operator: 'DoesNotExist' },
            ],
          },
        ],
      },
    },
    want: { placed: 0, unplaced: { NoEligibleHost: 2 } },
  },
  {
    promise: 'affinity and anti-affinity with one and the same',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distributions: {
      web: { replicas: 1, ...web, current: { 'eu/a': 1 } },
      torn: { replicas: 1, affinity: besides('web', zone), antiAffinity: besides('web', zone) },
    },
    wants: { web: { placed: 1 }, torn: { placed: 0, unplaced: 1 } },
  },
  {
    promise: 'a minimum above the maximum',
    hosts: ['eu/a zone=z1'],
    distribution: { replicas: 2, spread: [{ topologyKey: zone, min: 3, max: 2 }] },
    want: { placed: 0, unplaced: { InvalidSpec: 2 } },
  },
  {
    promise: 'minima that come to more than there are replicas: shared as evenly as can be',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2', 'eu/c zone=z3'],
    distribution: { replicas: 4, spread: [{ topologyKey: zone, min: 3, whenUnsatisfiable: 'Block' }] },
    want: { zone: [2, 1, 1] },
  },
  {
    promise: 'a maximum over all domains below the replicas',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distribution: { replicas: 9, spread: [{ topologyKey: zone, max: 2 }] },
    want: { zone: { z1: 2, z2: 2 }, unplaced: { SpreadBlocked: 5 } },
  },
  {
    promise: 'maxSkew and weights on one entry',
    hosts: ['eu/a zone=z1'],
    distribution: {
      replicas: 2,
      spread: [{ topologyKey: zone, maxSkew: 1, weights: [{ value: 'z1', weight: 1 }] }],
    },
    want: { placed: 0, unplaced: { InvalidSpec: 2 } },
  },
]);

promises('weights', [
  {
    promise: 'all 0 is an error',
    hosts: ['eu/a zone=z1'],
    distribution: { replicas: 2, spread: [{ topologyKey: zone, weights: [{ value: '*', weight: 0 }] }] },
    want: { placed: 0, unplaced: { InvalidSpec: 2 } },
  },
  {
    promise: 'one 0 is a domain that gets none',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distribution: {
      replicas: 4,
      spread: [
        {
          topologyKey: zone,
          weights: [
            { value: 'z1', weight: 0 },
            { value: '*', weight: 1 },
          ],
        },
      ],
    },
    want: { zone: { z2: 4 } },
  },
  {
    promise: 'a domain of weight 0 keeps what it has while nothing asks for it to go',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distribution: {
      replicas: 4,
      current: { 'eu/a': 2 },
      spread: [{ topologyKey: zone, weights: [{ value: 'z2', weight: 1 }] }],
    },
    want: { zone: { z1: 2, z2: 2 }, moves: 0 },
  },
]);

promises('topology keys that no host has', [
  {
    promise: 'block: no host is in any domain',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 2, spread: [{ topologyKey: 'nowhere', whenUnsatisfiable: 'Block' }] },
    want: { placed: 0, unplaced: { NoEligibleHost: 2 } },
  },
  {
    promise: 'prefer: as if the entry were not there',
    hosts: ['eu/a', 'us/b'],
    distribution: { replicas: 4, spread: [{ topologyKey: 'nowhere' }] },
    want: { cluster: { eu: 2, us: 2 } },
  },
  {
    promise: 'affinity: nobody is beside anybody',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 2, ...web, affinity: besides('web', 'nowhere') },
    want: { placed: 0, unplaced: { AffinityUnmet: 2 } },
  },
  {
    promise: 'anti-affinity: nobody is refused',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 4, ...web, antiAffinity: besides('web', 'nowhere') },
    want: { placed: 4 },
  },
  {
    promise: 'a name that is one of JavaScript',
    hosts: ['eu/a constructor=x', 'eu/b'],
    distribution: { replicas: 2, spread: [{ topologyKey: 'constructor', whenUnsatisfiable: 'Block' }] },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: '__proto__, as a key and as a value',
    hosts: ['eu/a disk=__proto__', 'eu/b'],
    distribution: {
      replicas: 2,
      spread: [{ topologyKey: '__proto__' }, { topologyKey: 'disk', whenUnsatisfiable: 'Block' }],
    },
    want: { host: { 'eu/a': 2 } },
  },
]);

promises('cycles of affinity', [
  {
    promise: 'each needs the other and neither runs: both wait, with the reason',
    hosts: ['eu/a', 'eu/b'],
    distributions: {
      hen: { replicas: 1, labels: { app: 'hen' }, affinity: besides('egg', cluster) },
      egg: { replicas: 1, labels: { app: 'egg' }, affinity: besides('hen', cluster) },
    },
    wants: {
      hen: { placed: 0, unplaced: { AffinityUnmet: 1 } },
      egg: { placed: 0, unplaced: { AffinityUnmet: 1 } },
    },
  },
  {
    promise: 'a cycle that runs already goes on, and grows where it is',
    hosts: ['eu/a', 'us/b'],
    distributions: {
      hen: { replicas: 2, labels: { app: 'hen' }, affinity: besides('egg', cluster), current: { 'eu/a': 1 } },
      egg: { replicas: 2, labels: { app: 'egg' }, affinity: besides('hen', cluster), current: { 'eu/a': 1 } },
    },
    wants: { hen: { host: { 'eu/a': 2 } }, egg: { host: { 'eu/a': 2 } } },
  },
  {
    promise: 'a ring of three, one of which runs, closes',
    hosts: ['eu/a', 'us/b'],
    distributions: {
      a: { replicas: 1, labels: { app: 'a' }, affinity: besides('c', cluster) },
      b: { replicas: 1, labels: { app: 'b' }, affinity: besides('a', cluster) },
      c: { replicas: 1, labels: { app: 'c' }, affinity: besides('b', cluster), current: { 'us/b': 1 } },
    },
    wants: { a: { host: { 'us/b': 1 } }, b: { host: { 'us/b': 1 } }, c: { host: { 'us/b': 1 } } },
  },
]);

promises('what is not there, or there twice', [
  {
    promise: 'what stands on a host that does not exist is lost, and starts elsewhere',
    hosts: ['eu/a'],
    distribution: { replicas: 2, current: { 'eu/never': 1, 'moon/base': 1 } },
    want: { host: { 'eu/a': 2 }, moves: 2 },
  },
  {
    promise: 'no hosts at all',
    hosts: [],
    clusters: ['eu'],
    distribution: { replicas: 3 },
    want: { placed: 0, unplaced: { NoEligibleHost: 3 } },
  },
]);

test('a host of a cluster that is not there takes nothing', () => {
  const plan = planOf(
    place({ clusters: [], hosts: [hostOf('eu/a')], distributions: [wish({ spec: { replicas: 2 } })] }),
  );
  expect(plan.unplaced).toMatchObject([{ reason: 'NoEligibleHost', count: 2 }]);
});

test('two hosts, two clusters and two entries of one name are one of each', () => {
  const hosts = [roomOf('eu/a', 3), roomOf('eu/a', 3)];
  const current = [...standing({ 'eu/a': 1 }), ...standing({ 'eu/a': 1 })];
  const plan = placeOne(hosts, { spec: { replicas: 9 }, current }, [clusterOf('eu'), clusterOf('eu')]);
  expect([countsOf(plan), plan.moves.count]).toEqual([{ 'eu/a': 3 }, 0]);
});

test('two distributions of one name: no exception, and nobody has more room than there is', () => {
  const twice: Distribution[] = [wish({ spec: { replicas: 4 } }), wish({ spec: { replicas: 4 } })];
  const { distributions } = place(worldOf([roomOf('eu/a', 5)], twice));
  expect(sum(distributions.map(({ placed }) => placed))).toBeLessThanOrEqual(5);
});

describe('amounts', () => {
  const asking = (quantity: string, host: Partial<Host>): DistributionPlan =>
    placeOne([hostOf('eu/a', host)], { spec: { replicas: 4, resources: { memory: quantity } } });

  test.for([
    ['1e3', { memory: 3_000_000 }, 3],
    ['0.1', { memory: 200 }, 2],
    ['1Ki', { memory: 1024 * 3000 }, 3],
    ['1E', { memory: 1e12 }, 0],
  ] as const)('%s is a quantity', ([quantity, allocatable, fits]) => {
    expect(asking(quantity, { allocatable }).placed).toBe(fits);
  });

  test.for(['Ki', 'NaN', '', '1e999', '-1', '0x10', '1 Gi', 'Infinity'])(
    '"%s" is none: nothing starts, and the field is named',
    (quantity) => {
      const { unplaced } = asking(quantity, { allocatable: { memory: 1e18 } });
      expect(unplaced).toMatchObject([{ reason: 'InvalidSpec', count: 4, blockers: ['resources.memory'] }]);
    },
  );

  test('a quota that is no quantity is refused where it is read', () => {
    expect(() => readAmounts({ memory: 'much' })).toThrow(QuantityError);
  });

  test.for([-1, Infinity, -Infinity, 2 ** 60])('a host that offers %d does so without an exception', (memory) => {
    const { placed, unplaced, desired } = asking('1Gi', { allocatable: { memory } });
    expect(placed + sum(unplaced.map(({ count }) => count))).toBe(desired);
    expect(placed).toBe(memory > 0 ? 4 : 0);
  });

  test.for([NaN, -5, 2 ** 40])('%d replicas of others leave nothing undecided', (instances) => {
    const { placed, unplaced, desired } = asking('1Ki', { allocatable: { memory: 1e9 }, foreign: { instances } });
    expect(placed + sum(unplaced.map(({ count }) => count))).toBe(desired);
  });
});

test.skipIf(effort < 1)('a million labels on a host cost a moment', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`label-${i}`, 'x']));
  const started = performance.now();
  const plan = placeOne([hostOf('eu/a', { labels: many }), hostOf('eu/b')], {
    spec: { replicas: 2, spread: [{ topologyKey: 'label-77', whenUnsatisfiable: 'Block' }] },
  });
  expect(countsOf(plan)).toEqual({ 'eu/a': 2 });
  expect(performance.now() - started).toBeLessThan(30_000);
});
