import { expect, test } from 'vitest';
import { ImageError } from './image-error.ts';
import { PullBackOffError, PullBackoff } from './pull-backoff.ts';

const away = new ImageError('RegistryUnavailable', 'image a/b:1: cannot be reached');

/** A backoff, its clock, and how often a pull was tried. */
function setup(): { backoff: PullBackoff; clock: { now: number }; tried: () => number; fail: () => Promise<Error> } {
  const clock = { now: 0 };
  const backoff = new PullBackoff(() => clock.now);
  let tries = 0;
  const fail = (): Promise<Error> =>
    backoff
      .run('shop/web', 'a/b:1', () => {
        tries += 1;
        return Promise.reject(away);
      })
      .then(
        () => new Error('it did not fail'),
        (error: Error) => error,
      );
  return { backoff, clock, tried: () => tries, fail };
}

test('the first failure is told as it is, later ones as a backoff that doubles up to five minutes', async () => {
  const { backoff, clock, tried, fail } = setup();
  expect(await fail()).toBe(away);
  expect(await fail()).toBe(away);
  expect(tried()).toBe(1);
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 8; i += 1) {
    waits.push(backoff.waitMs('shop/web'));
    clock.now += backoff.waitMs('shop/web') ?? 0;
    expect(await fail()).toBeInstanceOf(PullBackOffError);
    expect(tried()).toBe(i + 2);
  }
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  expect((await fail()).message).toMatch(/^RegistryUnavailable: image a\/b:1: .*; tried 9 times, again at \d{4}-/);
});

test('another image is tried at once, and a success forgets', async () => {
  const { backoff, clock, fail } = setup();
  await fail();
  expect(await backoff.run('shop/web', 'a/b:2', () => Promise.resolve(7))).toBe(7);
  expect(backoff.waitMs('shop/web')).toBeUndefined();
  expect(await fail()).toBe(away);
  clock.now += 5_000;
  await fail();
  expect(backoff.waitMs('shop/web')).toBe(10_000);
});

test('what no time mends is not waited for, and a fault passes on', async () => {
  const { backoff } = setup();
  const bad = new ImageError('InvalidImageName', 'image ?: no');
  await expect(backoff.run('a', 'x', () => Promise.reject(bad))).rejects.toBe(bad);
  const fault = new Error('fault');
  await expect(backoff.run('a', 'x', () => Promise.reject(fault))).rejects.toBe(fault);
  expect(backoff.waitMs('a')).toBeUndefined();
});
