import { expect, test } from 'vitest';
import { findCondition, isConditionTrue, setCondition } from './conditions.ts';

const ready = { type: 'Ready', status: 'True', reason: 'Placed', message: '' } as const;

test('a repeated fact keeps its transition time', () => {
  const first = setCondition(undefined, ready, '2026-01-01T00:00:00Z');
  const again = setCondition(first, ready, '2026-01-02T00:00:00Z');
  expect(again).toEqual(first);
});

test('a changed status takes the new time, and other conditions stay', () => {
  const other = { ...ready, type: 'Stalled', status: 'False' } as const;
  const before = setCondition(setCondition(undefined, other, 'a'), ready, 'b');
  const after = setCondition(before, { ...ready, status: 'False', reason: 'Lost' }, 'c');
  expect(after.map((entry) => [entry.type, entry.status, entry.lastTransitionTime])).toEqual([
    ['Stalled', 'False', 'a'],
    ['Ready', 'False', 'c'],
  ]);
  expect(isConditionTrue(after, 'Ready')).toBe(false);
  expect(findCondition(after, 'Gone')).toBeUndefined();
});

test('a message past the bound is cut, so that the status stays writable', () => {
  const [entry] = setCondition(undefined, { ...ready, message: 'x'.repeat(10_000) }, 'a');
  expect(entry?.message).toHaveLength(4096);
});
