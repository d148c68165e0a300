import { labels } from '@kasmcloud/kube-api';
import type { Asked } from '../cases/case.ts';
import { promises } from './promises.fixture.ts';

/** What may change what stands, and what may not. */

const inCluster = (name: string): { matchExpressions: { key: string; operator: 'In'; values: string[] }[] } => ({
  matchExpressions: [{ key: labels.cluster, operator: 'In', values: [name] }],
});

promises('suspension', [
  {
    promise: 'nothing new starts, nothing that runs stops',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 5, suspend: true, current: { 'eu/a': 2 } },
    want: { host: { 'eu/a': 2 }, unplaced: { Suspended: 3 }, moves: 0 },
  },
  {
    promise: 'not even when fewer are wanted',
    hosts: ['eu/a'],
    distribution: { replicas: 1, suspend: true, current: { 'eu/a': 4 } },
    want: { host: { 'eu/a': 4 }, excess: 3, moves: 0 },
  },
  {
    promise: 'nor where it may not be any more',
    hosts: ['eu/a !x:NoExecute', 'eu/b'],
    distribution: { replicas: 2, suspend: true, current: { 'eu/a': 2 } },
    want: { host: { 'eu/a': 2 }, moves: 0, deferred: 2 },
  },
  {
    promise: 'what is lost is lost, and waits',
    hosts: ['eu/a Lost', 'eu/b'],
    distribution: { replicas: 2, suspend: true, current: { 'eu/a': 2 } },
    want: { placed: 0, unplaced: { Suspended: 2 } },
  },
  {
    promise: 'its room is taken for all others',
    hosts: ['eu/a instances=4'],
    distributions: { held: { replicas: 3, suspend: true, current: { 'eu/a': 3 } }, next: { replicas: 4 } },
    wants: { held: { placed: 3 }, next: { placed: 1, unplaced: { InsufficientRoom: 3 } } },
  },
]);

promises('avoidance of what failed', [
  {
    promise: 'a host where the revision failed gets nothing new of it, though it has most room',
    hosts: ['eu/a', 'eu/b instances=4'],
    distribution: { replicas: 3, failedOn: ['eu/a'] },
    want: { host: { 'eu/b': 3 } },
  },
  {
    promise: 'what runs well there stays',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 4, current: { 'eu/a': 2 }, failedOn: ['eu/a'] },
    want: { host: { 'eu/a': 2, 'eu/b': 2 }, moves: 0 },
  },
  {
    promise: 'what has no other place waits, and the reason names it',
    hosts: ['eu/a', 'eu/b instances=1'],
    distribution: { replicas: 3, failedOn: ['eu/a'] },
    want: { host: { 'eu/b': 1 }, unplaced: { Avoided: 2 } },
  },
  {
    promise: 'a refused write keeps a revision from the whole cluster',
    hosts: ['eu/a', 'eu/b', 'us/c'],
    distribution: { replicas: 2, failedOn: ['eu'] },
    want: { host: { 'us/c': 2 } },
  },
  {
    promise: 'a host that is avoided by one is good for others',
    hosts: ['eu/a'],
    distributions: { one: { replicas: 1, failedOn: ['eu/a'] }, two: { replicas: 1 } },
    wants: { one: { placed: 0, unplaced: { Avoided: 1 } }, two: { placed: 1 } },
  },
]);

const tiers = (overflow: boolean, failBack: boolean): NonNullable<Asked['clusters']> => ({
  tiers: [
    { name: 'own', required: [inCluster('dc')], overflow, failBack },
    { name: 'cloud', required: [inCluster('cloud')] },
  ],
});
const own = tiers(true, false);
const strict = tiers(false, false);
const back = tiers(true, true);

promises('tiers', [
  {
    promise: 'the next is used when the one before is full, if that overflows',
    hosts: ['dc/a instances=3', 'cloud/b'],
    distribution: { replicas: 5, clusters: own },
    want: { cluster: { dc: 3, cloud: 2 } },
  },
  {
    promise: 'else what does not fit waits',
    hosts: ['dc/a instances=3', 'cloud/b'],
    distribution: { replicas: 5, clusters: strict },
    want: { cluster: { dc: 3 }, unplaced: { TierFull: 2 } },
  },
  {
    promise: 'a tier without an eligible host is passed over, overflow or not',
    hosts: ['dc/a cordoned', 'cloud/b'],
    distribution: { replicas: 5, clusters: strict },
    want: { cluster: { cloud: 5 } },
  },
  {
    promise: 'what is in the later tier stays there without failBack, however much room there is',
    hosts: ['dc/a', 'cloud/b'],
    distribution: { replicas: 4, clusters: own, current: { 'cloud/b': 4 } },
    want: { cluster: { cloud: 4 }, moves: 0 },
  },
  {
    promise: 'with failBack it comes home, as far as there is room',
    hosts: ['dc/a instances=3', 'cloud/b'],
    distribution: { replicas: 4, clusters: back, current: { 'cloud/b': 4 } },
    want: { cluster: { dc: 3, cloud: 1 }, moves: 3 },
  },
  {
    promise: 'within the move budget',
    hosts: ['dc/a', 'cloud/b'],
    distribution: { replicas: 4, clusters: back, current: { 'cloud/b': 4 }, moveBudget: 1 },
    want: { cluster: { dc: 1, cloud: 3 }, moves: 1, deferred: 3 },
  },
  {
    promise: 'scaling down takes from the later tier first',
    hosts: ['dc/a', 'cloud/b'],
    distribution: { replicas: 3, clusters: own, current: { 'dc/a': 3, 'cloud/b': 2 } },
    want: { cluster: { dc: 3 } },
  },
  {
    promise: 'a lost first tier is replaced by the next',
    clusters: ['dc Lost'],
    hosts: ['dc/a', 'cloud/b'],
    distribution: { replicas: 3, clusters: strict, current: { 'dc/a': 3 } },
    want: { cluster: { cloud: 3 }, moves: 3 },
  },
  {
    promise: 'a cluster of no tier takes nothing, and gives up what it has',
    hosts: ['dc/a', 'other/c'],
    distribution: { replicas: 2, clusters: own, current: { 'other/c': 2 } },
    want: { cluster: { dc: 2 }, moves: 2 },
  },
]);
