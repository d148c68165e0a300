import { expect, test } from 'vitest';
import { report, seed } from './effort.fixture.ts';
import { proofs } from './proofs.fixture.ts';

test.for(proofs)('$title', ({ title, prove, full }) => {
  expect(report(title, prove(full, seed))).toEqual([]);
});
