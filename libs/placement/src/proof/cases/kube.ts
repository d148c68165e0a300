import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/**
 * What Kubernetes promises: topologySpreadConstraints (KEPs 895, 3022, 3094), node affinity, taints and tolerations,
 * resource fit, priority and preemption, pod affinity, DaemonSets.
 */

const { zone, hostname } = labels;
const ssd = { key: 'disk', operator: 'In' as const, values: ['ssd'] };
const hard = { topologyKey: zone, whenUnsatisfiable: 'Block' as const };
/** Kubernetes counts a full domain in the minimum. */
const asKube = { ...hard, whenDomainFull: 'Block' as const };
const threeZones = ['eu/a zone=z1', 'eu/b zone=z2', 'eu/c zone=z3'];

export const kube: readonly Case[] = [
  {
    promise: 'spread: an empty cluster with three zones takes one replica in each',
    hosts: threeZones,
    distribution: { replicas: 3, spread: [hard] },
    want: { zone: { z1: 1, z2: 1, z3: 1 } },
  },
  {
    promise: 'spread: maxSkew 1 leaves at most one replica between any two zones',
    hosts: threeZones,
    distribution: { replicas: 4, spread: [hard] },
    want: { zone: [2, 1, 1] },
  },
  {
    promise: 'spread: what is missing goes where the fewest are',
    hosts: threeZones,
    distribution: { replicas: 4, spread: [hard], current: { 'eu/a': 2, 'eu/b': 1 } },
    want: { zone: { z1: 2, z2: 1, z3: 1 }, moves: 0 },
  },
  {
    promise: 'spread: a zone that is ahead waits for the others',
    hosts: threeZones,
    distribution: { replicas: 6, spread: [hard], current: { 'eu/a': 2, 'eu/b': 1 } },
    want: { zone: { z1: 2, z2: 2, z3: 2 } },
  },
  {
    promise: 'spread: a zone without room holds the others back (DoNotSchedule counts it)',
    hosts: ['eu/a zone=z1 instances=1', 'eu/b zone=z2'],
    distribution: { replicas: 9, spread: [asKube] },
    want: { zone: { z1: 1, z2: 2 }, unplaced: { SpreadBlocked: 6 } },
  },
  {
    promise: 'spread: a larger maxSkew lets the others go further ahead',
    hosts: ['eu/a zone=z1 instances=1', 'eu/b zone=z2'],
    distribution: { replicas: 9, spread: [{ ...asKube, maxSkew: 5 }] },
    want: { zone: { z1: 1, z2: 6 }, unplaced: { SpreadBlocked: 2 } },
  },
  {
    promise: 'spread: a zone with no room at all lets maxSkew into each of the others',
    hosts: ['eu/a zone=z1 instances=0', 'eu/b zone=z2', 'eu/c zone=z3'],
    distribution: { replicas: 9, spread: [{ ...asKube, maxSkew: 2 }] },
    want: { zone: { z2: 2, z3: 2 }, unplaced: { SpreadBlocked: 5 } },
  },
  {
    promise: 'spread: ScheduleAnyway never leaves a replica out',
    hosts: ['eu/a zone=z1 instances=1', 'eu/b zone=z2'],
    distribution: { replicas: 9, spread: [{ topologyKey: zone, whenDomainFull: 'Block' }] },
    want: { zone: { z1: 1, z2: 8 } },
  },
  {
    promise: 'spread: with fewer zones than minDomains the minimum counts as 0',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distribution: { replicas: 4, spread: [{ ...hard, minDomains: 3 }] },
    want: { zone: { z1: 1, z2: 1 }, unplaced: { SpreadBlocked: 2 } },
  },
  {
    promise: 'spread: with fewer zones than minDomains maxSkew is the most that a zone holds',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distribution: { replicas: 9, spread: [{ ...hard, minDomains: 3, maxSkew: 4 }] },
    want: { zone: { z1: 4, z2: 4 }, unplaced: { SpreadBlocked: 1 } },
  },
  {
    promise: 'spread: minDomains that are there change nothing',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distribution: { replicas: 4, spread: [{ ...hard, minDomains: 2 }] },
    want: { zone: { z1: 2, z2: 2 } },
  },
  {
    promise: 'spread: minDomains binds only where the skew is hard',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2'],
    distribution: { replicas: 4, spread: [{ topologyKey: zone, minDomains: 3 }] },
    want: { zone: { z1: 2, z2: 2 } },
  },
  {
    promise: 'spread: a node without the label takes nothing under a hard constraint',
    hosts: ['eu/a zone=z1', 'eu/b'],
    distribution: { replicas: 2, spread: [hard] },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: 'spread: a node without the label is the last to be used under a soft one',
    hosts: ['eu/a zone=z1 instances=2', 'eu/b zone=z2 instances=1', 'eu/c'],
    distribution: { replicas: 5, spread: [{ topologyKey: zone }] },
    want: { host: { 'eu/a': 2, 'eu/b': 1, 'eu/c': 2 } },
  },
  {
    promise: 'spread: a zone that node affinity excludes is not counted (nodeAffinityPolicy Honor)',
    hosts: ['eu/a zone=z1 disk=ssd', 'eu/b zone=z2 disk=ssd', 'eu/c zone=z3'],
    distribution: { replicas: 4, spread: [asKube], hosts: { required: [{ matchExpressions: [ssd] }] } },
    want: { zone: { z1: 2, z2: 2 } },
  },
  {
    promise: 'spread: a zone whose taint is not tolerated is not counted (nodeTaintsPolicy Honor)',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2', 'eu/c zone=z3 !gpu:NoSchedule'],
    distribution: { replicas: 4, spread: [asKube] },
    want: { zone: { z1: 2, z2: 2 } },
  },
  {
    promise: 'spread: a zone whose taint is tolerated is counted, and used',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2', 'eu/c zone=z3 !gpu:NoSchedule'],
    distribution: { replicas: 3, spread: [asKube], tolerations: [{ key: 'gpu', operator: 'Exists' }] },
    want: { zone: { z1: 1, z2: 1, z3: 1 } },
  },
  {
    promise: 'spread: a cordoned zone is not counted',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2 cordoned'],
    distribution: { replicas: 3, spread: [asKube] },
    want: { zone: { z1: 3 } },
  },
  {
    promise: 'spread: two constraints hold together, by zone and by node',
    hosts: ['eu/a zone=z1', 'eu/b zone=z1', 'eu/c zone=z2', 'eu/d zone=z2'],
    distribution: { replicas: 6, spread: [asKube, { ...asKube, topologyKey: hostname }] },
    want: { zone: { z1: 3, z2: 3 }, host: [2, 2, 1, 1] },
  },
  {
    promise: 'spread: zones are level even if one has more nodes',
    hosts: ['eu/a zone=z1', 'eu/b zone=z1', 'eu/c zone=z1', 'eu/d zone=z2'],
    distribution: { replicas: 6, spread: [hard] },
    want: { zone: { z1: 3, z2: 3 }, host: [3, 1, 1, 1] },
  },
  {
    promise: 'spread: by node, as level as can be',
    hosts: ['eu/a', 'eu/b', 'eu/c'],
    distribution: { replicas: 4, spread: [{ ...hard, topologyKey: hostname }] },
    want: { host: [2, 1, 1] },
  },
  {
    promise: 'spread: scaling down takes from the fullest zone (kubernetes#115911)',
    hosts: threeZones,
    distribution: { replicas: 3, spread: [hard], current: { 'eu/a': 3, 'eu/b': 1, 'eu/c': 1 } },
    want: { zone: { z1: 1, z2: 1, z3: 1 }, moves: 0 },
  },
  {
    promise: 'node affinity: terms are ORed, requirements of a term ANDed',
    hosts: ['eu/a disk=ssd arch=arm', 'eu/b disk=ssd arch=x86', 'eu/c disk=hdd arch=arm', 'eu/d gpu=yes'],
    distribution: {
      replicas: 4,
      hosts: {
        required: [
          { matchExpressions: [ssd, { key: 'arch', operator: 'In', values: ['arm'] }] },
          { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] },
        ],
      },
    },
    want: { host: { 'eu/a': 2, 'eu/d': 2 } },
  },
  {
    promise: 'node affinity: NotIn is also met by a node without the label',
    hosts: ['eu/a disk=ssd', 'eu/b disk=hdd', 'eu/c'],
    distribution: { replicas: 4, hosts: { required: [{ matchExpressions: [{ ...ssd, operator: 'NotIn' }] }] } },
    want: { host: { 'eu/b': 2, 'eu/c': 2 } },
  },
  {
    promise: 'node affinity: DoesNotExist',
    hosts: ['eu/a disk=ssd', 'eu/b'],
    distribution: {
      replicas: 2,
      hosts: { required: [{ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }] },
    },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'node affinity: Gt compares whole numbers, not text',
    hosts: ['eu/a cores=9', 'eu/b cores=10', 'eu/c cores=many', 'eu/d'],
    distribution: {
      replicas: 2,
      hosts: { required: [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['9'] }] }] },
    },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'node affinity: Lt compares whole numbers, not text',
    hosts: ['eu/a cores=9', 'eu/b cores=10', 'eu/c cores=many', 'eu/d'],
    distribution: {
      replicas: 2,
      hosts: { required: [{ matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['10'] }] }] },
    },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: 'node affinity: a term that no node meets leaves all unplaced',
    hosts: ['eu/a disk=hdd'],
    distribution: { replicas: 2, hosts: { required: [{ matchExpressions: [ssd] }] } },
    want: { unplaced: { NoEligibleHost: 2 } },
  },
  {
    promise: 'preferred affinity: the highest sum of weights is used first',
    hosts: ['eu/a disk=ssd', 'eu/b disk=ssd arch=arm', 'eu/c'],
    distribution: {
      replicas: 2,
      hosts: {
        preferred: [
          { weight: 10, matchExpressions: [ssd] },
          { weight: 5, matchExpressions: [{ key: 'arch', operator: 'Exists' }] },
        ],
      },
    },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'preferred affinity: never blocks; the rest goes to the next best',
    hosts: ['eu/a disk=ssd instances=1', 'eu/b'],
    distribution: { replicas: 3, hosts: { preferred: [{ weight: 100, matchExpressions: [ssd] }] } },
    want: { host: { 'eu/a': 1, 'eu/b': 2 } },
  },
  {
    promise: 'taints: NoSchedule keeps out who does not tolerate it',
    hosts: ['eu/a !gpu:NoSchedule', 'eu/b'],
    distribution: { replicas: 2 },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'taints: Equal tolerates the same value only',
    hosts: ['eu/a !team=red:NoSchedule', 'eu/b !team=blue:NoSchedule'],
    distribution: { replicas: 2, tolerations: [{ key: 'team', operator: 'Equal', value: 'red' }] },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: 'taints: Equal is the default operator, and no value is the empty one',
    hosts: ['eu/a !team:NoSchedule', 'eu/b !team=blue:NoSchedule'],
    distribution: { replicas: 2, tolerations: [{ key: 'team' }] },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: 'taints: Exists tolerates every value',
    hosts: ['eu/a !team=red:NoSchedule', 'eu/b !team=blue:NoSchedule'],
    distribution: { replicas: 2, tolerations: [{ key: 'team', operator: 'Exists' }] },
    want: { host: { 'eu/a': 1, 'eu/b': 1 } },
  },
  {
    promise: 'taints: Exists without a key tolerates everything',
    hosts: ['eu/a !team=red:NoSchedule', 'eu/b !gpu:NoExecute'],
    distribution: { replicas: 2, tolerations: [{ operator: 'Exists' }] },
    want: { host: { 'eu/a': 1, 'eu/b': 1 } },
  },
  {
    promise: 'taints: Exists with an empty key is Exists without one',
    hosts: ['eu/a !team=red:NoSchedule'],
    distribution: { replicas: 2, tolerations: [{ key: '', operator: 'Exists' }] },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: 'taints: the same value of another key is not tolerated',
    hosts: ['eu/a !team=red:NoSchedule', 'eu/b'],
    distribution: { replicas: 2, tolerations: [{ key: 'colour', operator: 'Equal', value: 'red' }] },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'taints: a tolerated PreferNoSchedule is no reason to be last',
    hosts: ['eu/a !old:PreferNoSchedule', 'eu/b'],
    distribution: { replicas: 4, tolerations: [{ key: 'old', operator: 'Exists' }] },
    want: { host: { 'eu/a': 2, 'eu/b': 2 } },
  },
  {
    promise: 'taints: of several tolerations of one taint the most patient counts',
    hosts: ['eu/a !gpu:NoExecute:60s', 'eu/b'],
    distribution: {
      replicas: 2,
      current: { 'eu/a': 2 },
      tolerations: [
        { key: 'gpu', operator: 'Exists', seconds: 30 },
        { key: 'gpu', operator: 'Exists', seconds: 90 },
      ],
    },
    want: { host: { 'eu/a': 2 }, moves: 0 },
  },
  {
    promise: 'taints: a toleration of one effect does not cover another',
    hosts: ['eu/a !gpu:NoExecute', 'eu/b !gpu:NoSchedule'],
    distribution: { replicas: 2, tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'taints: all taints of a node must be tolerated',
    hosts: ['eu/a !gpu:NoSchedule !team=red:NoSchedule', 'eu/b !gpu:NoSchedule'],
    distribution: { replicas: 2, tolerations: [{ key: 'gpu', operator: 'Exists' }] },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'taints: PreferNoSchedule is used last',
    hosts: ['eu/a !old:PreferNoSchedule', 'eu/b instances=2'],
    distribution: { replicas: 3 },
    want: { host: { 'eu/a': 1, 'eu/b': 2 } },
  },
  {
    promise: 'taints: NoSchedule does not touch what runs',
    hosts: ['eu/a !gpu:NoSchedule', 'eu/b'],
    distribution: { replicas: 2, current: { 'eu/a': 2 } },
    want: { host: { 'eu/a': 2 }, moves: 0 },
  },
  {
    promise: 'taints: NoExecute evicts what runs',
    hosts: ['eu/a !gpu:NoExecute', 'eu/b'],
    distribution: { replicas: 2, current: { 'eu/a': 2 } },
    want: { host: { 'eu/b': 2 }, moves: 2 },
  },
  {
    promise: 'taints: NoExecute is borne for tolerationSeconds',
    hosts: ['eu/a !gpu:NoExecute:59s', 'eu/b !gpu:NoExecute:60s', 'eu/c'],
    distribution: {
      replicas: 4,
      current: { 'eu/a': 2, 'eu/b': 2 },
      tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute', seconds: 60 }],
    },
    want: { host: { 'eu/a': 2, 'eu/c': 2 }, moves: 2 },
  },
  {
    promise: 'fit: a node takes as many as its scarcest resource holds',
    hosts: ['eu/a cpu=4 memory=1Gi', 'eu/b cpu=1 memory=8Gi'],
    distribution: { replicas: 9, resources: { cpu: '500m', memory: '512Mi' } },
    want: { host: { 'eu/a': 2, 'eu/b': 2 }, unplaced: { InsufficientRoom: 5 } },
  },
  {
    promise: 'fit: a resource that a node does not report is 0',
    hosts: ['eu/a memory=8Gi', 'eu/b memory=8Gi gpu.example.com=1'],
    distribution: { replicas: 2, resources: { 'gpu.example.com': '1' } },
    want: { host: { 'eu/b': 1 }, unplaced: { InsufficientRoom: 1 } },
  },
  {
    promise: 'fit: who asks for nothing fits where memory is used up',
    hosts: ['eu/a memory=1Gi'],
    distributions: { full: { resources: { memory: '1Gi' } }, light: { replicas: 2 } },
    wants: { full: { host: { 'eu/a': 1 } }, light: { host: { 'eu/a': 2 } } },
  },
  {
    promise: 'fit: quantities are exact: three times 100m are 300m',
    hosts: ['eu/a cpu=300m'],
    distribution: { replicas: 4, resources: { cpu: '0.1' } },
    want: { host: { 'eu/a': 3 }, unplaced: { InsufficientRoom: 1 } },
  },
  {
    promise: 'priority: scarce room goes to the higher priority first',
    hosts: ['eu/a instances=5'],
    distributions: { high: { replicas: 4, priority: 10 }, low: { replicas: 4 } },
    wants: { high: { placed: 4 }, low: { placed: 1, unplaced: { InsufficientRoom: 3 } } },
  },
  {
    promise: 'priority: without preemption what runs keeps its room',
    hosts: ['eu/a instances=5'],
    distributions: { high: { replicas: 4, priority: 10 }, low: { replicas: 4, current: { 'eu/a': 4 } } },
    wants: { high: { placed: 1, unplaced: { InsufficientRoom: 3 } }, low: { placed: 4 } },
  },
  {
    promise: 'preemption: a higher priority takes the room of a lower one, and no more than it needs',
    needs: 'preemption',
    hosts: ['eu/a instances=5'],
    distributions: {
      high: { replicas: 3, priority: 10, preemption: 'LowerPriority' },
      low: { replicas: 4, current: { 'eu/a': 4 } },
    },
    wants: { high: { host: { 'eu/a': 3 } }, low: { placed: 2, unplaced: { InsufficientRoom: 2 } } },
  },
  {
    promise: 'preemption: never of an equal priority',
    needs: 'preemption',
    hosts: ['eu/a instances=4'],
    distributions: {
      late: { replicas: 2, priority: 10, preemption: 'LowerPriority' },
      early: { replicas: 4, priority: 10, current: { 'eu/a': 4 } },
    },
    wants: { late: { placed: 0, unplaced: { InsufficientRoom: 2 } }, early: { placed: 4 } },
  },
  {
    promise: 'preemption: the lowest priority is the victim',
    needs: 'preemption',
    hosts: ['eu/a instances=4'],
    distributions: {
      high: { replicas: 1, priority: 10, preemption: 'LowerPriority' },
      middle: { replicas: 2, priority: 5, current: { 'eu/a': 2 } },
      low: { replicas: 2, priority: 1, current: { 'eu/a': 2 } },
    },
    wants: { high: { placed: 1 }, middle: { placed: 2 }, low: { placed: 1, unplaced: { InsufficientRoom: 1 } } },
  },
  {
    promise: 'preemption: nobody is evicted where that would not help',
    needs: 'preemption',
    hosts: ['eu/a instances=4'],
    distributions: {
      high: {
        replicas: 1,
        priority: 10,
        preemption: 'LowerPriority',
        hosts: { required: [{ matchExpressions: [ssd] }] },
      },
      low: { replicas: 4, current: { 'eu/a': 4 } },
    },
    wants: { high: { placed: 0, unplaced: { NoEligibleHost: 1 } }, low: { placed: 4 } },
  },
  {
    promise: 'affinity: required, only where the other runs',
    needs: 'affinity',
    hosts: threeZones,
    distributions: {
      web: {
        replicas: 4,
        affinity: { required: [{ topologyKey: zone, selector: { matchLabels: { app: 'cache' } } }] },
      },
      cache: { replicas: 1, labels: { app: 'cache' }, current: { 'eu/b': 1 } },
    },
    wants: { web: { zone: { z2: 4 } }, cache: { zone: { z2: 1 } } },
  },
  {
    promise: 'affinity: the first of a group that asks only for its own is not blocked, and the rest follows it',
    needs: 'affinity',
    hosts: threeZones,
    distribution: {
      replicas: 3,
      labels: { app: 'web' },
      affinity: { required: [{ topologyKey: zone, selector: { matchLabels: { app: 'web' } } }] },
    },
    want: { zone: [3, 0, 0] },
  },
  {
    promise: 'affinity: with a workload that runs nowhere, nothing is placed',
    needs: 'affinity',
    hosts: threeZones,
    distribution: {
      replicas: 2,
      affinity: { required: [{ topologyKey: zone, selector: { matchLabels: { app: 'cache' } } }] },
    },
    want: { placed: 0, unplaced: 2 },
  },
  {
    promise: 'anti-affinity: with itself by node, one for each node',
    needs: 'affinity',
    hosts: threeZones,
    distribution: {
      replicas: 4,
      labels: { app: 'web' },
      antiAffinity: { required: [{ topologyKey: hostname, selector: { matchLabels: { app: 'web' } } }] },
    },
    want: { host: { 'eu/a': 1, 'eu/b': 1, 'eu/c': 1 }, unplaced: 1 },
  },
  {
    promise: 'anti-affinity: a node without the label is in no domain, and refuses nothing',
    needs: 'bug: place never returns with a required anti-affinity and a host without its label',
    hosts: ['eu/a'],
    distribution: {
      replicas: 2,
      labels: { app: 'web' },
      antiAffinity: { required: [{ topologyKey: zone, selector: { matchLabels: { app: 'web' } } }] },
    },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: 'anti-affinity: not in the zone of the other',
    needs: 'affinity',
    hosts: threeZones,
    distributions: {
      web: {
        replicas: 4,
        antiAffinity: { required: [{ topologyKey: zone, selector: { matchLabels: { app: 'noisy' } } }] },
      },
      noisy: { replicas: 1, labels: { app: 'noisy' }, current: { 'eu/b': 1 } },
    },
    wants: { web: { zone: { z1: 2, z3: 2 } }, noisy: { zone: { z2: 1 } } },
  },
  {
    promise: 'anti-affinity: a selector may be of expressions, which are ANDed',
    needs: 'affinity',
    hosts: threeZones,
    distributions: {
      web: {
        replicas: 4,
        antiAffinity: {
          required: [
            {
              topologyKey: zone,
              selector: {
                matchLabels: { app: 'noisy' },
                matchExpressions: [{ key: 'size', operator: 'In', values: ['big'] }],
              },
            },
          ],
        },
      },
      small: { replicas: 1, labels: { app: 'noisy', size: 'small' }, current: { 'eu/a': 1 } },
      big: { replicas: 1, labels: { app: 'noisy', size: 'big' }, current: { 'eu/b': 1 } },
    },
    wants: { web: { zone: { z1: 2, z3: 2 } }, small: { zone: { z1: 1 } }, big: { zone: { z2: 1 } } },
  },
  {
    promise: 'anti-affinity: an empty selector selects everyone of the namespace',
    needs: 'affinity',
    hosts: threeZones,
    distributions: {
      alone: { replicas: 2, antiAffinity: { required: [{ topologyKey: zone, selector: {} }] } },
      other: { replicas: 1, current: { 'eu/b': 1 } },
    },
    wants: { alone: { zone: { z1: 1, z3: 1 } }, other: { zone: { z2: 1 } } },
  },
  {
    promise: 'anti-affinity: is symmetric: who is shunned stays away from who shuns and runs',
    needs: 'affinity',
    hosts: threeZones,
    distributions: {
      shy: {
        replicas: 1,
        current: { 'eu/b': 1 },
        antiAffinity: { required: [{ topologyKey: zone, selector: { matchLabels: { app: 'noisy' } } }] },
      },
      noisy: { replicas: 4, labels: { app: 'noisy' } },
    },
    wants: { shy: { zone: { z2: 1 } }, noisy: { zone: { z1: 2, z3: 2 } } },
  },
  {
    promise: 'anti-affinity: sees its own namespace only, unless namespaces are named',
    needs: 'affinity',
    hosts: ['eu/a zone=z1'],
    distributions: {
      web: {
        replicas: 1,
        antiAffinity: { required: [{ topologyKey: zone, selector: { matchLabels: { app: 'noisy' } } }] },
      },
      noisy: { namespace: 'other', replicas: 1, labels: { app: 'noisy' }, current: { 'eu/a': 1 } },
    },
    wants: { web: { zone: { z1: 1 } }, noisy: { zone: { z1: 1 } } },
  },
  {
    promise: 'affinity: preferred, near the other while there is room, then elsewhere',
    needs: 'affinity',
    hosts: ['eu/a zone=z1', 'eu/b zone=z2 instances=3'],
    distributions: {
      web: {
        replicas: 4,
        affinity: { preferred: [{ weight: 100, topologyKey: zone, selector: { matchLabels: { app: 'cache' } } }] },
      },
      cache: { replicas: 1, labels: { app: 'cache' }, current: { 'eu/b': 1 } },
    },
    wants: { web: { zone: { z1: 2, z2: 2 } }, cache: { zone: { z2: 1 } } },
  },
  {
    promise: 'DaemonSet: one on each eligible node, none on a tainted or cordoned one',
    hosts: ['eu/a', 'eu/b', 'eu/c !gpu:NoSchedule', 'eu/d cordoned'],
    distribution: { mode: 'Daemon' },
    want: { host: { 'eu/a': 1, 'eu/b': 1 } },
  },
  {
    promise: 'DaemonSet: a new node gets its own; the others are not touched',
    hosts: ['eu/a', 'eu/b'],
    distribution: { mode: 'Daemon', current: { 'eu/a': 1 } },
    want: { host: { 'eu/a': 1, 'eu/b': 1 }, moves: 0 },
  },
  {
    promise: 'DaemonSet: a node without room is unplaced, the others are not',
    hosts: ['eu/a instances=0', 'eu/b'],
    distribution: { mode: 'Daemon' },
    want: { host: { 'eu/b': 1 }, unplaced: { InsufficientRoom: 1 } },
  },
];
