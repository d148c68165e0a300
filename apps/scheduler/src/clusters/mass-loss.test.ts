import { describe, expect, test } from 'vitest';
import { silentTogether, vanishedTogether, type Silence } from './mass-loss.ts';

const silent = (...seconds: number[]): Silence[] =>
  seconds.map((at, i) => ({ name: String.fromCodePoint(97 + i), since: at * 1000 }));
const many = (count: number, at = 0): number[] => Array.from({ length: count }, () => at);
const names = (found: ReadonlySet<string>): string => [...found].toSorted().join('');

describe('hosts of one cluster', () => {
  test.for<[string, Silence[], number, string]>([
    ['ten of eighteen at once are held', silent(...many(10)), 18, 'abcdefghij'],
    ['ten of nineteen are not: that is not more than 55 %', silent(...many(10)), 19, ''],
    ['nine of nine are not: too few', silent(...many(9)), 9, ''],
    ['ten within a minute are held', silent(0, 60, ...many(8, 30)), 10, 'abcdefghij'],
    ['ten over more than a minute are not', silent(0, 61, ...many(8, 30)), 10, ''],
    ['an earlier loss is no part of it', silent(0, ...many(11, 100)), 18, 'bcdefghijkl'],
  ])('%s', ([, lost, hosts, want]) => {
    expect(names(vanishedTogether(lost, hosts))).toBe(want);
  });
});

describe('members', () => {
  test.for<[string, Silence[], number, string]>([
    ['one of two is lost', silent(0), 2, ''],
    ['both of two: we are the isolated one', silent(0, 1), 2, 'ab'],
    ['all of three, one after the other over an hour', silent(0, 1800, 3600), 3, 'abc'],
    ['two of three are lost', silent(0, 1), 3, ''],
    ['two of four are lost', silent(0, 1), 4, ''],
    ['three of four at once', silent(0, 1, 2), 4, 'abc'],
    ['three of four, one long before', silent(0, 600, 601), 4, ''],
    ['the only one', silent(0), 1, 'a'],
    ['none', [], 3, ''],
  ])('%s', ([, lost, members, want]) => {
    expect(names(silentTogether(lost, members))).toBe(want);
  });
});
