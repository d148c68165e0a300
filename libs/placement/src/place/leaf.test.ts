import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, countsOf, host, placeOne, planOf, slots, standing } from '../example.ts';
import { hashText, mix } from '../model/hash.ts';
import type { Host } from '../model/snapshot.ts';
import { place } from './place.ts';

const eu = [cluster('eu')];

/** Twenty hosts of sixteen instances, of which others use so many. */
const busy = (used: (i: number) => number): Host[] =>
  Array.from({ length: 20 }, (_, i) =>
    host(`eu/h${String(i).padStart(2, '0')}`, { allocatable: { instances: 16 }, foreign: { instances: used(i) } }),
  );

const pathOf = ({ cluster: inside, name }: Host): string => `${inside}/${name}`;

/** Hosts in the order in which a distribution takes them: the idlest first, those in its window before the others, then by hash. */
function inTurn(hosts: readonly Host[], key: string): string[] {
  const seed = hashText(key);
  const from = mix(seed, hashText(pathOf(hosts[0] ?? host('eu/none')))) % hosts.length;
  const turns = hosts.map((one, i) => ({
    path: pathOf(one),
    load: Math.floor(16 * (1 - ((one.allocatable['instances'] ?? 0) - (one.foreign['instances'] ?? 0)) / 16)),
    isOutside: (i - from + hosts.length) % hosts.length >= 8,
    hash: mix(seed, hashText(pathOf(one))),
  }));
  return turns
    .toSorted((a, b) => a.load - b.load || Number(a.isOutside) - Number(b.isOutside) || a.hash - b.hash)
    .map(({ path }) => path);
}

const worlds: [name: string, hosts: Host[]][] = [
  ['hosts that are idle', busy(() => 0)],
  ['hosts of which some are busy', busy((i) => (i % 3 === 0 ? 0 : i % 5))],
  ['hosts that are all busy', busy((i) => 1 + (i % 4))],
  ['hosts that are as busy as each other', busy(() => 3)],
];

describe('replicas go to the idlest hosts, in the order of the distribution', () => {
  test.for(worlds)('%s', ([, hosts]) => {
    for (let i = 0; i < 24; i++) {
      const name = `app-${i}`;
      const turns = inTurn(hosts, `default/${name}`);
      for (const replicas of [1, 2, 7, 13])
        expect(
          Object.keys(countsOf(placeOne(actor({ replicas }, { name }), hosts, eu))),
          `${name} × ${replicas}`,
        ).toEqual(turns.slice(0, replicas).toSorted());
    }
  });

  test.for(worlds)('%s, where no neighbour makes a difference', ([, hosts]) => {
    const nobody = { weight: 1, topologyKey: labels.zone, selector: { matchLabels: { app: 'nobody' } } };
    for (let i = 0; i < 24; i++) {
      const name = `app-${i}`;
      const turns = inTurn(hosts, `default/${name}`);
      for (const replicas of [1, 2, 7]) {
        const one = actor({ replicas, affinity: { preferred: [nobody] } }, { name });
        expect([name, ...Object.keys(countsOf(placeOne(one, hosts, eu)))]).toEqual([
          name,
          ...turns.slice(0, replicas).toSorted(),
        ]);
      }
    }
  });

  test('one more than there is goes where there are fewest, whatever the load', () => {
    const hosts = busy((i) => (i === 19 ? 9 : 0));
    const current = standing(Object.fromEntries(hosts.slice(0, 19).map((one) => [pathOf(one), 1])));
    const plan = placeOne(actor({ replicas: 20 }, { current }), hosts, eu);
    expect(countsOf(plan)['eu/h19']).toBe(1);
  });

  test('what is full, avoided or cordoned takes none', () => {
    const hosts = busy((i) => (i < 18 ? 16 : 0)).map((one, i) => (i === 18 ? { ...one, unschedulable: true } : one));
    expect(countsOf(placeOne(actor({ replicas: 1 }), hosts, eu))).toEqual({ 'eu/h19': 1 });
    const avoid = [{ revision: 'r1', cluster: 'eu', host: 'h19' }];
    expect(countsOf(placeOne(actor({ replicas: 1 }, { avoid }), hosts, eu))).toEqual({});
  });

  test('too much goes from those that have most, and frozen hosts keep all', () => {
    const hosts = [host('eu/a', { state: 'Unknown' }), slots('eu/b', 9), slots('eu/c', 9), slots('eu/d', 9)];
    const current = standing({ 'eu/a': 4, 'eu/b': 4, 'eu/c': 2, 'eu/d': 1 });
    const left = (replicas: number) => countsOf(placeOne(actor({ replicas }, { current }), hosts, eu));
    expect(left(9)).toEqual({ 'eu/a': 4, 'eu/b': 2, 'eu/c': 2, 'eu/d': 1 });
    expect(left(7)).toEqual({ 'eu/a': 4, 'eu/b': 1, 'eu/c': 1, 'eu/d': 1 });
    expect(left(4)).toEqual({ 'eu/a': 4 });
    expect(left(1)).toEqual({ 'eu/a': 4 });
  });

  test('packed, they fill what is in use, and empty what has least', () => {
    const hosts = [slots('eu/a', 9), slots('eu/b', 5), slots('eu/c', 7)];
    const packed = (replicas: number, counts: Record<string, number> = {}) =>
      countsOf(placeOne(actor({ replicas, mode: 'Pack' }, { current: standing(counts) }), hosts, eu));
    expect(packed(1)).toEqual({ 'eu/b': 1 });
    expect(packed(6)).toEqual({ 'eu/c': 6 });
    expect(packed(4, { 'eu/c': 2 })).toEqual({ 'eu/c': 4 });
    expect(packed(4, { 'eu/a': 5, 'eu/c': 2 })).toEqual({ 'eu/a': 4 });
    expect(packed(10, { 'eu/b': 1 })).toEqual({ 'eu/b': 5, 'eu/c': 5 });
  });
});

test('packed, the first in turn of those that are as tight is taken, and the last gives up first', () => {
  const hosts = busy(() => 0);
  for (let i = 0; i < 12; i++) {
    const name = `app-${i}`;
    const turns = inTurn(hosts, `default/${name}`);
    const [first = '', second = ''] = turns;
    const packed = (replicas: number, counts: Record<string, number> = {}) =>
      countsOf(placeOne(actor({ replicas, mode: 'Pack' }, { name, current: standing(counts) }), hosts, eu));
    expect(packed(3)).toEqual({ [first]: 3 });
    expect(packed(20)).toEqual({ [first]: 16, [second]: 4 });
    expect(packed(3, { [first]: 2, [second]: 2 })).toEqual({ [first]: 2, [second]: 1 });
  }
});

describe('hosts that neighbours make preferred', () => {
  const term = (app: string) => ({ topologyKey: labels.zone, selector: { matchLabels: { app } } });
  const inZone = (path: string, zone: string, instances = 9): Host =>
    host(path, { allocatable: { instances }, labels: { [labels.zone]: zone } });
  const db = actor({ replicas: 1 }, { name: 'db', labels: { app: 'db' }, current: standing({ 'eu/a': 1 }) });
  const nearDb = { affinity: { preferred: [{ weight: 5, ...term('db') }] } };

  /** What is placed beside a database in zone z1, of which eu/a is one host. */
  function beside(spec: object, hosts: readonly Host[], counts: Record<string, number> = {}): Record<string, number> {
    const one = actor({ ...nearDb, ...spec }, { current: standing(counts) });
    const clusters = [cluster('eu'), cluster('us')];
    return countsOf(planOf(place({ clusters, hosts, distributions: [db, one] }), 'default/app'));
  }

  const inOne = [inZone('eu/a', 'z1', 4), inZone('eu/b', 'z1', 2), inZone('eu/c', 'z2'), inZone('eu/d', 'z2')];

  test('are full before the others get any', () => {
    expect(beside({ replicas: 4 }, inOne)).toEqual({ 'eu/a': 2, 'eu/b': 2 });
    expect(beside({ replicas: 5 }, inOne)).toEqual({ 'eu/a': 3, 'eu/b': 2 });
    expect(beside({ replicas: 9 }, inOne)).toEqual({ 'eu/a': 3, 'eu/b': 2, 'eu/c': 2, 'eu/d': 2 });
  });

  test('get one more where there are fewest', () => {
    expect(beside({ replicas: 3 }, inOne, { 'eu/a': 2 })).toEqual({ 'eu/a': 2, 'eu/b': 1 });
    expect(beside({ replicas: 3 }, inOne, { 'eu/b': 2 })).toEqual({ 'eu/a': 1, 'eu/b': 2 });
    expect(beside({ replicas: 6 }, inOne, { 'eu/a': 3, 'eu/b': 2 })).toMatchObject({ 'eu/a': 3, 'eu/b': 2 });
    expect(beside({ replicas: 7 }, inOne, { 'eu/a': 3, 'eu/b': 2, 'eu/c': 1 })).toMatchObject({ 'eu/c': 1, 'eu/d': 1 });
    const roomy = [inZone('eu/a', 'z1'), inZone('eu/b', 'z1'), inZone('eu/c', 'z1')];
    expect(beside({ replicas: 4 }, roomy, { 'eu/b': 2, 'eu/c': 1 })).toEqual({ 'eu/a': 1, 'eu/b': 2, 'eu/c': 1 });
    expect(beside({ replicas: 5 }, roomy, { 'eu/a': 2, 'eu/b': 2 })).toEqual({ 'eu/a': 2, 'eu/b': 2, 'eu/c': 1 });
    const full = [inZone('eu/a', 'z1', 1), inZone('eu/b', 'z1', 2)];
    expect(beside({ replicas: 3 }, full, { 'eu/b': 2 })).toEqual({ 'eu/b': 2 });
  });

  test('keep what they have when there is too much: the others give first', () => {
    const counts = { 'eu/a': 2, 'eu/b': 2, 'eu/c': 3, 'eu/d': 1 };
    expect(beside({ replicas: 7 }, inOne, counts)).toEqual({ 'eu/a': 2, 'eu/b': 2, 'eu/c': 2, 'eu/d': 1 });
    expect(beside({ replicas: 6 }, inOne, counts)).toEqual({ 'eu/a': 2, 'eu/b': 2, 'eu/c': 1, 'eu/d': 1 });
    expect(beside({ replicas: 3 }, inOne, counts)).toMatchObject({
      'eu/a': expect.any(Number),
      'eu/b': expect.any(Number),
    });
    expect(beside({ replicas: 2 }, inOne, counts)).toEqual({ 'eu/a': 1, 'eu/b': 1 });
    const frozen = inOne.map((one) => (one.name === 'c' ? { ...one, state: 'Unknown' as const } : one));
    expect(beside({ replicas: 4 }, frozen, counts)).toMatchObject({ 'eu/c': 3 });
  });

  test('of two clusters are level over these first', () => {
    const hosts = [inZone('eu/a', 'z1'), inZone('eu/b', 'z1'), inZone('us/c', 'z1'), inZone('us/d', 'z2')];
    expect(beside({ replicas: 8 }, hosts)).toEqual({ 'eu/a': 2, 'eu/b': 2, 'us/c': 4 });
    expect(beside({ replicas: 1 }, hosts, {})).not.toHaveProperty('us/d');
    expect(beside({ replicas: 5 }, hosts, { 'eu/a': 2, 'eu/b': 2 })).toEqual({ 'eu/a': 2, 'eu/b': 2, 'us/c': 1 });
    const more = beside({ replicas: 8 }, hosts, { 'eu/a': 2, 'eu/b': 2, 'us/c': 3 });
    expect(more).toEqual({ 'eu/a': 2, 'eu/b': 2, 'us/c': 4 });
  });

  test('are packed, too', () => {
    const hosts = [inZone('eu/a', 'z1', 4), inZone('eu/b', 'z1', 7), inZone('eu/c', 'z2', 9), inZone('us/d', 'z1', 5)];
    expect(beside({ replicas: 6, mode: 'Pack' }, hosts)).toEqual({ 'eu/b': 6 });
    expect(beside({ replicas: 5, mode: 'Pack' }, hosts)).toEqual({ 'us/d': 5 });
    const counts = { 'eu/b': 3, 'us/d': 1, 'eu/c': 1 };
    expect(beside({ replicas: 4, mode: 'Pack' }, hosts, counts)).toEqual({ 'eu/b': 3, 'us/d': 1 });
    expect(beside({ replicas: 3, mode: 'Pack' }, hosts, counts)).toEqual({ 'eu/b': 3 });
    expect(beside({ replicas: 6, mode: 'Pack' }, hosts, counts)).toEqual({ 'eu/b': 4, 'us/d': 1, 'eu/c': 1 });
  });

  test('are added to those that the spec prefers', () => {
    const hosts = [inZone('eu/a', 'z1'), inZone('eu/c', 'z2'), host('eu/d', { labels: { ssd: '' } })];
    const preferring = (weight: number) => ({
      hosts: { preferred: [{ weight, matchExpressions: [{ key: 'ssd', operator: 'Exists' as const }] }] },
    });
    expect(beside({ replicas: 1, ...preferring(4) }, hosts)).toEqual({ 'eu/a': 1 });
    expect(beside({ replicas: 1, ...preferring(6) }, hosts)).toEqual({ 'eu/d': 1 });
  });
});
