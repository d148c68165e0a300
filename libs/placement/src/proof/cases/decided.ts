import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/** What KasmCloud decides where its peers are vague: the eleven semantics of the design, each by its number. */

const { cluster, region, zone } = labels;
const hard = { topologyKey: zone, whenUnsatisfiable: 'Block' as const };
const ssd = { key: 'disk', operator: 'In' as const, values: ['ssd'] };

export const decided: readonly Case[] = [
  {
    promise: 'decided 1: feasibility comes before the number placed',
    hosts: ['eu/a zone=z1 instances=1', 'eu/b zone=z2'],
    distribution: { replicas: 9, spread: [{ ...hard, whenDomainFull: 'Block' }] },
    want: { zone: { z1: 1, z2: 2 }, unplaced: { SpreadBlocked: 6 } },
  },
  {
    promise: 'decided 1: the number placed comes before soft spread',
    hosts: ['eu/a zone=z1 instances=1', 'eu/b zone=z2'],
    distribution: { replicas: 6, spread: [{ topologyKey: zone }] },
    want: { zone: { z1: 1, z2: 5 } },
  },
  {
    promise: 'decided 1: soft spread comes before preferences',
    hosts: ['eu/a zone=z1 disk=ssd', 'eu/b zone=z2'],
    distribution: {
      replicas: 4,
      spread: [{ topologyKey: zone }],
      hosts: { preferred: [{ weight: 100, matchExpressions: [ssd] }] },
    },
    want: { zone: { z1: 2, z2: 2 } },
  },
  {
    promise: 'decided 1: the first soft entry comes before the second',
    hosts: ['eu/a zone=z1 rack=r1', 'eu/b zone=z2 rack=r1', 'eu/c zone=z2 rack=r2'],
    distribution: { replicas: 4, spread: [{ topologyKey: zone }, { topologyKey: 'rack' }] },
    want: { zone: { z1: 2, z2: 2 }, host: { 'eu/a': 2, 'eu/b': 1, 'eu/c': 1 } },
  },
  {
    promise: 'decided 1: preferences come before packing',
    hosts: ['eu/a instances=9', 'eu/b instances=4 disk=ssd'],
    distribution: {
      replicas: 6,
      mode: 'Pack',
      hosts: { preferred: [{ weight: 1, matchExpressions: [ssd] }] },
    },
    want: { host: { 'eu/a': 2, 'eu/b': 4 } },
  },
  {
    promise: 'decided 1: equal priorities share scarce room in proportion to what they ask',
    hosts: ['eu/a instances=6'],
    distributions: { big: { replicas: 8 }, small: { replicas: 4 } },
    wants: {
      big: { placed: 4, unplaced: { InsufficientRoom: 4 } },
      small: { placed: 2, unplaced: { InsufficientRoom: 2 } },
    },
  },
  {
    promise: 'decided 1: the number placed comes before the move budget: what is new needs none',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 6, current: { 'eu/a': 2 }, moveBudget: 0 },
    want: { host: { 'eu/a': 3, 'eu/b': 3 }, moves: 0 },
  },
  {
    promise: 'decided 2: shares are Webster, water-filled where there is no room',
    hosts: ['eu/a instances=2', 'us/a', 'ap/a'],
    distribution: {
      replicas: 12,
      spread: [
        {
          topologyKey: cluster,
          weights: [
            { value: 'eu', weight: 3 },
            { value: 'us', weight: 2 },
            { value: 'ap', weight: 1 },
          ],
        },
      ],
    },
    want: { cluster: { eu: 2, us: 7, ap: 3 } },
  },
  {
    promise: 'decided 2: water is filled down the tree: a region that is short on zones gives to the other region',
    hosts: ['eu/a zone=z1 region=e instances=2', 'eu/b zone=z2 region=e instances=1', 'us/c zone=z3 region=u'],
    distribution: { replicas: 10, spread: [{ topologyKey: region }, { topologyKey: zone }] },
    want: { region: { e: 3, u: 7 } },
  },
  {
    promise: 'decided 3: a violation that a loss made is reported, and kills no healthy replica',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2 instances=1'],
    distribution: { replicas: 6, current: { 'eu/a': 4 }, spread: [{ ...hard, whenDomainFull: 'Block' }] },
    want: { zone: { z1: 4, z2: 1 }, moves: 0, unplaced: { SpreadBlocked: 1 } },
  },
  {
    promise: 'decided 4: whenDomainFull Ignore leaves the full domain out of the minimum',
    hosts: ['eu/a zone=z1 instances=1', 'eu/b zone=z2', 'eu/c zone=z3'],
    distribution: { replicas: 9, spread: [{ ...hard, whenDomainFull: 'Ignore' }] },
    want: { zone: { z1: 1, z2: 4, z3: 4 } },
  },
  {
    promise: 'decided 4: whenDomainFull Block counts it',
    hosts: ['eu/a zone=z1 instances=1', 'eu/b zone=z2', 'eu/c zone=z3'],
    distribution: { replicas: 9, spread: [{ ...hard, whenDomainFull: 'Block' }] },
    want: { zone: { z1: 1, z2: 2, z3: 2 }, unplaced: { SpreadBlocked: 4 } },
  },
  {
    promise: 'decided 5: a repair moves exactly what was lost',
    hosts: ['eu/a Lost', 'eu/b', 'eu/c'],
    distribution: { replicas: 9, current: { 'eu/a': 2, 'eu/b': 6, 'eu/c': 1 } },
    want: { host: { 'eu/b': 6, 'eu/c': 3 }, moves: 2 },
  },
  {
    promise: 'decided 5: scaling down takes from the most over-target domain and adds nowhere',
    hosts: ['eu/a', 'us/a', 'ap/a'],
    distribution: { replicas: 7, current: { 'eu/a': 7, 'us/a': 3 } },
    want: { cluster: { eu: 4, us: 3 }, moves: 0 },
  },
  {
    promise: 'decided 5: a change of the spec converges to its own target',
    hosts: ['eu/a', 'us/a'],
    distribution: {
      replicas: 8,
      current: { 'eu/a': 4, 'us/a': 4 },
      changed: true,
      spread: [
        {
          topologyKey: cluster,
          weights: [
            { value: 'eu', weight: 3 },
            { value: 'us', weight: 1 },
          ],
        },
      ],
    },
    want: { cluster: { eu: 6, us: 2 }, moves: 2 },
  },
  {
    promise: 'decided 5: … under the move budget, and says what is left',
    hosts: ['eu/a', 'us/a'],
    distribution: { replicas: 8, current: { 'eu/a': 8 }, changed: true, moveBudget: 1 },
    want: { cluster: { eu: 7, us: 1 }, moves: 1, deferred: 3 },
  },
  {
    promise: 'decided 6: a required term holds while it runs, too',
    hosts: ['eu/a disk=hdd', 'eu/b disk=ssd'],
    distribution: { replicas: 2, current: { 'eu/a': 2 }, hosts: { required: [{ matchExpressions: [ssd] }] } },
    want: { host: { 'eu/b': 2 }, moves: 2 },
  },
  {
    promise: 'decided 6: … and moves within the budget',
    hosts: ['eu/a disk=hdd', 'eu/b disk=ssd'],
    distribution: {
      replicas: 3,
      current: { 'eu/a': 3 },
      moveBudget: 1,
      hosts: { required: [{ matchExpressions: [ssd] }] },
    },
    want: { host: { 'eu/a': 2, 'eu/b': 1 }, moves: 1, deferred: 2 },
  },
  {
    promise: 'decided 6: a preference binds new placements only',
    hosts: ['eu/a', 'eu/b disk=ssd'],
    distribution: {
      replicas: 3,
      current: { 'eu/a': 2 },
      hosts: { preferred: [{ weight: 100, matchExpressions: [ssd] }] },
    },
    want: { host: { 'eu/a': 2, 'eu/b': 1 }, moves: 0 },
  },
  {
    promise: 'decided 7: the reason is what stands in the way, not what is merely narrow',
    hosts: ['eu/a instances=9', 'eu/b instances=9'],
    distribution: { replicas: 5, maxPerHost: 1, spread: [hard] },
    want: { unplaced: { NoEligibleHost: 5 } },
  },
  {
    promise: 'decided 7: a cluster where the revision failed is avoided as a whole',
    hosts: ['eu/a', 'eu/b', 'us/a'],
    distribution: { replicas: 2, failedOn: ['eu'] },
    want: { cluster: { us: 2 } },
  },
  {
    promise: 'decided 8: a cluster that we cannot reach is not an empty cluster',
    clusters: ['eu Unreachable'],
    hosts: ['us/a'],
    distribution: { replicas: 6, current: { 'eu/unseen': 4, 'us/a': 2 } },
    want: { cluster: { eu: 4, us: 2 }, moves: 0 },
  },
  {
    promise: 'decided 8: … and gets nothing new',
    clusters: ['eu Unreachable'],
    hosts: ['eu/a', 'us/a'],
    distribution: { replicas: 4 },
    want: { cluster: { us: 4 } },
  },
  {
    promise: 'decided 9: where the brake holds, the hosts that vanished are frozen, not lost',
    hosts: ['eu/a Unknown', 'eu/b Unknown', 'us/a'],
    distribution: { replicas: 6, current: { 'eu/a': 2, 'eu/b': 2, 'us/a': 2 } },
    want: { host: { 'eu/a': 2, 'eu/b': 2, 'us/a': 2 }, moves: 0 },
  },
  {
    promise: 'decided 9: what is stated as lost is lost, however much it is',
    hosts: ['eu/a Lost', 'eu/b Lost', 'us/a'],
    distribution: { replicas: 6, current: { 'eu/a': 2, 'eu/b': 2, 'us/a': 2 } },
    want: { host: { 'us/a': 6 }, moves: 4 },
  },
  {
    promise: 'decided 10: a suspect host keeps what it has and gets nothing new',
    hosts: ['eu/a Suspect', 'eu/b'],
    distribution: { replicas: 5, current: { 'eu/a': 2 } },
    want: { host: { 'eu/a': 2, 'eu/b': 3 }, moves: 0 },
  },
  {
    promise: 'decided 10: a lost host is replaced',
    hosts: ['eu/a Lost', 'eu/b'],
    distribution: { replicas: 5, current: { 'eu/a': 2, 'eu/b': 3 } },
    want: { host: { 'eu/b': 5 }, moves: 2 },
  },
  {
    promise: 'decided 10: an unknown host is frozen: nothing goes, even when it is too much',
    hosts: ['eu/a Unknown', 'eu/b'],
    distribution: { replicas: 1, current: { 'eu/a': 3, 'eu/b': 2 } },
    want: { host: { 'eu/a': 3 }, excess: 2 },
  },
  {
    promise: 'decided 11: a namespace has no more than its quota',
    hosts: ['eu/a memory=64Gi'],
    namespaces: { default: { quota: { memory: '3Gi' } } },
    distribution: { replicas: 5, resources: { memory: '1Gi' } },
    want: { placed: 3, unplaced: { QuotaExceeded: 2 } },
  },
  {
    promise: 'decided 11: … whoever in it asks, the higher priority first',
    hosts: ['eu/a'],
    namespaces: { default: { quota: { instances: '4' } } },
    distributions: { high: { replicas: 3, priority: 5 }, low: { replicas: 3 } },
    wants: { high: { placed: 3 }, low: { placed: 1, unplaced: { QuotaExceeded: 2 } } },
  },
  {
    promise: 'decided 11: … and other namespaces are not bound by it',
    hosts: ['eu/a'],
    namespaces: { default: { quota: { instances: '1' } } },
    distributions: { mine: { replicas: 3 }, theirs: { namespace: 'other', replicas: 3 } },
    wants: { mine: { placed: 1, unplaced: { QuotaExceeded: 2 } }, theirs: { placed: 3 } },
  },
  {
    promise: 'decided 11: a lowered quota kills nothing that runs',
    hosts: ['eu/a'],
    namespaces: { default: { quota: { instances: '1' } } },
    distribution: { replicas: 4, current: { 'eu/a': 3 } },
    want: { host: { 'eu/a': 3 }, unplaced: { QuotaExceeded: 1 }, moves: 0 },
  },
  {
    promise: 'decided 11: what is lost in a namespace above its quota is replaced only within it',
    hosts: ['eu/a Lost', 'eu/b'],
    namespaces: { default: { quota: { instances: '3' } } },
    distribution: { replicas: 4, current: { 'eu/a': 2, 'eu/b': 2 } },
    want: { host: { 'eu/b': 3 }, unplaced: { QuotaExceeded: 1 } },
  },
  {
    promise: 'decided 11: a priority above the ceiling of the namespace counts as the ceiling',
    hosts: ['eu/a instances=4'],
    namespaces: { default: { maxPriority: 10 } },
    distributions: {
      loud: { replicas: 4, priority: 1000 },
      other: { namespace: 'other', replicas: 3, priority: 11 },
    },
    wants: { loud: { placed: 1, unplaced: { InsufficientRoom: 3 } }, other: { placed: 3 } },
  },
];
