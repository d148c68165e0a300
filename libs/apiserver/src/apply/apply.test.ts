import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { get, isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { ApplyError, applyObject, trackUpdate } from './index.ts';

const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
const string = { type: 'string' };
const schema: JsonObject = {
  type: 'object',
  properties: {
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        image: string,
        atomic: { type: 'array', items: string },
        set: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
        list: {
          type: 'array',
          items: { type: 'object', properties: { name: string, value: string, more: string } },
          ...byName,
        },
        map: { type: 'object', additionalProperties: string },
        whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: string },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};
const times = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z', '2026-01-01T00:00:03Z'] as const;

function object(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'kasmcloud.io/v1alpha1', kind: 'Thing', metadata: { name: 'x', ...metadata }, spec };
}

interface Options {
  force?: boolean;
  time?: string;
  subresource?: string;
}

function context(
  manager: string,
  { force = false, time = times[0], ...more }: Options = {},
): Parameters<typeof applyObject>[2] {
  return { manager, apiVersion: 'kasmcloud.io/v1alpha1', time, schema, force, ...more };
}

/** Applies, and expects no conflict. */
function apply(live: JsonObject | undefined, manager: string, applied: JsonObject, options?: Options): JsonObject {
  const result = applyObject(live, applied, context(manager, options));
  if ('conflicts' in result) throw new Error(`conflicts: ${JSON.stringify(result.conflicts)}`);
  return result.object;
}

function conflicts(live: JsonObject, manager: string, applied: JsonObject): Record<string, string[]> {
  const result = applyObject(live, applied, context(manager));
  return 'object' in result
    ? {}
    : Object.fromEntries(result.conflicts.map(({ description, fields }) => [description, fields]));
}

/** The fields of each manager of an object, as `name/operation`. */
function owners(of: JsonObject): JsonObject {
  return Object.fromEntries(
    entries(of).map((entry) => [`${String(entry['manager'])}/${String(entry['operation'])}`, entry['fieldsV1']]),
  );
}

function entries(of: JsonObject): JsonObject[] {
  const metadata = get(of, 'metadata');
  const fields = isObject(metadata) ? get(metadata, 'managedFields') : undefined;
  return Array.isArray(fields) ? fields.filter((entry) => isObject(entry)) : [];
}

function items(...names: string[]): JsonObject[] {
  return names.map((name) => ({ name }));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function specOf(of: JsonObject): unknown {
  return get(of, 'spec');
}

describe('what a manager owns', () => {
  test.for<[name: string, spec: JsonObject, want: JsonObject]>([
    ['scalars', { replicas: 1, image: 'a' }, { 'f:replicas': {}, 'f:image': {} }],
    ['an atomic list as a whole', { atomic: ['x', 'y'] }, { 'f:atomic': {} }],
    ['an atomic map as a whole', { whole: { a: 'x' } }, { 'f:whole': {} }],
    ['entries of a map', { map: { a: 'x' } }, { 'f:map': { 'f:a': {} } }],
    ['items of a set', { set: ['x'] }, { 'f:set': { 'v:"x"': {} } }],
    [
      'items of a map list, and their fields',
      { list: [{ name: 'n', value: 'v' }] },
      { 'f:list': { 'k:{"name":"n"}': { '.': {}, 'f:name': {}, 'f:value': {} } } },
    ],
    [
      'free fields, with their objects',
      { free: { a: { b: 1 }, l: [1] } },
      { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:l': {} } },
    ],
    ['an empty object', { map: {} }, { 'f:map': {} }],
  ])('%s', ([, spec, want]) => {
    expect(entries(apply(undefined, 'm', object(spec)))).toEqual([
      {
        manager: 'm',
        operation: 'Apply',
        apiVersion: 'kasmcloud.io/v1alpha1',
        time: times[0],
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': want },
      },
    ]);
  });

  test('not what belongs to the server', () => {
    const created = apply(
      undefined,
      'm',
      object({}, { namespace: 'n', labels: { a: 'b' }, uid: 'u', resourceVersion: '1', creationTimestamp: null }),
    );
    expect(owners(created)).toEqual({ 'm/Apply': { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:spec': {} } });
    expect(created['metadata']).not.toHaveProperty('uid');
  });

  test('owner references and finalizers by item', () => {
    const owner = { apiVersion: 'v1', kind: 'A', name: 'o', uid: '7' };
    const created = apply(undefined, 'm', object({ replicas: 1 }, { ownerReferences: [owner], finalizers: ['f'] }));
    expect(owners(created)['m/Apply']).toMatchObject({
      'f:metadata': { 'f:ownerReferences': { 'k:{"uid":"7"}': {} }, 'f:finalizers': { 'v:"f"': {} } },
    });
  });
});

describe('applying again', () => {
  const first = apply(undefined, 'm', object({ replicas: 1, map: { a: '1' }, list: [{ name: 'x', value: '1' }] }));

  test('the same changes nothing, not even the time', () => {
    const again = object({ list: [{ value: '1', name: 'x' }], map: { a: '1' }, replicas: 1 });
    expect(apply(first, 'm', again, { time: times[1] })).toEqual(first);
  });

  test('a new value changes value and time', () => {
    const next = apply(first, 'm', object({ replicas: 2, map: { a: '1' }, list: [{ name: 'x', value: '1' }] }), {
      time: times[1],
    });
    expect(specOf(next)).toMatchObject({ replicas: 2 });
    expect(entries(next)[0]?.['time']).toBe(times[1]);
  });

  test('what is no longer applied goes', () => {
    expect(specOf(apply(first, 'm', object({ map: { b: '2' } })))).toEqual({ map: { b: '2' } });
    expect(specOf(apply(first, 'm', object({ replicas: 1 })))).toEqual({ replicas: 1 });
  });

  test('what another applied too stays, and is then his alone', () => {
    const shared = apply(first, 'other', object({ replicas: 1 }), { time: times[1] });
    expect(owners(shared)['other/Apply']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    const left = apply(shared, 'm', object({ map: { a: '1' } }), { time: times[2] });
    expect(specOf(left)).toEqual({ map: { a: '1' }, replicas: 1 });
    expect(owners(left)).toEqual({
      'm/Apply': { 'f:spec': { 'f:map': { 'f:a': {} } } },
      'other/Apply': { 'f:spec': { 'f:replicas': {} } },
    });
    expect(specOf(apply(left, 'other', object({})))).toEqual({ map: { a: '1' } });
  });

  test('an item goes, its sibling stays', () => {
    const two = apply(undefined, 'm', object({ list: [{ name: 'x', value: '1' }, { name: 'y' }], set: ['a', 'b'] }));
    expect(specOf(apply(two, 'm', object({ list: [{ name: 'y' }], set: ['b'] })))).toEqual({
      list: [{ name: 'y' }],
      set: ['b'],
    });
  });

  test('a field of an item goes, the item with the field of another stays', () => {
    const shared = apply(first, 'other', object({ list: [{ name: 'x', more: '2' }] }));
    expect(specOf(shared)).toMatchObject({ list: [{ name: 'x', value: '1', more: '2' }] });
    expect(specOf(apply(shared, 'm', object({ replicas: 1 })))).toEqual({
      list: [{ name: 'x', more: '2' }],
      replicas: 1,
    });
  });

  test('metadata of the server survives when all labels go', () => {
    const live = object({}, { uid: 'u', labels: { a: '1' } });
    const labelled = apply(live, 'm', object({}, { labels: { b: '2' } }));
    expect(apply(labelled, 'm', object({}))['metadata']).toMatchObject({ name: 'x', uid: 'u', labels: { a: '1' } });
  });
});

describe('conflicts', () => {
  const live = apply(
    undefined,
    'owner',
    object({ replicas: 1, atomic: ['x'], list: [{ name: 'x', value: '1' }], set: ['s'] }, { labels: { app: 'a' } }),
  );

  test.for<[name: string, applied: JsonObject, want: string[]]>([
    ['a scalar', object({ replicas: 2 }), ['.spec.replicas']],
    ['an atomic list', object({ atomic: ['x', 'y'] }), ['.spec.atomic']],
    ['a field of an item', object({ list: [{ name: 'x', value: '2' }] }), ['.spec.list[name="x"].value']],
    ['a label', object({}, { labels: { app: 'b' } }), ['.metadata.labels.app']],
  ])('%s', ([, applied, want]) => {
    expect(conflicts(live, 'm', applied)).toEqual({ '"owner"': want });
  });

  test.for<[name: string, applied: JsonObject]>([
    ['the same value', object({ replicas: 1 })],
    ['an item of ones own', object({ list: [{ name: 'y', value: '2' }] })],
    ['another field of an item', object({ list: [{ name: 'x', more: '2' }] })],
    ['an item of a set', object({ set: ['t'] })],
    ['another label', object({}, { labels: { other: 'b' } })],
  ])('none: %s', ([, applied]) => {
    expect(conflicts(live, 'm', applied)).toEqual({});
  });

  test('with an updater, named with its version', () => {
    const updated = trackUpdate(live, { ...live, spec: { replicas: 5 } }, context('kubectl-edit'));
    expect(conflicts(updated, 'owner', object({ replicas: 1 }))).toEqual({
      '"kubectl-edit" using kasmcloud.io/v1alpha1': ['.spec.replicas'],
    });
  });

  test('force takes the field over', () => {
    const forced = apply(live, 'm', object({ replicas: 2 }), { force: true, time: times[1] });
    expect(specOf(forced)).toMatchObject({ replicas: 2 });
    expect(owners(forced)['m/Apply']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(JSON.stringify(owners(forced)['owner/Apply'])).not.toContain('f:replicas');
  });
});

describe('merging lists', () => {
  test.for<[name: string, live: string[], applied: string[], want: string[]]>([
    ['new items follow', ['a'], ['b'], ['a', 'b']],
    ['items of others keep their place', ['a', 'b', 'c'], ['b'], ['a', 'b', 'c']],
    ['shared items take the applied order', ['a', 'b', 'c'], ['c', 'a'], ['b', 'c', 'a']],
    ['new items go where they were applied', ['a', 'c'], ['a', 'b', 'c'], ['a', 'b', 'c']],
  ])('%s', ([, live, applied, want]) => {
    const created = apply(undefined, 'other', object({ list: items(...live) }));
    expect(specOf(apply(created, 'm', object({ list: items(...applied) })))).toEqual({ list: items(...want) });
  });

  test.for<[name: string, spec: JsonObject, message: string]>([
    ['an item twice', { list: items('a', 'a') }, '.spec.list: duplicate entries for key [name="a"]'],
    ['a value twice', { set: ['a', 'a'] }, '.spec.set: duplicate entries for key [="a"]'],
    ['no key', { list: [{ value: 'x' }] }, '.spec.list: element 0: associative list has an element without its keys'],
  ])('refuses %s', ([, spec, message]) => {
    expect(() => apply(undefined, 'm', object(spec))).toThrow(ApplyError);
    expect(() => apply(undefined, 'm', object(spec))).toThrow(message);
  });
});

describe('updates', () => {
  const created = trackUpdate(undefined, object({ replicas: 1, image: 'a' }), context('creator'));

  test('a create belongs to its manager', () => {
    expect(owners(created)).toEqual({ 'creator/Update': { 'f:spec': { '.': {}, 'f:image': {}, 'f:replicas': {} } } });
  });

  test('a change moves the field; the rest stays', () => {
    const next = trackUpdate(
      created,
      { ...created, spec: { replicas: 2, image: 'a' } },
      context('other', { time: times[1] }),
    );
    expect(owners(next)).toEqual({
      'creator/Update': { 'f:spec': { '.': {}, 'f:image': {} } },
      'other/Update': { 'f:spec': { 'f:replicas': {} } },
    });
    expect(entries(next).map((entry) => entry['time'])).toEqual([times[0], times[1]]);
  });

  test('the same manager keeps one entry', () => {
    const next = trackUpdate(
      created,
      { ...created, spec: { replicas: 2, image: 'a' } },
      context('creator', { time: times[1] }),
    );
    expect(owners(next)).toEqual(owners(created));
    expect(entries(next)[0]?.['time']).toBe(times[1]);
  });

  test('a removal leaves no owner', () => {
    const next = trackUpdate(created, { ...created, spec: { replicas: 1 } }, context('other'));
    expect(owners(next)).toEqual({ 'creator/Update': { 'f:spec': { '.': {}, 'f:replicas': {} } } });
  });

  test('nothing changed, nothing written', () => {
    expect(trackUpdate(created, { ...created }, context('other', { time: times[1] }))).toEqual(created);
  });

  test('clients that drop managedFields lose nothing', () => {
    expect(trackUpdate(created, object({ replicas: 1, image: 'a' }), context('other'))).toEqual(created);
  });

  test('a reset stays until the next apply', () => {
    const reset = trackUpdate(created, object({ replicas: 1 }, { managedFields: [{}] }), context('other'));
    expect(entries(reset)).toEqual([]);
    const later = trackUpdate(reset, object({ replicas: 2 }), context('other'));
    expect(entries(later)).toEqual([]);
    const applied = apply(later, 'm', object({ image: 'a' }), { time: times[1] });
    expect(owners(applied)).toEqual({
      'before-first-apply/Update': { 'f:spec': { '.': {}, 'f:replicas': {} } },
      'm/Apply': { 'f:spec': { 'f:image': {} } },
    });
  });

  test('a subresource has its own entry', () => {
    const next = trackUpdate(
      created,
      { ...created, status: { ready: true } },
      context('host', { subresource: 'status' }),
    );
    expect(entries(next).at(-1)).toMatchObject({
      manager: 'host',
      subresource: 'status',
      fieldsV1: { 'f:status': { '.': {}, 'f:ready': {} } },
    });
  });

  test('the oldest updaters are gathered', () => {
    let live = created;
    for (let count = 0; count < 15; count++) {
      live = trackUpdate(
        live,
        object(
          { replicas: 1, image: 'a', map: { [`k${count}`]: '' }, free: get(live, 'free') ?? {} },
          { annotations: Object.fromEntries(Array.from({ length: count + 1 }, (_, index) => [`a${index}`, ''])) },
        ),
        context(`m${String(count).padStart(2, '0')}`, { time: `2026-01-01T00:01:${String(count).padStart(2, '0')}Z` }),
      );
    }
    expect(entries(live)).toHaveLength(10);
    expect(entries(live)[0]?.['manager']).toBe('ancient-changes');
    expect(JSON.stringify(owners(live)['ancient-changes/Update'])).toContain('f:a5');
  });
});

describe('from client-side apply', () => {
  const last = (spec: JsonObject): JsonObject => ({
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object(spec)),
  });
  const live = trackUpdate(
    undefined,
    object({ replicas: 1, image: 'a' }, { annotations: last({ replicas: 1 }) }),
    context('kubectl-client-side-apply'),
  );

  test('server-side kubectl takes over what client-side apply set', () => {
    const result = apply(live, 'kubectl', object({ replicas: 2 }));
    expect(specOf(result)).toEqual({ replicas: 2, image: 'a' });
    expect(JSON.stringify(result['metadata'])).toContain('\\"replicas\\":2');
    expect(apply(result, 'kubectl', object({ replicas: 2 }), { time: times[1] })).toEqual(result);
  });

  test('but not what others set, and no other manager does', () => {
    expect(conflicts(live, 'kubectl', object({ image: 'b' }))).toEqual({
      '"kubectl-client-side-apply" using kasmcloud.io/v1alpha1': ['.spec.image'],
    });
    expect(Object.keys(conflicts(live, 'm', object({ replicas: 2 })))).toHaveLength(1);
  });
});

describe('for any configuration', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const spec = fc.record(
    {
      replicas: fc.nat(3),
      atomic: fc.array(name, { maxLength: 2 }),
      set: fc.uniqueArray(name),
      list: fc.uniqueArray(fc.record({ name, value: name }, { requiredKeys: ['name'] }), {
        selector: (item) => item.name,
      }),
      map: fc.dictionary(name, name),
      free: fc.dictionary(
        name,
        fc.oneof(name, fc.dictionary(name, name), fc.array(name, { maxLength: 1 }), fc.constant(null)),
      ),
    },
    { requiredKeys: [] },
  );

  test('applying twice is applying once', () => {
    fc.assert(
      fc.property(spec, spec, spec, (one, two, three) => {
        const live = apply(apply(undefined, 'one', object(one)), 'two', object(two), { force: true, time: times[1] });
        const first = apply(live, 'one', object(three), { force: true, time: times[2] });
        expect(apply(first, 'one', object(three), { time: times[3] })).toEqual(first);
      }),
    );
  });

  test('managers of disjoint fields never conflict, and both get what they applied', () => {
    const { replicas, atomic, set, ...others } = {
      replicas: fc.nat(3),
      atomic: fc.array(name),
      set: fc.uniqueArray(name, { minLength: 1 }),
      image: name,
      map: fc.dictionary(name, name, { minKeys: 1 }),
    };
    fc.assert(
      fc.property(
        fc.record({ replicas, atomic, set }, { requiredKeys: [] }),
        fc.record(others, { requiredKeys: [] }),
        (one, two) => {
          const live = apply(undefined, 'one', object(one));
          expect(conflicts(live, 'two', object(two))).toEqual({});
          expect(specOf(apply(live, 'two', object(two)))).toEqual({ ...one, ...two });
        },
      ),
    );
  });

  test('a forced apply makes its fields so', () => {
    fc.assert(
      fc.property(spec, spec, (one, two) => {
        const live = trackUpdate(undefined, object(one), context('creator'));
        const { list = [], set = [], free: _, map = {}, ...rest } = two;
        const applied = specOf(apply(live, 'm', object(two), { force: true }));
        expect(applied).toMatchObject({ ...rest, ...(Object.keys(map).length === 0 ? {} : { map }) });
        // Where parts are merged, others may have more.
        const parts = isObject(applied) ? applied : {};
        expect(listOf(parts['set'])).toEqual(expect.arrayContaining(set));
        expect(listOf(parts['list'])).toEqual(
          expect.arrayContaining(list.map((item) => expect.objectContaining(item))),
        );
      }),
    );
  });

  test('every path that has an owner exists', () => {
    fc.assert(
      fc.property(spec, spec, spec, (one, two, three) => {
        let live = apply(undefined, 'one', object(one));
        live = trackUpdate(live, { ...live, spec: two }, context('two'));
        live = apply(live, 'one', object(three), { force: true });
        const ownsAll = apply(undefined, 'all', object(isObject(live['spec']) ? live['spec'] : {}));
        const existing = JSON.stringify(owners(ownsAll)['all/Apply']);
        for (const leaf of JSON.stringify(owners(live)).matchAll(/"[kv]:(?:\\.|[^"\\])*"/g)) {
          expect(existing).toContain(leaf[0]);
        }
      }),
    );
  });
});
