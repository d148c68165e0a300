import { labels } from '@kasmcloud/kube-api';
import { readDistribution, type Host } from '@kasmcloud/placement';
import { expect, test } from 'vitest';
import { Gains, labelsByPath } from './gain.ts';

const host = (cluster: string, name: string, region: string): Host => ({
  name,
  cluster,
  labels: { [labels.region]: region, [labels.cluster]: cluster },
  taints: [],
  unschedulable: false,
  lattices: ['*'],
  interfaces: [],
  state: 'Ready',
  allocatable: {},
  foreign: {},
});

const hosts = [host('eu-1', 'a', 'eu'), host('eu-1', 'b', 'eu'), host('us-1', 'a', 'us')];
const facts = { namespace: 'shop', name: 'web', revision: '', current: [] };
const gains = (before: Record<string, number>, weights?: Record<string, number>): Gains =>
  new Gains(
    labelsByPath({ hosts }),
    readDistribution(
      {
        spread: [
          {
            topologyKey: labels.region,
            ...(weights && { weights: Object.entries(weights).map(([value, weight]) => ({ value, weight })) }),
          },
        ],
      },
      facts,
    ),
    new Map(Object.entries(before)),
  );

test('a move is worth what it takes off the difference of two places', () => {
  expect(gains({ 'eu-1/a': 6 }).take('eu-1/a', 'eu-1/b', 3)).toBe(9);
  expect(gains({ 'eu-1/a': 2, 'eu-1/b': 1 }).take('eu-1/a', 'eu-1/b', 1)).toBe(0);
  expect(gains({ 'eu-1/a': 1, 'eu-1/b': 1 }).take('eu-1/a', 'eu-1/b', 1)).toBe(-1);
});

test('it is counted where the two places part', () => {
  expect(gains({ 'eu-1/a': 2, 'eu-1/b': 4, 'us-1/a': 1 }).take('eu-1/a', 'us-1/a', 1)).toBe(4);
});

test('by weight', () => {
  expect(gains({ 'eu-1/a': 3, 'us-1/a': 1 }, { eu: 3, us: 1 }).take('eu-1/a', 'us-1/a', 1)).toBeLessThan(0);
  expect(gains({ 'eu-1/a': 1, 'us-1/a': 3 }, { eu: 3, us: 1 }).take('us-1/a', 'eu-1/a', 2)).toBeGreaterThan(0);
});

test('the next move starts where the last one ended', () => {
  const one = gains({ 'eu-1/a': 4 });
  expect([one.take('eu-1/a', 'eu-1/b', 1), one.take('eu-1/a', 'eu-1/b', 1)]).toEqual([3, 1]);
});
