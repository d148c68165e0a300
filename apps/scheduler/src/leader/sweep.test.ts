import { typeMeta, WasmCloudPlacement, type PlacementObject } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { Sweep } from './sweep.ts';

const placement = (name: string, epoch: number, appliedEpoch?: number): PlacementObject => ({
  ...typeMeta(WasmCloudPlacement),
  metadata: { name, namespace: 'shop' },
  spec: { distribution: name, cluster: 'eu', epoch, revision: 'r', hosts: [] },
  ...(appliedEpoch !== undefined && { status: { appliedEpoch } }),
});

const names = (sweep: Sweep, placements: PlacementObject[]): string[] =>
  sweep.jobs(placements).map((job) => (job.kind === 'placement' ? job.name : job.kind));

test('what lags from one sweep to the next is asked for, each lattice once, the oldest decision first', () => {
  const sweep = new Sweep();
  const lagging = [placement('b', 3), placement('a', 2, 1), placement('done', 1, 1)];
  expect(names(sweep, lagging)).toEqual([]);
  expect(names(sweep, [...lagging, placement('new', 4)])).toEqual(['lattice', 'a', 'b']);
  expect(names(sweep, [placement('a', 5, 1), placement('b', 3, 3), placement('new', 4)])).toEqual(['lattice', 'new']);
});
