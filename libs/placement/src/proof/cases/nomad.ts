import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/** What Nomad promises: spread with percentages, affinity, constraints, distinct_hosts, reschedule, disconnect, drain. */

const { cluster, zone } = labels;
const percent = (targets: Readonly<Record<string, number>>, key: string = cluster) => [
  { topologyKey: key, weights: Object.entries(targets).map(([value, weight]) => ({ value, weight })) },
];
const hosts = ['dc1/a', 'dc2/a', 'dc3/a'];
const linux = { key: 'kernel', operator: 'In' as const, values: ['linux'] };

export const nomad: readonly Case[] = [
  {
    promise: 'spread: 70 and 30 per cent of 10 are 7 and 3',
    hosts: ['dc1/a', 'dc2/a'],
    distribution: { replicas: 10, spread: percent({ dc1: 70, dc2: 30 }) },
    want: { cluster: { dc1: 7, dc2: 3 } },
  },
  {
    promise: 'spread: 50 per cent and `*` for the rest, which is shared like one weight each',
    hosts,
    distribution: { replicas: 8, spread: percent({ dc1: 50, '*': 25 }) },
    want: { cluster: { dc1: 4, dc2: 2, dc3: 2 } },
  },
  {
    promise: 'spread: a target of 0 per cent gets nothing',
    hosts,
    distribution: { replicas: 6, spread: percent({ dc1: 50, dc2: 50, dc3: 0 }) },
    want: { cluster: { dc1: 3, dc2: 3 } },
  },
  {
    promise: 'spread: without targets, evenly',
    hosts,
    distribution: { replicas: 9, spread: [{ topologyKey: cluster }] },
    want: { cluster: { dc1: 3, dc2: 3, dc3: 3 } },
  },
  {
    promise: 'spread: percentages are wishes: without room the rest goes to the others',
    hosts: ['dc1/a instances=2', 'dc2/a'],
    distribution: { replicas: 10, spread: percent({ dc1: 70, dc2: 30 }) },
    want: { cluster: { dc1: 2, dc2: 8 } },
  },
  {
    promise: 'spread: a target that is nowhere leaves its share to the others',
    hosts: ['dc1/a', 'dc2/a'],
    distribution: { replicas: 6, spread: percent({ dc1: 25, dc2: 25, dc9: 50 }) },
    want: { cluster: { dc1: 3, dc2: 3 } },
  },
  {
    promise: 'spread: over datacenters, and over racks within each',
    hosts: ['dc1/a rack=r1', 'dc1/b rack=r2', 'dc2/a rack=r3', 'dc2/b rack=r4'],
    distribution: { replicas: 12, spread: [...percent({ dc1: 2, dc2: 1 }), { topologyKey: 'rack' }] },
    want: { cluster: { dc1: 8, dc2: 4 }, rack: { r1: 4, r2: 4, r3: 2, r4: 2 } },
  },
  {
    promise: 'spread: the count is what was asked, whatever the percentages add up to',
    hosts: ['dc1/a', 'dc2/a'],
    distribution: { replicas: 5, spread: percent({ dc1: 10, dc2: 15 }) },
    want: { cluster: { dc1: 2, dc2: 3 } },
  },
  {
    promise: 'spread: nodes that lack the attribute come last',
    hosts: ['dc1/a zone=z1 instances=1', 'dc1/b instances=9'],
    distribution: { replicas: 3, spread: percent({ z1: 100 }, zone) },
    want: { host: { 'dc1/a': 1, 'dc1/b': 2 } },
  },
  {
    promise: 'constraint =',
    hosts: ['dc1/a kernel=linux', 'dc1/b kernel=bsd', 'dc1/c'],
    distribution: { replicas: 2, hosts: { required: [{ matchExpressions: [linux] }] } },
    want: { host: { 'dc1/a': 2 } },
  },
  {
    promise: 'constraint !=',
    hosts: ['dc1/a kernel=linux', 'dc1/b kernel=bsd'],
    distribution: { replicas: 2, hosts: { required: [{ matchExpressions: [{ ...linux, operator: 'NotIn' }] }] } },
    want: { host: { 'dc1/b': 2 } },
  },
  {
    promise: 'constraint is_set',
    hosts: ['dc1/a kernel=linux', 'dc1/b'],
    distribution: { replicas: 2, hosts: { required: [{ matchExpressions: [{ key: 'kernel', operator: 'Exists' }] }] } },
    want: { host: { 'dc1/a': 2 } },
  },
  {
    promise: 'constraint set_contains_any',
    hosts: ['dc1/a kernel=linux', 'dc1/b kernel=bsd', 'dc1/c kernel=nt'],
    distribution: {
      replicas: 2,
      hosts: { required: [{ matchExpressions: [{ ...linux, values: ['linux', 'bsd'] }] }] },
    },
    want: { host: { 'dc1/a': 1, 'dc1/b': 1 } },
  },
  {
    promise: 'distinct_hosts: never two on one node',
    hosts: ['dc1/a', 'dc1/b'],
    distribution: { replicas: 3, maxPerHost: 1 },
    want: { host: { 'dc1/a': 1, 'dc1/b': 1 }, unplaced: { MaxPerHost: 1 } },
  },
  {
    promise: 'distinct_property: not more than so many for each value',
    hosts: ['dc1/a rack=r1', 'dc1/b rack=r1', 'dc1/c rack=r2'],
    distribution: { replicas: 5, spread: [{ topologyKey: 'rack', max: 2 }] },
    want: { rack: { r1: 2, r2: 2 }, unplaced: { SpreadBlocked: 1 } },
  },
  {
    promise: 'affinity: the weights of all that match add up',
    hosts: ['dc1/a kernel=linux', 'dc1/b kernel=linux class=big'],
    distribution: {
      replicas: 1,
      hosts: {
        preferred: [
          { weight: 50, matchExpressions: [linux] },
          { weight: 50, matchExpressions: [{ key: 'class', operator: 'Exists' }] },
        ],
      },
    },
    want: { host: { 'dc1/b': 1 } },
  },
  {
    promise: 'affinity: a negative weight keeps away while there is another',
    hosts: ['dc1/a class=big', 'dc1/b instances=2'],
    distribution: {
      replicas: 3,
      hosts: { preferred: [{ weight: -50, matchExpressions: [{ key: 'class', operator: 'Exists' }] }] },
    },
    want: { host: { 'dc1/a': 1, 'dc1/b': 2 } },
  },
  {
    promise: 'binpack: one node before the next',
    hosts: ['dc1/a instances=4', 'dc1/b instances=4'],
    distribution: { replicas: 5, mode: 'Pack' },
    want: { host: [4, 1] },
  },
  {
    promise: 'system job: one on every node',
    hosts,
    distribution: { mode: 'Daemon' },
    want: { host: { 'dc1/a': 1, 'dc2/a': 1, 'dc3/a': 1 } },
  },
  {
    promise: 'reschedule: not on the node where it failed',
    hosts: ['dc1/a', 'dc1/b'],
    distribution: { replicas: 3, failedOn: ['dc1/a'] },
    want: { host: { 'dc1/b': 3 } },
  },
  {
    promise: 'reschedule: with nowhere else to go it waits, and says why',
    hosts: ['dc1/a'],
    distribution: { replicas: 2, failedOn: ['dc1/a'] },
    want: { unplaced: { Avoided: 2 } },
  },
  {
    promise: 'disconnect: a node that is not heard of keeps its allocations until it is lost',
    hosts: ['dc1/a Unknown', 'dc1/b'],
    distribution: { replicas: 4, current: { 'dc1/a': 2, 'dc1/b': 2 } },
    want: { host: { 'dc1/a': 2, 'dc1/b': 2 }, moves: 0 },
  },
  {
    promise: 'disconnect lost_after: then they are replaced',
    hosts: ['dc1/a Lost', 'dc1/b'],
    distribution: { replicas: 4, current: { 'dc1/a': 2, 'dc1/b': 2 } },
    want: { host: { 'dc1/b': 4 }, moves: 2 },
  },
  {
    promise: 'disconnect reconcile keep_replacement: who comes back finds its place taken, and the count is right',
    hosts: ['dc1/a', 'dc1/b'],
    distribution: { replicas: 4, current: { 'dc1/b': 4 }, failover: { reconnect: 'KeepReplacement' } },
    want: { host: { 'dc1/b': 4 }, moves: 0 },
  },
  {
    promise: 'migrate max_parallel: a drain moves no more at once than it may',
    hosts: ['dc1/a !drain:NoExecute', 'dc1/b'],
    distribution: { replicas: 5, current: { 'dc1/a': 5 }, moveBudget: 2 },
    want: { host: { 'dc1/a': 3, 'dc1/b': 2 }, moves: 2, deferred: 3 },
  },
];
