import { expect, test } from 'vitest';
import { planned } from '../cases/outcome.fixture.ts';
import { promises } from './promises.fixture.ts';

/** What one tenant may do to another: as much as the bounds of its namespace allow, and never to what stands. */

promises('namespace quotas', [
  {
    promise: 'bound what all distributions of a namespace take together, by any resource',
    hosts: ['eu/a memory=64Gi cpu=64', 'eu/b memory=64Gi cpu=64'],
    namespaces: { shop: { quota: { memory: '4Gi', cpu: '10' } } },
    distributions: {
      web: { namespace: 'shop', replicas: 3, priority: 2, resources: { memory: '1Gi', cpu: '1' } },
      api: { namespace: 'shop', replicas: 3, priority: 1, resources: { memory: '1Gi', cpu: '1' } },
    },
    wants: { web: { placed: 3 }, api: { placed: 1, unplaced: { QuotaExceeded: 2 } } },
  },
  {
    promise: 'the scarcest resource of a quota counts',
    hosts: ['eu/a memory=64Gi cpu=64'],
    namespaces: { default: { quota: { memory: '64Gi', cpu: '1500m' } } },
    distribution: { replicas: 5, resources: { memory: '1Gi', cpu: '500m' } },
    want: { placed: 3, unplaced: { QuotaExceeded: 2 } },
  },
  {
    promise: 'a resource that a quota does not name is not bound by it',
    hosts: ['eu/a memory=64Gi'],
    namespaces: { default: { quota: { cpu: '1' } } },
    distribution: { replicas: 5, resources: { memory: '1Gi' } },
    want: { placed: 5 },
  },
  {
    promise: 'what stands is counted first: only the rest is given out',
    hosts: ['eu/a', 'eu/b'],
    namespaces: { default: { quota: { instances: '5' } } },
    distributions: {
      old: { replicas: 4, current: { 'eu/a': 4 } },
      // A higher priority gets room first, but nothing that is taken.
      loud: { replicas: 9, priority: 900 },
    },
    wants: { old: { host: { 'eu/a': 4 }, moves: 0 }, loud: { placed: 1, unplaced: { QuotaExceeded: 8 } } },
  },
  {
    promise: 'what a distribution gives up, another of the namespace may have',
    hosts: ['eu/a'],
    namespaces: { default: { quota: { instances: '4' } } },
    distributions: { less: { replicas: 1, current: { 'eu/a': 4 } }, more: { replicas: 9 } },
    wants: { less: { placed: 1 }, more: { placed: 3, unplaced: { QuotaExceeded: 6 } } },
  },
  {
    promise: 'preemption within a namespace keeps to the quota, too',
    hosts: ['eu/a instances=4'],
    namespaces: { default: { quota: { instances: '4' } } },
    distributions: {
      low: { namespace: 'other', replicas: 4, current: { 'eu/a': 4 } },
      high: { replicas: 6, priority: 9, preemption: 'LowerPriority' },
    },
    wants: {
      low: { placed: 0, unplaced: { InsufficientRoom: 4 } },
      high: { placed: 4, unplaced: 2 },
    },
  },
  {
    promise: 'a quota of 0 gives nothing',
    hosts: ['eu/a'],
    namespaces: { default: { quota: { instances: '0' } } },
    distribution: { replicas: 2 },
    want: { placed: 0, unplaced: { QuotaExceeded: 2 } },
  },
  {
    promise: 'a daemon keeps to it as everything else',
    hosts: ['eu/a', 'eu/b', 'eu/c'],
    namespaces: { default: { quota: { instances: '2' } } },
    distribution: { replicas: 1, mode: 'Daemon' },
    want: { placed: 2, unplaced: { QuotaExceeded: 1 } },
  },
]);

promises('priority ceilings', [
  {
    promise: 'below the ceiling a priority is what it says',
    hosts: ['eu/a instances=4'],
    namespaces: { default: { maxPriority: 100 } },
    distributions: { mine: { replicas: 4, priority: 50 }, theirs: { namespace: 'other', replicas: 4, priority: 49 } },
    wants: { mine: { placed: 4 }, theirs: { placed: 0, unplaced: { InsufficientRoom: 4 } } },
  },
  {
    promise: 'above it, a distribution is an equal of those at the ceiling, and shares',
    hosts: ['eu/a instances=4'],
    namespaces: { default: { maxPriority: 100 } },
    distributions: {
      mine: { replicas: 4, priority: 1000 },
      theirs: { namespace: 'other', replicas: 4, priority: 100 },
    },
    wants: {
      mine: { placed: 2, unplaced: { InsufficientRoom: 2 } },
      theirs: { placed: 2, unplaced: { InsufficientRoom: 2 } },
    },
  },
  {
    promise: 'who preempts, preempts from the ceiling: nobody at it or above it is a victim',
    hosts: ['eu/a instances=4'],
    namespaces: { default: { maxPriority: 10 } },
    distributions: {
      bold: { replicas: 4, priority: 1000, preemption: 'LowerPriority' },
      theirs: { namespace: 'other', replicas: 4, priority: 10, current: { 'eu/a': 4 } },
    },
    wants: { bold: { placed: 0, unplaced: { InsufficientRoom: 4 } }, theirs: { host: { 'eu/a': 4 }, moves: 0 } },
  },
  {
    promise: 'it protects nobody of its namespace from those above it',
    hosts: ['eu/a instances=4'],
    namespaces: { default: { maxPriority: 10 } },
    distributions: {
      capped: { replicas: 4, priority: 1000, current: { 'eu/a': 4 } },
      theirs: { namespace: 'other', replicas: 1, priority: 11, preemption: 'LowerPriority' },
    },
    wants: { capped: { placed: 3, unplaced: { InsufficientRoom: 1 } }, theirs: { placed: 1 } },
  },
]);

test('a million replicas at the highest priority: what stands stands, others get what was left, in no time', () => {
  const hosts = Array.from({ length: 20 }, (_, i) => `eu/h${String(i).padStart(2, '0')} instances=10`);
  const started = performance.now();
  const found = planned({
    promise: '',
    hosts,
    distributions: {
      calm: { namespace: 'a', replicas: 60, current: Object.fromEntries(hosts.map((line) => [line.split(' ')[0], 3])) },
      huge: { namespace: 'b', replicas: 1_000_000, priority: 1000 },
      late: { namespace: 'c', replicas: 5 },
    },
    wants: { calm: { placed: 60, moves: 0 }, huge: { placed: 140 }, late: { placed: 0 } },
  });
  expect(found).toEqual({
    calm: { placed: 60, moves: 0, unplaced: {}, isWhole: true },
    huge: { placed: 140, unplaced: { InsufficientRoom: 999_860 }, isWhole: true },
    late: { placed: 0, unplaced: { InsufficientRoom: 5 }, isWhole: true },
  });
  expect(performance.now() - started).toBeLessThan(5_000);
});
