import {
  labels,
  MANAGED_BY_LATTICE,
  typeMeta,
  WasmCloudActor,
  WasmCloudDistribution,
  type ActorObject,
  type DistributionObject,
} from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { MANAGED_BY } from '../dispatch/desired.ts';
import { foundIn } from './adoption.ts';
import { isAdoptable } from './facts.ts';
import { revisionOf } from './revision.ts';

const distribution: DistributionObject = {
  ...typeMeta(WasmCloudDistribution),
  metadata: { name: 'hello', namespace: 'shop' },
  spec: { actor: { id: 'hello', image: 'r:1' }, replicas: 8 },
};
const actor = (hostName: string, instances: number, said: Record<string, string>, image = 'r:1'): ActorObject => ({
  ...typeMeta(WasmCloudActor),
  metadata: { name: hostName, namespace: 'shop', labels: said },
  spec: { hostName, id: 'hello', image, instances },
});
const observed = { [labels.observed]: '' };
const current = revisionOf(distribution.spec);
const none = new Map<string, ActorObject[]>();

test('what legacy hosts run under its id is as if it had been decided, when it is the same image', () => {
  const seen = new Map([
    ['eu', [actor('a', 3, observed), actor('b', 1_000_000, observed), actor('c', 1, observed, 'r:0')]],
  ]);
  expect(foundIn(distribution, [], none, seen)).toMatchObject([
    {
      metadata: { name: 'hello.eu', namespace: 'shop' },
      spec: {
        epoch: 0,
        revision: current,
        hosts: [
          { host: 'a', replicas: 3 },
          // As many as it wants, where the host has no bound.
          { host: 'b', replicas: 8 },
          { host: 'c', replicas: 1, revision: 'unknown' },
        ],
      },
    },
  ]);
});

test('what clients of the lattice started on KasmCloud hosts counts as well, what people made does not', () => {
  const started = { [labels.managedBy]: MANAGED_BY_LATTICE };
  const seen = new Map([['eu', [actor('a', 3, started)]]]);
  expect(foundIn(distribution, [], none, seen)).toMatchObject([
    { spec: { revision: current, hosts: [{ host: 'a', replicas: 3 }] } },
  ]);
  expect(isAdoptable(actor('a', 3, started))).toBe(true);
  expect(isAdoptable(actor('a', 3, observed))).toBe(true);
  expect(isAdoptable(actor('a', 3, {}))).toBe(false);
  expect(isAdoptable(actor('a', 3, { [labels.managedBy]: MANAGED_BY }))).toBe(false);
});

test('what was orphaned counts before what is observed on the same host', () => {
  const own = new Map([['eu', [actor('a', 2, { [labels.revision]: 'old' })]]]);
  const seen = new Map([['eu', [actor('a', 5, observed)]]]);
  expect(foundIn(distribution, [], own, seen)).toMatchObject([
    { spec: { revision: 'old', hosts: [{ host: 'a', replicas: 2 }] } },
  ]);
});

test('a Distribution that was told once takes nothing over', () => {
  const seen = new Map([['eu', [actor('a', 3, observed)]]]);
  expect(foundIn({ ...distribution, status: {} }, [], none, seen)).toEqual([]);
});
