import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/** What topologySpreadConstraints promise (KEPs 895, 3022, 3094). */

const { zone, hostname } = labels;
const ssd = { key: 'disk', operator: 'In' as const, values: ['ssd'] };
const hard = { topologyKey: zone, whenUnsatisfiable: 'Block' as const };
/** Kubernetes counts a full domain in the minimum. */
const asKube = { ...hard, whenDomainFull: 'Block' as const };
const threeZones = ['eu/a zone=z1', 'eu/b zone=z2', 'eu/c zone=z3'];

export const kubeSpread: readonly Case[] = [
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
];
