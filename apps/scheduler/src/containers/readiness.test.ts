import { builtin, typeMeta } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { readinessOf, type Deployment } from './readiness.ts';

const of = (status: NonNullable<Deployment['status']>): Deployment => ({
  ...typeMeta(builtin.Deployment),
  metadata: { name: 'x', generation: 2 },
  spec: {},
  status: { observedGeneration: 2, ...status },
});
const failed = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' } as const;
const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'no' } as const;

test.for<readonly [string, Deployment, number, readonly [string, number]]>([
  ['all run', of({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 }), 3, ['Running', 3]],
  ['none shall run', of({}), 0, ['Running', 0]],
  [
    'nothing is told yet',
    { ...typeMeta(builtin.Deployment), metadata: { name: 'x', generation: 1 }, spec: {} },
    3,
    ['Progressing', 0],
  ],
  ['some run', of({ replicas: 3, updatedReplicas: 3, availableReplicas: 2 }), 3, ['Progressing', 2]],
  [
    'what is told is of an earlier spec',
    of({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 3 }),
    3,
    ['Progressing', 0],
  ],
  [
    'an image is rolled out: old pods serve, but are not what was written',
    of({ replicas: 4, updatedReplicas: 2, availableReplicas: 3 }),
    3,
    ['Progressing', 1],
  ],
  [
    'all are new, and an old one is about to go',
    of({ replicas: 4, updatedReplicas: 3, availableReplicas: 4 }),
    3,
    ['Progressing', 3],
  ],
  [
    'some find no room',
    of({ replicas: 2, updatedReplicas: 2, availableReplicas: 2, conditions: [failed] }),
    5,
    ['FailedCreate', 2],
  ],
  [
    'they take too long',
    of({ replicas: 3, updatedReplicas: 3, conditions: [late] }),
    3,
    ['ProgressDeadlineExceeded', 0],
  ],
  [
    'an earlier spec took too long',
    of({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, conditions: [late] }),
    3,
    ['Progressing', 0],
  ],
])('%s', ([, deployment, wanted, [reason, readyReplicas]]) => {
  const status = reason === 'Running' ? 'True' : 'False';
  expect(readinessOf(deployment, wanted)).toMatchObject({ status, reason, readyReplicas });
});
