import {
  PODS_HOST,
  typeMeta,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorObject,
  type Condition,
  type ContainerProviderObject,
} from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { seenOf, standingIn } from '../distributions/seen.ts';
import { readyReplicasOf, shareOf } from './facts.ts';

const ready = (status: Condition['status']): Condition => ({
  type: 'Ready',
  status,
  reason: 'Said',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const actor = (status?: ActorObject['status']): ActorObject => ({
  ...typeMeta(WasmCloudActor),
  metadata: { name: 'a', namespace: 'shop', generation: 2 },
  spec: { hostName: 'h1', id: 'a', image: 'a:1', instances: 4 },
  ...(status !== undefined && { status }),
});
const pods = (status?: ContainerProviderObject['status']): ContainerProviderObject => ({
  ...typeMeta(WasmCloudProvider),
  metadata: { name: 'p', namespace: 'shop', generation: 2 },
  spec: { id: 'p', image: 'p:1', container: { replicas: 4 } },
  ...(status !== undefined && { status }),
});

describe('what a workload stands for', () => {
  test('a place and a number of replicas', () => {
    expect([actor(), pods()].map(shareOf)).toEqual([
      { host: 'h1', replicas: 4 },
      { host: PODS_HOST, replicas: 4 },
    ]);
  });

  test.for<readonly [string, ActorObject | ContainerProviderObject, number, number]>([
    ['nobody has looked at it yet', actor(), 0, 4],
    ['it was Ready before it was written anew', actor({ observedGeneration: 1, conditions: [ready('True')] }), 0, 4],
    ['it is Ready', actor({ observedGeneration: 2, conditions: [ready('True')] }), 4, 4],
    ['it is not Ready', actor({ observedGeneration: 2, conditions: [ready('False')] }), 0, 0],
    ['some pods are', pods({ observedGeneration: 2, readyReplicas: 3, conditions: [ready('False')] }), 3, 3],
    ['all pods are', pods({ observedGeneration: 2, readyReplicas: 4, conditions: [ready('True')] }), 4, 4],
    ['more pods are than there shall be', pods({ observedGeneration: 2, readyReplicas: 9 }), 4, 4],
    ['pods are, of before', pods({ observedGeneration: 1, readyReplicas: 3 }), 0, 4],
  ])('%s: how many are Ready, and how many did not fail', ([, workload, isReady, stands]) => {
    expect(readyReplicasOf(workload)).toBe(isReady);
    const member = { workloadsOf: () => [workload], adoptableFor: () => [] };
    const members = new Map([['eu-1', member]]);
    expect([...standingIn(seenOf(members, 'shop/x', undefined)).values()]).toEqual([stands]);
  });
});
