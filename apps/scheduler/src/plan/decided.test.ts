import { typeMeta, WasmCloudPlacement, type PlacementObject } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { Decided } from './decided.ts';

const placement = (name: string, epoch: number): PlacementObject => ({
  ...typeMeta(WasmCloudPlacement),
  metadata: { name, namespace: 'shop' },
  spec: { distribution: 'd', cluster: 'c', epoch, revision: 'r', hosts: [] },
});

test('a write is known before the watch brings it, and forgotten when it does', () => {
  const decided = new Decided();
  decided.wrote(placement('a', 2));
  expect(decided.over([placement('a', 1)]).map(({ spec }) => spec.epoch)).toEqual([2]);
  expect(decided.over([]).map(({ spec }) => spec.epoch)).toEqual([2]);
  expect(decided.over([placement('a', 2)]).map(({ spec }) => spec.epoch)).toEqual([2]);
  // Seen once, then gone: somebody deleted it, and it must not come back from memory.
  expect(decided.over([])).toEqual([]);
});
