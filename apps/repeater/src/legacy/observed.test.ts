import {
  labels,
  typeMeta,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type HostObject,
} from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObserved, observedName, observedObjects, type Observed, type ObservedWish } from './observed.ts';
import type { Inventory } from './sighting.ts';

const host: HostObject = {
  ...typeMeta(WasmCloudHost),
  metadata: { name: `n${'a'.repeat(55)}`, uid: 'u-1' },
  spec: {},
};
const now = '2026-01-01T00:00:00Z';
const nobody = { actors: new Set<string>(), providers: new Set<string>() };
const show = (inventory: Inventory, wished = nobody): ObservedWish =>
  observedObjects(host, 'shop', inventory, wished, now);
const component = (id: string, max_instances = 1): Inventory['components'][number] => ({
  id,
  image_ref: 'r:1',
  revision: 0,
  max_instances,
});

test('an Actor for each component and a Provider for each provider, owned by the host', () => {
  const { objects, faults } = show({ components: [component('c', 7)], providers: [{ id: 'p', revision: 0 }] });
  expect(objects).toMatchObject([
    {
      kind: 'WasmCloudActor',
      metadata: { namespace: 'shop', ownerReferences: [{ kind: 'WasmCloudHost', uid: 'u-1' }] },
      spec: { hostName: host.metadata.name, id: 'c', image: 'r:1', instances: 7 },
      status: { instances: 7, conditions: [{ type: 'Ready', status: 'True', reason: 'Observed' }] },
    },
    { kind: 'WasmCloudProvider', spec: { id: 'p', image: 'unknown' } },
  ]);
  expect(objects.every(isObserved)).toBe(true);
  expect(objects.every(({ metadata }) => metadata.labels?.[labels.distribution] === undefined)).toBe(true);
  expect(faults).toEqual([]);
});

test('ids that somebody has a wish for are left out, of their own kind only', () => {
  const inventory = { components: [component('both')], providers: [{ id: 'both', revision: 0 }] };
  const wished = { ...nobody, actors: new Set(['both']) };
  expect(show(inventory, wished).objects.map(({ kind }) => kind)).toEqual(['WasmCloudProvider']);
});

test('an absurd inventory is shown in part', () => {
  const components = Array.from({ length: 1_100 }, (_, at) => component(`c${at}`));
  const { objects, faults } = show({ components, providers: [] });
  expect(objects).toHaveLength(1_000);
  expect(faults).toEqual([expect.stringContaining('more than the 1000 things')]);
});

describe('names', () => {
  test('differ by host and by id, and the same two give the same', () => {
    const names = [
      observedName('h1', 'My_Component'),
      observedName('h2', 'My_Component'),
      observedName('h1', 'my-component'),
      observedName('h1', 'My-Component'),
    ];
    expect(new Set(names).size).toBe(4);
    expect(observedName('h1', 'My_Component')).toBe(names[0]);
  });
});

const text = fc.string({ maxLength: 300 });
const anyId = fc.oneof(
  text.filter((one) => one.length > 0),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/),
);
const inventories: fc.Arbitrary<Inventory> = fc.record({
  components: fc.array(
    fc.record({
      id: anyId,
      image_ref: fc.oneof(text, fc.string({ minLength: 1_025, maxLength: 2_048 })),
      annotations: fc.oneof(
        fc.constant(null),
        fc.dictionary(text, text, { maxKeys: 50 }),
        // As much as the control interface lets a host say, in characters that JSON makes six of.
        fc.constant(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`${at}`, '\u0001'.repeat(2_048)]))),
      ),
      revision: fc.integer(),
      max_instances: fc.oneof(fc.nat(), fc.constant(4_294_967_295), fc.constant(Number.MAX_SAFE_INTEGER)),
    }),
    { maxLength: 20 },
  ),
  providers: fc.array(fc.record({ id: anyId, revision: fc.integer() }), { maxLength: 10 }),
});
const isValid = ({ kind, metadata, spec, status }: Observed): boolean => {
  const { spec: specShape, status: statusShape } = kind === 'WasmCloudActor' ? WasmCloudActor : WasmCloudProvider;
  return (
    specShape.safeParse(spec).success &&
    statusShape.safeParse(status).success &&
    /^[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?$/.test(metadata.name) &&
    Buffer.byteLength(JSON.stringify(metadata.annotations ?? {})) < 262_144
  );
};

test('whatever a host says that it runs, the schemas take what stands for it, and each name is there once', () => {
  fc.assert(
    fc.property(inventories, (inventory) => {
      const { objects, faults } = show(inventory);
      expect(objects.filter((one) => !isValid(one))).toEqual([]);
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      const all = inventory.components.length + inventory.providers.length;
      expect(faults.length > 0).toBe(objects.length < all);
    }),
  );
});
