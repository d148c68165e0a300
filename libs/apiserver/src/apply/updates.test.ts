import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { get, isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { trackUpdate } from './index.ts';
import { times, object, context, apply, conflicts, owners, entries, listOf, specOf } from './managed-thing.fixture.ts';

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
