import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from './plan/revision.ts';
import { sameJson } from './same-json.ts';

test('values are the same when their canonical bytes are', () => {
  const few = fc.jsonValue({ maxDepth: 3, stringUnit: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(few, few, (a, b) => {
      expect(sameJson(a, b)).toBe(sha256(a) === sha256(b));
      expect(sameJson(a, structuredClone(a))).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('order and absent fields do not count, null does', () => {
  expect(sameJson({ a: 1, b: [{ c: undefined }] }, { b: [{}], a: 1 })).toBe(true);
  expect(sameJson({ a: null }, {})).toBe(false);
  expect(sameJson([undefined], [])).toBe(false);
});
