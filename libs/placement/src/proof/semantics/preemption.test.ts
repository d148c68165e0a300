import { labels } from '@kasmcloud/kube-api';
import { promises } from './promises.fixture.ts';

/** Priority decides who gets free room; only `preemption: LowerPriority` takes room that somebody has. */

promises('preemption', [
  {
    promise: 'without it, the highest priority waits',
    hosts: ['eu/a instances=2'],
    distributions: { low: { replicas: 2, current: { 'eu/a': 2 } }, high: { replicas: 1, priority: 1000 } },
    wants: { low: { host: { 'eu/a': 2 } }, high: { placed: 0, unplaced: { InsufficientRoom: 1 } } },
  },
  {
    promise: 'takes no more than is needed: one replica for one',
    hosts: ['eu/a instances=4', 'eu/b instances=4'],
    distributions: {
      low: { replicas: 8, current: { 'eu/a': 4, 'eu/b': 4 } },
      high: { replicas: 1, priority: 1, preemption: 'LowerPriority' },
    },
    wants: { low: { host: [4, 3], unplaced: { InsufficientRoom: 1 } }, high: { placed: 1 } },
  },
  {
    promise: 'takes nothing while there is free room elsewhere',
    hosts: ['eu/a instances=2', 'us/b instances=2'],
    distributions: {
      low: { replicas: 2, current: { 'eu/a': 2 } },
      high: { replicas: 2, priority: 9, preemption: 'LowerPriority' },
    },
    wants: { low: { host: { 'eu/a': 2 }, moves: 0 }, high: { host: { 'us/b': 2 } } },
  },
  {
    promise: 'never of an equal priority',
    hosts: ['eu/a instances=2'],
    distributions: {
      one: { replicas: 2, priority: 5, current: { 'eu/a': 2 } },
      two: { replicas: 2, priority: 5, preemption: 'LowerPriority' },
    },
    wants: { one: { host: { 'eu/a': 2 }, moves: 0 }, two: { placed: 0, unplaced: { InsufficientRoom: 2 } } },
  },
  {
    promise: 'never of a higher priority',
    hosts: ['eu/a instances=2'],
    distributions: {
      one: { replicas: 2, priority: 6, current: { 'eu/a': 2 } },
      two: { replicas: 2, priority: 5, preemption: 'LowerPriority' },
    },
    wants: { one: { host: { 'eu/a': 2 }, moves: 0 }, two: { placed: 0, unplaced: { InsufficientRoom: 2 } } },
  },
  {
    promise: 'the lowest priority goes first, the ones above it are reprieved',
    hosts: ['eu/a instances=6'],
    distributions: {
      lowest: { replicas: 2, priority: 1, current: { 'eu/a': 2 } },
      lower: { replicas: 2, priority: 2, current: { 'eu/a': 2 } },
      low: { replicas: 2, priority: 3, current: { 'eu/a': 2 } },
      high: { replicas: 3, priority: 9, preemption: 'LowerPriority' },
    },
    wants: {
      lowest: { placed: 0, unplaced: { InsufficientRoom: 2 } },
      lower: { placed: 1, unplaced: { InsufficientRoom: 1 } },
      low: { placed: 2 },
      high: { placed: 3 },
    },
  },
  {
    promise: 'takes nothing where that would not help: the host is too small even when it is empty',
    hosts: ['eu/a memory=1Gi'],
    distributions: {
      low: { replicas: 2, resources: { memory: '512Mi' }, current: { 'eu/a': 2 } },
      high: { replicas: 1, priority: 9, preemption: 'LowerPriority', resources: { memory: '2Gi' } },
    },
    wants: { low: { host: { 'eu/a': 2 }, moves: 0 }, high: { placed: 0, unplaced: { InsufficientRoom: 1 } } },
  },
  {
    promise: 'takes nothing where the victims hold another resource than what is short',
    hosts: ['eu/a memory=1Gi cpu=4'],
    distributions: {
      low: { replicas: 2, resources: { cpu: '1' }, current: { 'eu/a': 2 } },
      equal: { replicas: 1, priority: 9, resources: { memory: '1Gi' }, current: { 'eu/a': 1 } },
      high: { replicas: 1, priority: 9, preemption: 'LowerPriority', resources: { memory: '1Gi' } },
    },
    wants: {
      low: { host: { 'eu/a': 2 }, moves: 0 },
      equal: { host: { 'eu/a': 1 } },
      high: { placed: 0, unplaced: { InsufficientRoom: 1 } },
    },
  },
  {
    promise: 'takes nothing on hosts that the preemptor may not use',
    hosts: ['eu/a instances=2 disk=hdd', 'us/b instances=1 disk=ssd'],
    distributions: {
      low: { replicas: 3, current: { 'eu/a': 2, 'us/b': 1 } },
      high: {
        replicas: 2,
        priority: 9,
        preemption: 'LowerPriority',
        hosts: { required: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }] },
      },
    },
    wants: {
      low: { host: { 'eu/a': 2 }, unplaced: { InsufficientRoom: 1 } },
      high: { host: { 'us/b': 1 }, unplaced: { InsufficientRoom: 1 } },
    },
  },
  {
    promise: 'a victim that has room elsewhere goes there',
    hosts: ['eu/a instances=2 disk=ssd', 'us/b instances=2'],
    distributions: {
      low: { replicas: 2, current: { 'eu/a': 2 } },
      high: {
        replicas: 2,
        priority: 9,
        preemption: 'LowerPriority',
        hosts: { required: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }] },
      },
    },
    wants: { low: { host: { 'us/b': 2 }, moves: 2 }, high: { host: { 'eu/a': 2 } } },
  },
  {
    promise: 'a large replica takes as many small ones as it needs',
    hosts: ['eu/a memory=4Gi'],
    distributions: {
      small: { replicas: 8, resources: { memory: '512Mi' }, current: { 'eu/a': 8 } },
      large: { replicas: 1, priority: 9, preemption: 'LowerPriority', resources: { memory: '1536Mi' } },
    },
    wants: { small: { placed: 5, unplaced: { InsufficientRoom: 3 } }, large: { placed: 1 } },
  },
  {
    promise: 'what runs of nobody that is planned is no victim',
    hosts: ['eu/a instances=0'],
    distribution: { replicas: 1, priority: 1000, preemption: 'LowerPriority' },
    want: { placed: 0, unplaced: { InsufficientRoom: 1 } },
  },
  {
    promise: 'what is suspended is no victim: what stands, stands',
    hosts: ['eu/a instances=2'],
    distributions: {
      held: { replicas: 2, suspend: true, current: { 'eu/a': 2 } },
      high: { replicas: 2, priority: 9, preemption: 'LowerPriority' },
    },
    wants: { held: { host: { 'eu/a': 2 } }, high: { placed: 0, unplaced: { InsufficientRoom: 2 } } },
  },
  {
    promise: 'what is frozen on a host of unknown state is no victim',
    hosts: ['eu/a instances=2 Unknown'],
    distributions: {
      low: { replicas: 2, current: { 'eu/a': 2 } },
      high: { replicas: 2, priority: 9, preemption: 'LowerPriority' },
    },
    wants: { low: { host: { 'eu/a': 2 } }, high: { placed: 0, unplaced: { NoEligibleHost: 2 } } },
  },
  {
    promise: 'takes on each host what the spread of the preemptor wants there',
    hosts: ['eu/a zone=z1 instances=2', 'eu/b zone=z2 instances=2'],
    distributions: {
      low: { replicas: 4, current: { 'eu/a': 2, 'eu/b': 2 } },
      high: {
        replicas: 2,
        priority: 9,
        preemption: 'LowerPriority',
        spread: [{ topologyKey: labels.zone, whenUnsatisfiable: 'Block' }],
      },
    },
    wants: {
      low: { host: { 'eu/a': 1, 'eu/b': 1 }, unplaced: { InsufficientRoom: 2 } },
      high: { zone: { z1: 1, z2: 1 } },
    },
  },
  {
    promise: 'takes no more than maxPerHost lets the preemptor use',
    hosts: ['eu/a instances=4'],
    distributions: {
      low: { replicas: 4, current: { 'eu/a': 4 } },
      high: { replicas: 3, maxPerHost: 1, priority: 9, preemption: 'LowerPriority' },
    },
    wants: { low: { placed: 3, unplaced: { InsufficientRoom: 1 } }, high: { placed: 1, unplaced: { MaxPerHost: 2 } } },
  },
  {
    promise: 'takes nothing where the revision of the preemptor failed',
    hosts: ['eu/a instances=2'],
    distributions: {
      low: { replicas: 2, current: { 'eu/a': 2 } },
      high: { replicas: 1, failedOn: ['eu/a'], priority: 9, preemption: 'LowerPriority' },
    },
    wants: { low: { host: { 'eu/a': 2 }, moves: 0 }, high: { placed: 0, unplaced: { Avoided: 1 } } },
  },
  {
    promise: 'spares whoever holds none of what is short',
    hosts: ['eu/a cpu=2 memory=2Gi'],
    distributions: {
      busy: { replicas: 2, resources: { cpu: '1' }, current: { 'eu/a': 2 } },
      large: { replicas: 2, resources: { memory: '1Gi' }, current: { 'eu/a': 2 } },
      high: { replicas: 1, priority: 9, preemption: 'LowerPriority', resources: { memory: '1Gi' } },
    },
    wants: {
      busy: { host: { 'eu/a': 2 }, moves: 0 },
      large: { placed: 1, unplaced: { InsufficientRoom: 1 } },
      high: { placed: 1 },
    },
  },
  {
    promise: 'of two hosts, the one whose victims are of the lowest priority',
    hosts: ['eu/a memory=2Gi', 'eu/b memory=2Gi'],
    distributions: {
      middle: { replicas: 2, priority: 5, resources: { memory: '1Gi' }, current: { 'eu/a': 2 } },
      lowest: { replicas: 2, priority: 1, resources: { memory: '1Gi' }, current: { 'eu/b': 2 } },
      high: { replicas: 1, priority: 9, preemption: 'LowerPriority', resources: { memory: '1Gi' } },
    },
    wants: {
      middle: { host: { 'eu/a': 2 }, moves: 0 },
      lowest: { placed: 1, unplaced: { InsufficientRoom: 1 } },
      high: { host: { 'eu/b': 1 } },
    },
  },
  {
    promise: 'a daemon takes its place on each host',
    hosts: ['eu/a instances=1', 'eu/b instances=1'],
    distributions: {
      low: { replicas: 2, current: { 'eu/a': 1, 'eu/b': 1 } },
      agent: { mode: 'Daemon', replicas: 1, priority: 9, preemption: 'LowerPriority' },
    },
    wants: { low: { placed: 0, unplaced: { InsufficientRoom: 2 } }, agent: { host: { 'eu/a': 1, 'eu/b': 1 } } },
  },
]);
