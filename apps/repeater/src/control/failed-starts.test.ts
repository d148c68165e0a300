import type { ActorObject, Condition } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { neverRan } from './failed-starts.ts';

const actor = (managedBy: string, status: Condition['status'], seconds: number): ActorObject => ({
  apiVersion: 'kasmcloud.io/v1alpha1',
  kind: 'WasmCloudActor',
  metadata: {
    name: 'a',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'app.kubernetes.io/managed-by': managedBy },
  },
  spec: { hostName: 'h', id: 'a', image: 'r:1', instances: 1 },
  status: {
    conditions: [
      {
        type: 'Ready',
        status,
        reason: 'ImagePullBackOff',
        message: '',
        lastTransitionTime: new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1_000).toISOString(),
      },
    ],
  },
});

test.for([
  { name: 'a start that has failed for long', given: actor('kasmcloud-lattice', 'False', 1), after: 62, want: true },
  { name: 'one that may yet succeed', given: actor('kasmcloud-lattice', 'False', 1), after: 30, want: false },
  { name: 'one that runs', given: actor('kasmcloud-lattice', 'True', 1), after: 500, want: false },
  { name: 'one that ran before it failed', given: actor('kasmcloud-lattice', 'False', 90), after: 500, want: false },
  { name: 'one of a Distribution', given: actor('kasmcloud', 'False', 1), after: 500, want: false },
])('$name is taken away: $want', ({ given, after, want }) => {
  expect(neverRan(given, Date.parse('2026-01-01T00:00:00Z') + after * 1_000, 60_000)).toBe(want);
});
