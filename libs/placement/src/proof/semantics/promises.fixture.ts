import { describe, expect, test } from 'vitest';
import type { Case } from '../cases/case.ts';
import { planned, wanted } from '../cases/outcome.fixture.ts';

/** Tests that each promise about one thing is kept. */
export function promises(about: string, cases: readonly Case[]): void {
  describe.for([about])('%s', () => {
    test.for(cases.map((one) => [one.promise, one] as const))('%s', ([, one]) => {
      expect(planned(one)).toEqual(wanted(one));
    });
  });
}
