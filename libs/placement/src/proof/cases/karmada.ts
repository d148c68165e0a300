import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/**
 * What Karmada promises about dividing replicas over clusters (PropagationPolicy), and KubeAdmiral about bounds per
 * cluster. Where Karmada divides without a look at room, the text says what we promise instead.
 */

const { cluster, region } = labels;
const two = ['eu/a', 'us/a'];
const three = ['eu/a', 'us/a', 'ap/a'];
const inCluster = (...values: string[]) => [{ matchExpressions: [{ key: cluster, operator: 'In' as const, values }] }];
const byWeight = (weights: Readonly<Record<string, number>>) => [
  { topologyKey: cluster, weights: Object.entries(weights).map(([value, weight]) => ({ value, weight })) },
];

export const karmada: readonly Case[] = [
  {
    promise: 'Divided by static weights 3:1',
    hosts: two,
    distribution: { replicas: 12, spread: byWeight({ eu: 3, us: 1 }) },
    want: { cluster: { eu: 9, us: 3 } },
  },
  {
    promise: 'Divided by static weights 1:2:3',
    hosts: three,
    distribution: { replicas: 12, spread: byWeight({ eu: 1, us: 2, ap: 3 }) },
    want: { cluster: { eu: 2, us: 4, ap: 6 } },
  },
  {
    promise: 'a remainder goes to whom it is due by Webster: 7 by 2:1 is 5 and 2',
    hosts: two,
    distribution: { replicas: 7, spread: byWeight({ eu: 2, us: 1 }) },
    want: { cluster: { eu: 5, us: 2 } },
  },
  {
    promise: 'a small weight is not rounded up: 6 by 9:1 is 5 and 1',
    hosts: two,
    distribution: { replicas: 6, spread: byWeight({ eu: 9, us: 1 }) },
    want: { cluster: { eu: 5, us: 1 } },
  },
  {
    promise: 'equal weights differ by at most one',
    hosts: three,
    distribution: { replicas: 8, spread: byWeight({ eu: 1, us: 1, ap: 1 }) },
    want: { cluster: [3, 3, 2] },
  },
  {
    promise: 'no weights at all: as level as can be',
    hosts: three,
    distribution: { replicas: 7 },
    want: { cluster: [3, 2, 2] },
  },
  {
    promise: 'a cluster that the list does not name has no weight',
    hosts: three,
    distribution: { replicas: 6, spread: byWeight({ eu: 1, us: 1 }) },
    want: { cluster: { eu: 3, us: 3 } },
  },
  {
    promise: 'a cluster of weight 0 gets nothing',
    hosts: three,
    distribution: { replicas: 6, spread: byWeight({ eu: 1, us: 1, ap: 0 }) },
    want: { cluster: { eu: 3, us: 3 } },
  },
  {
    promise: "weights look at room (Karmada's static ones do not): the surplus goes to the others",
    hosts: ['eu/a instances=2', 'us/a'],
    distribution: { replicas: 12, spread: byWeight({ eu: 3, us: 1 }) },
    want: { cluster: { eu: 2, us: 10 } },
  },
  {
    promise: 'hard weights keep everyone at their share',
    hosts: ['eu/a instances=2', 'us/a'],
    distribution: {
      replicas: 12,
      spread: byWeight({ eu: 3, us: 1 }).map((entry) => ({ ...entry, whenUnsatisfiable: 'Block' })),
    },
    want: { cluster: { eu: 2, us: 3 }, placed: 5, unplaced: { SpreadBlocked: 7 } },
  },
  {
    promise: 'dynamic weights: the cluster with more room takes more once the smaller one is full',
    hosts: ['eu/a instances=3', 'us/a instances=20'],
    distribution: { replicas: 15 },
    want: { cluster: { eu: 3, us: 12 } },
  },
  {
    promise: 'Aggregated: one cluster if it fits there',
    hosts: ['eu/a instances=3', 'us/a instances=20'],
    distribution: { replicas: 15, mode: 'Pack' },
    want: { cluster: { us: 15 } },
  },
  {
    promise: 'Aggregated: the fewest clusters that hold it',
    hosts: ['eu/a instances=3', 'us/a instances=6', 'ap/a instances=5'],
    distribution: { replicas: 10, mode: 'Pack' },
    want: { cluster: { us: 6, ap: 4 } },
  },
  {
    promise: 'Aggregated: who is in use is filled first, and nothing moves',
    hosts: ['eu/a instances=3', 'us/a instances=20'],
    distribution: { replicas: 5, mode: 'Pack', current: { 'eu/a': 1 } },
    want: { cluster: { eu: 3, us: 2 }, moves: 0 },
  },
  {
    promise: 'spreadConstraints maxGroups: no more clusters than that',
    hosts: ['eu/a instances=5', 'us/a instances=9', 'ap/a instances=8'],
    distribution: { replicas: 6, spread: [{ topologyKey: cluster, maxDomains: 2 }] },
    want: { cluster: { us: 3, ap: 3 } },
  },
  {
    promise: 'spreadConstraints maxGroups 1: all in one cluster',
    hosts: ['eu/a instances=5', 'us/a instances=9'],
    distribution: { replicas: 6, spread: [{ topologyKey: cluster, maxDomains: 1 }] },
    want: { cluster: { us: 6 } },
  },
  {
    promise: 'spreadConstraints maxGroups: a cluster in use stays chosen',
    hosts: ['eu/a instances=5', 'us/a instances=9', 'ap/a instances=8'],
    distribution: { replicas: 4, spread: [{ topologyKey: cluster, maxDomains: 1 }], current: { 'eu/a': 2 } },
    want: { cluster: { eu: 4 }, moves: 0 },
  },
  {
    promise: 'spread by region, then by cluster',
    clusters: ['eu1 region=europe', 'eu2 region=europe', 'us1 region=america'],
    hosts: ['eu1/a', 'eu2/a', 'us1/a'],
    distribution: { replicas: 8, spread: [{ topologyKey: region }, { topologyKey: cluster }] },
    want: { region: { europe: 4, america: 4 }, cluster: { eu1: 2, eu2: 2, us1: 4 } },
  },
  {
    promise: 'spread by any label, such as a provider (Karmada takes cluster and region only)',
    clusters: ['eu1 provider=aws', 'eu2 provider=aws', 'us1 provider=gcp'],
    hosts: ['eu1/a', 'eu2/a', 'us1/a'],
    distribution: { replicas: 4, spread: [{ topologyKey: 'provider' }] },
    want: { cluster: { eu1: 1, eu2: 1, us1: 2 } },
  },
  {
    promise: 'clusterAffinity clusterNames',
    hosts: three,
    distribution: { replicas: 4, clusters: { required: inCluster('eu', 'us') } },
    want: { cluster: { eu: 2, us: 2 } },
  },
  {
    promise: 'clusterAffinity exclude',
    hosts: three,
    distribution: {
      replicas: 4,
      clusters: { required: [{ matchExpressions: [{ key: cluster, operator: 'NotIn', values: ['ap'] }] }] },
    },
    want: { cluster: { eu: 2, us: 2 } },
  },
  {
    promise: 'clusterAffinity fieldSelector by region',
    clusters: ['eu region=europe', 'us region=america'],
    hosts: two,
    distribution: {
      replicas: 2,
      clusters: { required: [{ matchExpressions: [{ key: region, operator: 'In', values: ['europe'] }] }] },
    },
    want: { cluster: { eu: 2 } },
  },
  {
    promise: 'clusterAffinities: a later group is for when the one before has no cluster',
    clusters: ['eu Lost'],
    hosts: two,
    distribution: {
      replicas: 4,
      clusters: {
        tiers: [
          { name: 'home', required: inCluster('eu') },
          { name: 'away', required: inCluster('us') },
        ],
      },
    },
    want: { cluster: { us: 4 } },
  },
  {
    promise: 'clusterAffinities: a group without room is not left for the next one',
    hosts: ['eu/a instances=3', 'us/a'],
    distribution: {
      replicas: 4,
      clusters: {
        tiers: [
          { name: 'home', required: inCluster('eu') },
          { name: 'away', required: inCluster('us') },
        ],
      },
    },
    want: { cluster: { eu: 3 }, unplaced: { TierFull: 1 } },
  },
  {
    promise: 'overflowAffinities: tier after tier fills up',
    hosts: ['eu/a instances=3', 'us/a instances=2', 'ap/a'],
    distribution: {
      replicas: 9,
      clusters: {
        tiers: [
          { name: 'home', required: inCluster('eu'), overflow: true },
          { name: 'near', required: inCluster('us'), overflow: true },
          { name: 'away', required: inCluster('ap') },
        ],
      },
    },
    want: { cluster: { eu: 3, us: 2, ap: 4 } },
  },
  {
    promise: 'overflowAffinities: scaling down contracts in reverse',
    hosts: ['eu/a instances=3', 'us/a'],
    distribution: {
      replicas: 4,
      current: { 'eu/a': 3, 'us/a': 4 },
      clusters: {
        tiers: [
          { name: 'home', required: inCluster('eu'), overflow: true },
          { name: 'away', required: inCluster('us') },
        ],
      },
    },
    want: { cluster: { eu: 3, us: 1 }, moves: 0 },
  },
  {
    promise: 'failBack: what overflowed returns when there is room again',
    needs: 'failBack',
    hosts: ['eu/a instances=9', 'us/a'],
    distribution: {
      replicas: 4,
      current: { 'us/a': 4 },
      clusters: {
        tiers: [
          { name: 'home', required: inCluster('eu'), overflow: true, failBack: true },
          { name: 'away', required: inCluster('us') },
        ],
      },
    },
    want: { cluster: { eu: 4 }, moves: 4 },
  },
  {
    promise: 'failBack: keeps to the move budget',
    needs: 'failBack',
    hosts: ['eu/a instances=9', 'us/a'],
    distribution: {
      replicas: 4,
      current: { 'us/a': 4 },
      moveBudget: 1,
      clusters: {
        tiers: [
          { name: 'home', required: inCluster('eu'), overflow: true, failBack: true },
          { name: 'away', required: inCluster('us') },
        ],
      },
    },
    want: { cluster: { eu: 1, us: 3 }, moves: 1 },
  },
  {
    promise: 'without failBack what overflowed stays',
    hosts: ['eu/a instances=9', 'us/a'],
    distribution: {
      replicas: 4,
      current: { 'us/a': 4 },
      clusters: {
        tiers: [
          { name: 'home', required: inCluster('eu'), overflow: true },
          { name: 'away', required: inCluster('us') },
        ],
      },
    },
    want: { cluster: { us: 4 }, moves: 0 },
  },
  {
    promise: 'clusterTolerations: a taint of the cluster keeps everything out of it',
    clusters: ['eu !maintenance:NoSchedule'],
    hosts: two,
    distribution: { replicas: 2 },
    want: { cluster: { us: 2 } },
  },
  {
    promise: 'clusterTolerations: unless it is tolerated',
    clusters: ['eu !maintenance:NoSchedule'],
    hosts: two,
    distribution: { replicas: 2, tolerations: [{ key: 'maintenance', operator: 'Exists' }] },
    want: { cluster: { eu: 1, us: 1 } },
  },
  {
    promise: 'failover: the replicas of a lost cluster come up in the others, and no others move',
    clusters: ['eu Lost'],
    hosts: three,
    distribution: { replicas: 6, current: { 'eu/a': 2, 'us/a': 2, 'ap/a': 2 } },
    want: { cluster: { us: 3, ap: 3 }, moves: 2 },
  },
  {
    promise: 'steady: scaling up divides the difference only',
    hosts: two,
    distribution: { replicas: 8, spread: byWeight({ eu: 1, us: 1 }), current: { 'eu/a': 5, 'us/a': 1 } },
    want: { cluster: { eu: 5, us: 3 }, moves: 0 },
  },
  {
    promise: 'steady: the same number changes nothing, even off target',
    hosts: two,
    distribution: { replicas: 6, spread: byWeight({ eu: 1, us: 1 }), current: { 'eu/a': 5, 'us/a': 1 } },
    want: { cluster: { eu: 5, us: 1 }, moves: 0 },
  },
  {
    promise: 'steady: scaling down brings everyone nearer to their weight',
    hosts: two,
    distribution: { replicas: 4, spread: byWeight({ eu: 3, us: 1 }), current: { 'eu/a': 4, 'us/a': 4 } },
    want: { cluster: { eu: 3, us: 1 }, moves: 0 },
  },
  {
    promise: 'a cluster that joins gets nothing of what runs',
    hosts: three,
    distribution: { replicas: 4, current: { 'eu/a': 2, 'us/a': 2 } },
    want: { cluster: { eu: 2, us: 2 }, moves: 0 },
  },
  {
    promise: 'WorkloadRebalancer: asked to, everything is divided anew',
    hosts: three,
    distribution: { replicas: 6, current: { 'eu/a': 6 }, stability: { policy: 'Rebalance' } },
    want: { cluster: { eu: 2, us: 2, ap: 2 }, moves: 4 },
  },
  {
    promise: 'suspension: nothing is decided',
    hosts: two,
    distribution: { replicas: 6, current: { 'eu/a': 1 }, suspend: true },
    want: { cluster: { eu: 1 }, unplaced: { Suspended: 5 }, moves: 0 },
  },
  {
    promise: 'KubeAdmiral minReplicas: every cluster first gets its least',
    hosts: three,
    distribution: {
      replicas: 6,
      spread: [
        {
          topologyKey: cluster,
          min: 1,
          weights: [
            { value: 'eu', weight: 100 },
            { value: 'us', weight: 1 },
            { value: 'ap', weight: 1 },
          ],
        },
      ],
    },
    want: { cluster: { eu: 4, us: 1, ap: 1 } },
  },
  {
    promise: 'KubeAdmiral maxReplicas: no cluster gets more than its most',
    hosts: two,
    distribution: { replicas: 6, spread: [{ topologyKey: cluster, max: 2 }] },
    want: { cluster: { eu: 2, us: 2 }, unplaced: { SpreadBlocked: 2 } },
  },
];
