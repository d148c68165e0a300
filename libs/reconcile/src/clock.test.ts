import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('a sleep ends when its time has passed, and at once when its signal aborts', async () => {
  const startedAt = systemClock.steady();
  await systemClock.sleep(20, new AbortController().signal);
  expect(systemClock.steady() - startedAt).toBeGreaterThanOrEqual(19);

  await systemClock.sleep(60_000, AbortSignal.timeout(10));
  await systemClock.sleep(60_000, AbortSignal.abort());
  expect(systemClock.steady() - startedAt).toBeLessThan(10_000);
});

test('a cancelled timer does not fire, and one longer than Node can count does not fire at once', async () => {
  const fired: string[] = [];
  const cancel = systemClock.after(5, () => fired.push('cancelled'));
  const cancelFar = systemClock.after(2 ** 40, () => fired.push('far'));
  cancel();
  await systemClock.sleep(20, new AbortController().signal);
  cancelFar();
  expect(fired).toEqual([]);
});
