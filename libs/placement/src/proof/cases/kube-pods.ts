import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/** What pod affinity and anti-affinity promise. */

const { zone, hostname } = labels;
const threeZones = ['eu/a zone=z1', 'eu/b zone=z2', 'eu/c zone=z3'];

export const kubePods: readonly Case[] = [
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
];
