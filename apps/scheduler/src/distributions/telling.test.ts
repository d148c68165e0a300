import {
  typeMeta,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
  type PlacementStatus,
} from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { tellDistribution, type DistributionStatusOptions } from './controller.ts';

const metadata = { name: 'web', namespace: 'lattice' };
const distribution: DistributionObject = {
  ...typeMeta(WasmCloudDistribution),
  metadata,
  spec: { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 2 },
};
const plan = { key: 'lattice/web', desired: 2, clusters: [], unplaced: [], unsupported: [], skew: [] };

/** Statuses of the one Placement that are written when nothing of it runs. */
async function written(status: PlacementStatus | undefined): Promise<object[]> {
  const placement: PlacementObject = {
    ...typeMeta(WasmCloudPlacement),
    metadata: { ...metadata, name: 'web.eu' },
    spec: { distribution: 'web', cluster: 'eu', epoch: 1, revision: 'r1', hosts: [{ host: 'a', replicas: 2 }] },
    ...(status !== undefined && { status }),
  };
  const patches: object[] = [];
  const client = {
    patchStatus: (_: unknown, __: unknown, fields: object) => Promise.resolve(void patches.push(fields)),
    apply: (_: unknown, object: object) => Promise.resolve(object),
  };
  const planned = { plan: { ...plan, moves: { count: 0, lowerBound: 0, deferred: 0 } }, hash: '' };
  await tellDistribution(
    {
      hub: { client, distributions: { get: () => distribution }, placementsOf: () => [placement] },
      members: { entries: () => [] },
      planner: { stateOf: () => planned },
      nowMs: () => 0,
      graceMs: 1_000,
    } as unknown as DistributionStatusOptions,
    'lattice/web',
    new AbortController().signal,
  );
  return patches;
}

test('that nothing runs is told of what is carried out, and of what ran before', async () => {
  expect(await written(undefined)).toEqual([]);
  expect(await written({ appliedEpoch: 1 })).toEqual([{ readyReplicas: 0 }]);
  expect(await written({ readyReplicas: 2 })).toEqual([{ readyReplicas: 0 }]);
  expect(await written({ appliedEpoch: 1, readyReplicas: 0 })).toEqual([]);
});
