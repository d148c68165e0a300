import { expect, test } from 'vitest';
import { diff } from './diff.ts';

const plan = (counts: Record<string, Record<string, number>>): Parameters<typeof diff>[0] =>
  Object.entries(counts).map(([cluster, hosts]) => ({
    cluster,
    hosts: Object.entries(hosts).map(([host, replicas]) => ({ host, replicas })),
  }));

test('decreases come first, equal numbers do not appear', () => {
  const changes = diff(plan({ eu: { a: 1, b: 2, c: 3 } }), plan({ eu: { a: 2, b: 2 }, us: { a: 1 } }));
  expect(changes).toEqual([
    { cluster: 'eu', host: 'c', from: 3, to: 0 },
    { cluster: 'eu', host: 'a', from: 1, to: 2 },
    { cluster: 'us', host: 'a', from: 0, to: 1 },
  ]);
});
