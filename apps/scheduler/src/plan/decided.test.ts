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
  const epochs = (watched: PlacementObject[]): number[] =>
    decided.over('shop/d', watched).map(({ spec }) => spec.epoch);
  decided.wrote(placement('a', 2));
  expect(epochs([placement('a', 1)])).toEqual([2]);
  expect(epochs([])).toEqual([2]);
  expect(decided.over('shop/other', [])).toEqual([]);
  expect(epochs([placement('a', 2)])).toEqual([2]);
  // Seen once, then gone: somebody deleted it, and it must not come back from memory.
  expect(epochs([])).toEqual([]);
});
