import {
  typeMeta,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { distributionFacts, hashed, type Circumstances } from './snapshot.ts';

const distribution = (image: string): DistributionObject => ({
  ...typeMeta(WasmCloudDistribution),
  metadata: { name: 'web', namespace: 'shop', generation: 1 },
  spec: { actor: { id: 'web', image }, replicas: 4 },
});
const bad = hashed(distribution('file:///bad.wasm'));
const good = hashed(distribution('file:///good.wasm'));
const surroundings: Circumstances['surroundings'] = { linksIn: () => [], configOf: () => undefined, namespaces: [] };

const placement = (revision: string, status?: PlacementObject['status']): PlacementObject => ({
  ...typeMeta(WasmCloudPlacement),
  metadata: { name: 'web.eu-1', namespace: 'shop' },
  spec: {
    distribution: 'web',
    cluster: 'eu-1',
    epoch: 1,
    revision,
    intent: bad.intent,
    hosts: [{ host: 'h1', replicas: 4 }],
  },
  ...(status !== undefined && { status }),
});

test.for<readonly [string, PlacementObject, [string, number][], boolean]>([
  ['nothing of another revision runs', placement(bad.revision), [['eu-1/h1', 0]], true],
  ['it runs', placement(bad.revision), [['eu-1/h1', 4]], false],
  ['its member was never seen, and it ran there', placement(bad.revision, { readyReplicas: 4 }), [], false],
  ['nothing of this revision runs yet', placement(good.revision), [['eu-1/h1', 0]], false],
  [
    'another revision has no host',
    { ...placement(bad.revision), spec: { ...placement(bad.revision).spec, hosts: [] } },
    [],
    false,
  ],
])('a new image when %s: whether replicas are placed anew', ([, stored, ready, isPlacedAnew]) => {
  const circumstances = { placements: [stored], isKnown: () => true, isBack: () => true, tried: undefined, now: 0 };
  const facts = distributionFacts(good, { ...circumstances, surroundings, readyOn: new Map(ready) });
  expect(facts.changed).toBe(isPlacedAnew);
});
