import { expect, test } from 'vitest';
import { Spare } from './spare.ts';
import type { Thread } from './thread.ts';

test('a spare worker that is taken while it rehearses has another one follow', async () => {
  const rehearsals: PromiseWithResolvers<void>[] = [];
  const spare = new Spare({
    another: () => ({}) as Thread,
    rehearseIn: () => {
      const rehearsal = Promise.withResolvers<void>();
      rehearsals.push(rehearsal);
      return rehearsal.promise;
    },
  });
  const filled = spare.refill();
  await expect.poll(() => rehearsals.length).toBe(1);
  void spare.refill();
  rehearsals[0]?.resolve();
  await expect.poll(() => rehearsals.length).toBe(2);
  rehearsals[1]?.resolve();
  await filled;
  expect(rehearsals).toHaveLength(2);
});
