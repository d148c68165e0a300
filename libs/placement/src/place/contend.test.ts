import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, slots, standing } from '../example.ts';
import type { Distribution } from '../model/distribution.ts';
import { hashText } from '../model/hash.ts';
import type { Host, NamespaceBounds } from '../model/snapshot.ts';
import { place } from './place.ts';

/** What each distribution gets, by name. */
function placed(
  distributions: readonly Distribution[],
  hosts: readonly Host[],
  namespaces: readonly NamespaceBounds[] = [],
) {
  const { distributions: plans } = place({ clusters: [cluster('eu')], hosts, distributions, namespaces });
  return Object.fromEntries(plans.map((one) => [one.key.replace('default/', ''), one.placed]));
}

const called = (name: string, replicas: number, spec: object = {}, counts: Record<string, number> = {}): Distribution =>
  actor({ replicas, ...spec }, { name, current: standing(counts) });

const only = (key: string) => ({ hosts: { required: [{ matchExpressions: [{ key, operator: 'Exists' as const }] }] } });

describe('equals that want the same room', () => {
  test('all get what they ask if there is enough', () => {
    expect(placed([called('a', 3), called('b', 4)], [slots('eu/a', 7)])).toEqual({ a: 3, b: 4 });
  });

  test('share in proportion to what they still ask', () => {
    expect(placed([called('a', 12), called('b', 4)], [slots('eu/a', 8)])).toEqual({ a: 6, b: 2 });
    expect(placed([called('a', 10, {}, { 'eu/a': 6 }), called('b', 4)], [slots('eu/a', 10)])).toEqual({ a: 8, b: 2 });
  });

  test('take the last seat by the hash of their keys', () => {
    for (let i = 0; i < 12; i++) {
      const names = [`n${i}`, `m${i * 31}`];
      const [first = ''] = names.toSorted((a, b) => hashText(`default/${a}`) - hashText(`default/${b}`));
      const shares = placed(
        names.map((name) => called(name, 3)),
        [slots('eu/a', 3)],
      );
      expect([first, shares[first]]).toEqual([first, 2]);
    }
  });

  test('share to a 64th, when they are many', () => {
    const shares = placed([called('a', 500), called('b', 250), called('c', 250)], [slots('eu/a', 600)]);
    const off = [300, 150, 150].map((due, i) => Math.abs(due - (Object.values(shares)[i] ?? 0)));
    expect(Math.max(...off)).toBeLessThanOrEqual(1000 / 64);
    expect(Object.values(shares).reduce((a, b) => a + b, 0)).toBe(600);
  });

  test('who can go elsewhere makes room for who cannot', () => {
    const hosts = [host('eu/a', { allocatable: { instances: 4 }, labels: { ssd: '' } }), slots('eu/b', 4)];
    expect(placed([called('a', 4), called('z', 4, only('ssd'))], hosts)).toEqual({ a: 4, z: 4 });
    expect(placed([called('z', 4), called('a', 4, only('ssd'))], hosts)).toEqual({ a: 4, z: 4 });
  });

  test('who would be short alone takes nothing from the others by that', () => {
    const hosts = [host('eu/a', { allocatable: { instances: 2 }, labels: { ssd: '' } }), slots('eu/b', 4)];
    expect(placed([called('a', 5, only('ssd')), called('b', 4)], hosts)).toEqual({ a: 2, b: 4 });
  });

  test('what is suspended asks for nothing, what stands asks for nothing', () => {
    expect(placed([called('a', 9, { suspend: true }), called('b', 4)], [slots('eu/a', 4)])).toEqual({ a: 0, b: 4 });
    expect(placed([called('a', 2, {}, { 'eu/a': 2 }), called('b', 4)], [slots('eu/a', 4)])).toEqual({ a: 2, b: 2 });
  });
});

describe('priorities', () => {
  test('decide who is moved first to where it would be placed anew', () => {
    const moving = (name: string, priority: number): Distribution =>
      actor({ replicas: 2, priority, stability: { policy: 'Rebalance' } }, { name, current: standing({ 'eu/a': 2 }) });
    const after = (low: string, high: string) => {
      const { distributions: plans } = place({
        clusters: [cluster('eu')],
        hosts: [slots('eu/a', 9), slots('eu/b', 1)],
        distributions: [moving(low, 1), moving(high, 5)],
      });
      return Object.fromEntries(plans.map((one) => [one.key.replace('default/', ''), countsOf(one)]));
    };
    expect(after('a', 'z')).toEqual({ a: { 'eu/a': 2 }, z: { 'eu/a': 1, 'eu/b': 1 } });
    expect(after('z', 'a')).toEqual({ z: { 'eu/a': 2 }, a: { 'eu/a': 1, 'eu/b': 1 } });
  });

  test('the higher goes first, and so on down', () => {
    const three = [called('a', 3, { priority: 1 }), called('b', 3, { priority: 3 }), called('c', 3, { priority: 2 })];
    expect(placed(three, [slots('eu/a', 7)])).toEqual({ a: 1, b: 3, c: 3 });
  });

  test('are capped by their namespace', () => {
    const two = [called('a', 3, { priority: 5 }), called('b', 3, { priority: 9 })];
    expect(placed(two, [slots('eu/a', 4)])).toEqual({ a: 1, b: 3 });
    expect(placed(two, [slots('eu/a', 4)], [{ name: 'default', maxPriority: 5 }])).toEqual({ a: 2, b: 2 });
    expect(placed([{ ...called('a', 3), priority: NaN }, called('b', 3)], [slots('eu/a', 4)])).toEqual({ a: 2, b: 2 });
  });

  test('a quota goes to them in the same order', () => {
    const two = [called('a', 3), called('b', 3, { priority: 9 })];
    expect(placed(two, [slots('eu/a', 9)], [{ name: 'default', quota: { instances: 4 } }])).toEqual({ a: 1, b: 3 });
    expect(placed(two, [slots('eu/a', 9)], [{ name: 'other', quota: { instances: 4 } }])).toEqual({ a: 3, b: 3 });
  });
});

test('plans come in order of key, and counts in order of host', () => {
  const { distributions } = place({
    clusters: [cluster('us'), cluster('eu')],
    hosts: [slots('us/b', 9), slots('eu/z', 9), slots('eu/a', 9)],
    distributions: [called('b', 3), called('a', 6)],
  });
  expect(distributions.map(({ key }) => key)).toEqual(['default/a', 'default/b']);
  expect(distributions.map((one) => Object.keys(countsOf(one)))).toEqual([
    ['eu/a', 'eu/z', 'us/b'],
    ['eu/a', 'eu/z', 'us/b'],
  ]);
});
