import {
  labels,
  typeMeta,
  WasmCloudActor,
  WasmCloudPlacement,
  type ActorObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { workloadChange } from '../clusters/workload-change.ts';
import { isAsDecided } from './as-decided.ts';

const placement: PlacementObject = {
  ...typeMeta(WasmCloudPlacement),
  metadata: { name: 'web.eu-1', namespace: 'shop' },
  spec: {
    distribution: 'web',
    cluster: 'eu-1',
    epoch: 7,
    revision: 'r2',
    hosts: [
      { host: 'h1', replicas: 2, leaving: 1 },
      { host: 'h2', replicas: 1, revision: 'r1' },
    ],
  },
};

interface Facts {
  readonly host?: string;
  readonly instances?: number;
  readonly epoch?: number;
  readonly revision?: string;
  readonly generation?: number;
  readonly image?: string;
  readonly ready?: number;
  readonly deletionTimestamp?: string;
}

const actor = ({
  host = 'h1',
  instances = 3,
  epoch = 7,
  revision = 'r2',
  generation = 1,
  image = 'a',
  ready = 0,
  deletionTimestamp,
}: Facts): ActorObject => ({
  ...typeMeta(WasmCloudActor),
  metadata: {
    name: 'web-h1',
    namespace: 'shop',
    uid: 'u1',
    generation,
    labels: { [labels.revision]: revision },
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  },
  spec: { hostName: host, id: 'web', image, instances, epoch },
  status: { observedGeneration: ready },
});

describe('what became of a workload', () => {
  test.each<{ name: string; before?: Facts; after?: Facts; want: string }>([
    { name: 'a new one', after: {}, want: 'written' },
    { name: 'a later decision', before: { epoch: 6 }, after: { generation: 2 }, want: 'written' },
    { name: 'an edit by hand', before: {}, after: { generation: 2, image: 'b' }, want: 'workload' },
    { name: 'another label', before: {}, after: { revision: 'r9' }, want: 'workload' },
    { name: 'a deletion that waits', before: {}, after: { deletionTimestamp: 'now' }, want: 'workload' },
    { name: 'a status', before: {}, after: { ready: 1 }, want: 'report' },
    { name: 'one that is gone', before: {}, want: 'removed' },
  ])('$name is $want', ({ before, after, want }) => {
    expect(workloadChange(before && actor(before), after && actor(after))).toBe(want);
  });
});

describe('whether a writer has to look', () => {
  test.each<{ name: string; change: 'written' | 'removed' | 'workload'; facts: Facts; want: boolean }>([
    { name: 'written as decided', change: 'written', facts: {}, want: true },
    {
      name: 'of a revision of its host',
      change: 'written',
      facts: { host: 'h2', instances: 1, revision: 'r1' },
      want: true,
    },
    { name: 'too many', change: 'written', facts: { instances: 4 }, want: false },
    { name: 'of another revision', change: 'written', facts: { revision: 'r1' }, want: false },
    { name: 'of an older decision', change: 'written', facts: { epoch: 6 }, want: false },
    { name: 'on a host without any', change: 'written', facts: { host: 'h3' }, want: false },
    { name: 'edited by hand', change: 'workload', facts: {}, want: false },
    { name: 'gone where some are to run', change: 'removed', facts: {}, want: false },
    { name: 'gone where none is to run', change: 'removed', facts: { host: 'h3' }, want: true },
    { name: 'on its way out', change: 'written', facts: { deletionTimestamp: 'now' }, want: false },
  ])('$name: $want', ({ change, facts, want }) => {
    expect(isAsDecided(placement, change, actor(facts))).toBe(want);
  });

  test('nothing is known of a decision', () => {
    expect(isAsDecided(undefined, 'written', actor({}))).toBe(false);
  });
});
