import { expect, test } from 'vitest';
import { Silences } from './silences.ts';

const none = { hostMs: undefined, clusterMs: undefined };

test('nothing is told while nobody counts', () => {
  const silences = new Silences();
  expect(silences.bears('shop/web', none)).toBe(false);
  expect(silences.told('host', 9_000, 0)).toBeUndefined();
  expect(silences.nextAt).toBeUndefined();
});

test('a silence is told in steps, and the next step is waited for', () => {
  const silences = new Silences();
  expect(silences.bears('shop/web', { ...none, hostMs: 5_000 })).toBe(true);
  expect(silences.bears('shop/api', { hostMs: 5_000, clusterMs: 60_000 })).toBe(true);
  expect(silences.bears('shop/api', { hostMs: 5_000, clusterMs: 60_000 })).toBe(false);
  expect(silences.told('host', 1_000, 100)).toBe(0);
  expect(silences.nextAt).toBe(4_100);
  expect(silences.due(4_099)).toEqual([]);
  expect(silences.due(4_100)).toEqual(['host']);
  expect(silences.told('host', 5_000, 4_100)).toBe(5_000);
  expect(silences.nextAt).toBe(59_100);
  expect(silences.told('host', undefined, 4_200)).toBeUndefined();
  expect(silences.nextAt).toBeUndefined();
  expect(silences.bears('shop/api', undefined)).toBe(true);
  expect(silences.told('host', 90_000, 0)).toBe(5_000);
});
