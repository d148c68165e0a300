import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../schema/json.ts';
import { ApplyError, trackUpdate } from './index.ts';
import { times, object, context, apply, conflicts, owners, entries, items, specOf } from './managed-thing.fixture.ts';

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
