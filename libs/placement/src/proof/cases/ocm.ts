import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/** What Open Cluster Management promises of Placement: predicates, tolerations, prioritizers, spread, decisions. */

const { cluster, region } = labels;
const prod = { key: 'env', operator: 'In' as const, values: ['prod'] };
const gpu = { key: 'gpu', operator: 'Exists' as const };
const clusters = ['eu env=prod region=europe', 'us env=prod gpu=a100 region=america', 'ap env=dev region=asia'];
const hosts = ['eu/a', 'us/a', 'ap/a'];

export const ocm: readonly Case[] = [
  {
    promise: 'no predicates: every cluster',
    clusters,
    hosts,
    distribution: { replicas: 3 },
    want: { cluster: { eu: 1, us: 1, ap: 1 } },
  },
  {
    promise: 'a predicate selects clusters by label',
    clusters,
    hosts,
    distribution: { replicas: 4, clusters: { required: [{ matchExpressions: [prod] }] } },
    want: { cluster: { eu: 2, us: 2 } },
  },
  {
    promise: 'predicates are ORed',
    clusters,
    hosts,
    distribution: {
      replicas: 4,
      clusters: {
        required: [{ matchExpressions: [gpu] }, { matchExpressions: [{ ...prod, values: ['dev'] }] }],
      },
    },
    want: { cluster: { us: 2, ap: 2 } },
  },
  {
    promise: 'the requirements of one predicate are ANDed',
    clusters,
    hosts,
    distribution: { replicas: 4, clusters: { required: [{ matchExpressions: [prod, gpu] }] } },
    want: { cluster: { us: 4 } },
  },
  {
    promise: 'NotIn takes the clusters without the label, too',
    clusters,
    hosts,
    distribution: {
      replicas: 4,
      clusters: { required: [{ matchExpressions: [{ key: 'gpu', operator: 'NotIn', values: ['a100'] }] }] },
    },
    want: { cluster: { eu: 2, ap: 2 } },
  },
  {
    promise: 'DoesNotExist',
    clusters,
    hosts,
    distribution: {
      replicas: 4,
      clusters: { required: [{ matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] }] },
    },
    want: { cluster: { eu: 2, ap: 2 } },
  },
  {
    promise: 'a claim with a number is compared by Gt and Lt',
    clusters: ['eu version=9', 'us version=31'],
    hosts: ['eu/a', 'us/a'],
    distribution: {
      replicas: 2,
      clusters: { required: [{ matchExpressions: [{ key: 'version', operator: 'Gt', values: ['9'] }] }] },
    },
    want: { cluster: { us: 2 } },
  },
  {
    promise: 'predicates that no cluster meets: nothing is decided, and said so',
    clusters,
    hosts,
    distribution: { replicas: 2, clusters: { required: [{ matchExpressions: [{ ...prod, values: ['stage'] }] }] } },
    want: { unplaced: { NoEligibleHost: 2 } },
  },
  {
    promise: 'numberOfClusters: not more than that',
    clusters,
    hosts,
    distribution: { replicas: 4, spread: [{ topologyKey: cluster, maxDomains: 2 }] },
    want: { cluster: [2, 2, 0] },
  },
  {
    promise: 'numberOfClusters larger than what is there: all of them',
    clusters,
    hosts,
    distribution: { replicas: 3, spread: [{ topologyKey: cluster, maxDomains: 9 }] },
    want: { cluster: { eu: 1, us: 1, ap: 1 } },
  },
  {
    promise: 'a cluster that stops meeting the predicate is left',
    clusters,
    hosts,
    distribution: {
      replicas: 2,
      current: { 'ap/a': 2 },
      clusters: { required: [{ matchExpressions: [prod] }] },
    },
    want: { cluster: { eu: 1, us: 1 }, moves: 2 },
  },
  {
    promise: 'NoSelect (NoExecute here): neither new nor old',
    clusters: ['eu !broken:NoExecute', 'us'],
    hosts: ['eu/a', 'us/a'],
    distribution: { replicas: 2, current: { 'eu/a': 1 } },
    want: { cluster: { us: 2 }, moves: 1 },
  },
  {
    promise: 'NoSelectIfNew (NoSchedule here): old stays, new does not come',
    clusters: ['eu !busy:NoSchedule', 'us'],
    hosts: ['eu/a', 'us/a'],
    distribution: { replicas: 3, current: { 'eu/a': 1 } },
    want: { cluster: { eu: 1, us: 2 }, moves: 0 },
  },
  {
    promise: 'PreferNoSelect (PreferNoSchedule here): only if there is nothing better',
    clusters: ['eu !old:PreferNoSchedule', 'us'],
    hosts: ['eu/a', 'us/a instances=2'],
    distribution: { replicas: 3 },
    want: { cluster: { eu: 1, us: 2 } },
  },
  {
    promise: 'a toleration lets a cluster in',
    clusters: ['eu !broken:NoExecute', 'us'],
    hosts: ['eu/a', 'us/a'],
    distribution: { replicas: 2, tolerations: [{ key: 'broken', operator: 'Exists' }] },
    want: { cluster: { eu: 1, us: 1 } },
  },
  {
    promise: 'tolerationSeconds: for so long after the taint came, and no longer',
    clusters: ['eu !unreachable:NoExecute:299s', 'us !unreachable:NoExecute:300s', 'ap'],
    hosts,
    distribution: {
      replicas: 4,
      current: { 'eu/a': 2, 'us/a': 2 },
      tolerations: [{ key: 'unreachable', operator: 'Exists', seconds: 300 }],
    },
    want: { cluster: { eu: 2, ap: 2 }, moves: 2 },
  },
  {
    promise: 'a toleration of another value does not help',
    clusters: ['eu !team=red:NoSchedule', 'us'],
    hosts: ['eu/a', 'us/a'],
    distribution: { replicas: 2, tolerations: [{ key: 'team', operator: 'Equal', value: 'blue' }] },
    want: { cluster: { us: 2 } },
  },
  {
    promise: 'prioritizers: scores add up, the best cluster first',
    clusters,
    hosts,
    distribution: {
      replicas: 2,
      clusters: {
        preferred: [
          { weight: 10, matchExpressions: [prod] },
          { weight: 10, matchExpressions: [gpu] },
        ],
      },
    },
    want: { cluster: { us: 2 } },
  },
  {
    promise: 'prioritizers: a negative weight puts a cluster last',
    clusters,
    hosts: ['eu/a instances=1', 'us/a', 'ap/a instances=1'],
    distribution: { replicas: 3, clusters: { preferred: [{ weight: -10, matchExpressions: [gpu] }] } },
    want: { cluster: { eu: 1, us: 1, ap: 1 } },
  },
  {
    promise: 'Steady: a better score elsewhere does not move what runs',
    clusters,
    hosts,
    distribution: {
      replicas: 2,
      current: { 'ap/a': 2 },
      clusters: { preferred: [{ weight: 100, matchExpressions: [prod] }] },
    },
    want: { cluster: { ap: 2 }, moves: 0 },
  },
  {
    promise: 'spreadPolicy (declared by OCM, kept here): level over regions, then clusters',
    clusters: ['eu1 region=europe', 'eu2 region=europe', 'us1 region=america'],
    hosts: ['eu1/a', 'eu2/a', 'us1/a'],
    distribution: { replicas: 4, spread: [{ topologyKey: region, whenUnsatisfiable: 'Block' }] },
    want: { region: { europe: 2, america: 2 }, cluster: { eu1: 1, eu2: 1, us1: 2 } },
  },
  {
    promise: 'ManagedClusterSet: a host serves only the namespaces that it is bound to',
    hosts: ['eu/a lattices=red', 'us/a lattices=blue,red', 'ap/a lattices=blue'],
    distribution: { namespace: 'red', replicas: 4 },
    want: { cluster: { eu: 2, us: 2 } },
  },
];
