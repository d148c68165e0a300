import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { columnOf, classesOf } from './classes.ts';
import { Selection, Tally } from './selection.ts';

describe('a tally', () => {
  test('lists the domains that have some', () => {
    const tally = new Tally();
    tally.add(4, 2);
    tally.add(7, 1);
    tally.add(9, 0);
    expect([tally.domains.toSorted((a, b) => a - b), tally.has(4), tally.has(9)]).toEqual([[4, 7], true, false]);
    tally.add(4, 1);
    tally.add(4, -2);
    expect(tally.has(4)).toBe(true);
    tally.add(4, -1);
    expect([tally.domains, tally.has(4)]).toEqual([[7], false]);
  });

  test('keeps the counts of the others when one goes', () => {
    const tally = new Tally();
    tally.add(1, 1);
    tally.add(2, 2);
    tally.add(3, 3);
    tally.add(1, -1);
    tally.add(3, -2);
    expect(tally.domains.toSorted((a, b) => a - b)).toEqual([2, 3]);
    tally.add(3, -1);
    expect(tally.domains).toEqual([2]);
    tally.add(2, -2);
    expect(tally.domains).toEqual([]);
    tally.add(2, 5);
    expect(tally.domains).toEqual([2]);
  });
});

const zones = columnOf(['b', undefined, 'a', 'b'], (zone) => zone);

test('a term selects by namespace and labels, and sees hosts by domain', () => {
  const term = { topologyKey: labels.zone, namespaces: ['shop'], selector: { matchLabels: { app: 'db' } } };
  const selection = new Selection(term, zones);
  const selects = (namespace: string, app: string): boolean => selection.selects({ namespace, labels: { app } });
  expect([selects('shop', 'db'), selects('shop', 'web'), selects('bank', 'db')]).toEqual([true, false, false]);
  expect([0, 1, 2, 3, 4].map((host) => selection.domainOf(host))).toEqual([1, 0, 2, 1, 0]);
  expect(selection.isByHost).toBe(false);
  expect(new Selection({ ...term, topologyKey: labels.hostname }, zones).isByHost).toBe(true);
});

test('a column numbers values as they are met, and finds the hosts of each', () => {
  expect([...zones.ids]).toEqual([1, 0, 2, 1]);
  expect(zones.size).toBe(2);
  expect([0, 1, 2, 3].map((id) => zones.hostsOf(id))).toEqual([[1], [0, 3], [2], []]);
  expect(zones.seedOf(1)).not.toBe(zones.seedOf(2));
  expect(zones.seedOf(1)).toBe(columnOf(['b'], (zone) => zone).seedOf(1));
});

test('hosts that agree in every column are one class', () => {
  const disks = columnOf(['ssd', 'ssd', 'ssd', undefined], (disk) => disk);
  const { of, members } = classesOf(new Int32Array(4), [zones, disks]);
  expect([...of]).toEqual([0, 1, 2, 3]);
  expect(members.map((hosts) => [...hosts])).toEqual([[0], [1], [2], [3]]);
  const byZone = classesOf(new Int32Array(4), [zones]);
  expect([...byZone.of]).toEqual([0, 1, 2, 0]);
  expect(byZone.members.map((hosts) => [...hosts])).toEqual([[0, 3], [1], [2]]);
  expect(classesOf(new Int32Array(2), []).members.map((hosts) => [...hosts])).toEqual([[0, 1]]);
});
