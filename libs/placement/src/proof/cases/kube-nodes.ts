import type { Case } from './case.ts';

/** What node affinity, taints and tolerations promise. */

const ssd = { key: 'disk', operator: 'In' as const, values: ['ssd'] };

export const kubeNodes: readonly Case[] = [
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
];
