import { annotations, setCondition, WasmCloudHost, type HostObject } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { desiredHost, desiredStatus, hostNameOf, isAsDesired, placementLabels } from './host-object.ts';
import type { Sighting } from './sighting.ts';

const id = `N${'B'.repeat(55)}`;
const sighting: Sighting = {
  id,
  lattice: 'shop',
  friendlyName: 'silent-moon-4242',
  version: '1.9.2',
  labels: { 'hostcore.os': 'linux', zone: 'a' },
  startedAt: { now: Date.parse('2026-01-01T00:00:00Z'), steady: 0 },
  inventory: {
    components: [{ id: 'hello', image_ref: 'r:1', revision: 0, max_instances: 7, limits: null }],
    providers: [{ id: 'http', revision: 0 }],
  },
  stopped: false,
  rivals: [],
};
const object = (status: HostObject['status'] = {}): HostObject => ({
  apiVersion: 'kasmcloud.io/v1alpha1',
  kind: 'WasmCloudHost',
  metadata: {
    name: hostNameOf(id),
    labels: { ...sighting.labels, tier: 'gold', 'kasmcloud.io/cluster': 'eu' },
    annotations: { [annotations.hostLabels]: JSON.stringify(sighting.labels) },
  },
  spec: { lattices: ['shop'] },
  status,
});

test('the object and its status tell what was seen', () => {
  expect(desiredHost(sighting)).toEqual({
    metadata: {
      name: id.toLowerCase(),
      labels: sighting.labels,
      annotations: { 'kasmcloud.io/host-labels': '{"hostcore.os":"linux","zone":"a"}' },
    },
    spec: { lattices: ['shop'] },
  });
  expect(desiredStatus(object(), sighting)).toEqual({
    fields: {
      hostId: id,
      runtime: 'wasmcloud',
      version: '1.9.2',
      friendlyName: 'silent-moon-4242',
      lattice: 'shop',
      allocatable: { instances: '10000' },
      labels: { 'hostcore.os': 'linux', zone: 'a' },
      startedAt: '2026-01-01T00:00:00.000Z',
      actors: 1,
      providers: 1,
      instances: 7,
      inventory: { components: [{ id: 'hello', image: 'r:1', instances: 7 }], providers: [{ id: 'http' }] },
    },
    conditions: [expect.objectContaining({ type: 'Ready', status: 'True', reason: 'HostAlive' })],
  });
});

test('what is known already is not told again', () => {
  expect(isAsDesired(object({ labels: sighting.labels }), sighting)).toBe(true);
  expect(isAsDesired({ ...object(), spec: {} }, sighting)).toBe(false);
  const jitter = { ...sighting, startedAt: { now: Date.parse('2026-01-01T00:00:02Z'), steady: 2_000 } };
  expect(desiredStatus(object({ startedAt: '2026-01-01T00:00:00Z' }), jitter).fields).not.toHaveProperty('startedAt');
  const unknown = { ...sighting, inventory: undefined };
  expect(desiredStatus(object(), unknown).fields).not.toHaveProperty('inventory');
});

test('a label that the host no longer has goes', () => {
  const before = object({ labels: { ...sighting.labels, rack: '7' } });
  expect(isAsDesired(before, { ...sighting, labels: { 'hostcore.os': 'linux' } })).toBe(false);
  expect(desiredStatus(before, sighting).fields.labels).toEqual({ ...sighting.labels, rack: null });
});

test('a label that the host was given is shown, and is none of its own', () => {
  const labels = { ...sighting.labels, tier: 'gold', 'given.kasmcloud.io/tier': 'true' };
  expect(isAsDesired(object(), { ...sighting, labels })).toBe(true);
  expect(desiredStatus(object(), { ...sighting, labels }).fields.labels).toEqual({ ...sighting.labels, tier: 'gold' });
});

test('a host that says good-bye is not Ready', () => {
  expect(desiredStatus(object(), { ...sighting, stopped: true }).conditions[0]).toMatchObject({
    status: 'False',
    reason: 'HostStopped',
  });
});

describe('labels', () => {
  test.for([
    ['zone', 'a', true],
    ['example.com/tier', 'gold', true],
    ['empty', '', true],
    ['kasmcloud.io/cluster', 'eu', false],
    ['quota.kasmcloud.io/x', '1', false],
    ['topology.kubernetes.io/region', 'eu', false],
    ['kubernetes.io/hostname', 'x', false],
    ['with space', 'a', false],
    ['zone', 'not a value!', false],
    ['a/b/c', 'x', false],
  ] as const)('%s=%s is used for placement: %s', ([key, value, used]) => {
    expect(placementLabels({ [key]: value })).toEqual(used ? { [key]: value } : {});
  });
});

test('whatever a host reports, the schema takes what is made of it', () => {
  const strange = fc.record({
    friendlyName: fc.string({ maxLength: 2_000 }),
    version: fc.string({ maxLength: 500 }),
    labels: fc.dictionary(fc.string({ maxLength: 400 }), fc.string({ maxLength: 100 }), { maxKeys: 100 }),
    startedAt: fc.record({ now: fc.double(), steady: fc.double() }),
    rivals: fc.array(fc.string({ maxLength: 2_000 }), { maxLength: 5 }),
    components: fc.array(
      fc.record({
        id: fc.string({ minLength: 1 }),
        image_ref: fc.string({ maxLength: 2_000 }),
        revision: fc.integer(),
        max_instances: fc.nat(2 ** 32 - 1),
      }),
    ),
  });
  fc.assert(
    fc.property(strange, ({ components, ...rest }) => {
      const seen: Sighting = { ...sighting, ...rest, inventory: { components, providers: [] } };
      const { fields, conditions } = desiredStatus(object(), seen);
      const now = '2026-01-01T00:00:00Z';
      const all = conditions.reduce(
        (list, next) => setCondition(list, next, now),
        setCondition([], conditions[0] ?? never(), now),
      );
      const checked = WasmCloudHost.status?.safeParse({ ...fields, conditions: all });
      expect(checked?.error).toBeUndefined();
    }),
  );
});

test('an inventory of any length leaves an object that a cluster can keep', () => {
  const components = Array.from({ length: 5_000 }, (_, at) => ({
    id: `${'c'.repeat(120)}${at}`,
    image_ref: 'ü'.repeat(1_024),
    revision: 0,
    max_instances: 1,
  }));
  const { fields } = desiredStatus(object(), { ...sighting, inventory: { components, providers: components } });
  expect(fields.actors).toBe(5_000);
  expect(fields.inventory?.components?.length).toBeGreaterThan(100);
  expect(Buffer.byteLength(JSON.stringify(fields))).toBeLessThan(1_000_000);
});

const never = (): never => {
  throw new Error('there is always a condition');
};
