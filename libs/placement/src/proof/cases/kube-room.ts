import type { Case } from './case.ts';

/** What resource fit, priority, preemption and DaemonSets promise. */

const ssd = { key: 'disk', operator: 'In' as const, values: ['ssd'] };

export const kubeRoom: readonly Case[] = [
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
