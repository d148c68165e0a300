import { expect, test } from 'vitest';
import { leaseState, LeaseWatcher, microTime, type Lease } from './lease.ts';

test('a MicroTime has six digits after the second', () => {
  expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05.006000Z');
});

test.for([
  { age: 0, want: { kind: 'fresh', expiresInMs: 15_000 } },
  { age: 14_999, want: { kind: 'fresh', expiresInMs: 1 } },
  { age: 15_000, want: { kind: 'stale', sinceMs: 0 } },
  { age: 20_000, want: { kind: 'stale', sinceMs: 5_000 } },
])('a Lease of 15 s last seen to change $age ms ago is $want.kind', ({ age, want }) => {
  expect(leaseState(1_000, 15, 1_000 + age)).toEqual(want);
});

const lease = (renewTime: string): Lease => ({
  metadata: { name: 'h' },
  spec: { holderIdentity: 'h', leaseDurationSeconds: 10, renewTime },
});

test('only a change counts as a sign of life, whatever times are written in it', () => {
  const watcher = new LeaseWatcher();
  expect(watcher.state('h', 0)).toBeUndefined();
  watcher.observe('h', lease('2099-01-01T00:00:00.000000Z'), 0);
  watcher.observe('h', lease('2099-01-01T00:00:00.000000Z'), 9_000);
  expect(watcher.nextChangeIn(9_000)).toBe(1_000);
  expect(watcher.state('h', 10_000)).toEqual({ kind: 'stale', sinceMs: 0 });
  expect(watcher.nextChangeIn(10_000)).toBeUndefined();

  watcher.observe('h', lease('1970-01-01T00:00:00.000000Z'), 11_000);
  expect(watcher.state('h', 20_000)).toEqual({ kind: 'fresh', expiresInMs: 1_000 });
  watcher.restart(20_000);
  expect(watcher.state('h', 29_000)).toEqual({ kind: 'fresh', expiresInMs: 1_000 });
  watcher.observe('h', undefined, 29_000);
  expect(watcher.state('h', 29_000)).toBeUndefined();
});
