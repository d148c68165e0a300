import { afterAll, describe, expect, test } from 'vitest';
import { componentBytes } from '../testing/fixtures.ts';
import { get, noHost, openRuntime, textOf } from '../testing/harness.ts';
import type { HostFunctions, LoadedComponent } from './types.ts';

const runtime = await openRuntime({ workers: 1 });
afterAll(() => runtime.close());

const greet = 'example:greet/greeter@0.1.0';

/** A caller of the greeter, and how often the main thread was asked for it. */
const callerOf = async (
  greeter: LoadedComponent,
  limits: { executionMs?: number } = {},
): Promise<{ front: LoadedComponent; asked: () => number; host: { isNear: boolean } }> => {
  let count = 0;
  const settings = { isNear: true };
  const host: HostFunctions = {
    ...noHost(),
    provides: (instance) => instance === greet,
    near: () => (settings.isNear ? { component: greeter, instance: greet, attributes: {} } : undefined),
    invoke: async (instance, func, args, { deadlineMs, signal }) => {
      count += 1;
      return greeter.call(instance, func, args, { deadlineMs, signal });
    },
  };
  return { front: await runtime.load('front', { host, limits }), asked: () => count, host: settings };
};

const ask = async (front: LoadedComponent, name: string): Promise<string> =>
  textOf(await front.handleHttp(get(`/${name}`)));

describe('a component of the same worker', () => {
  test('is called there once it is known, and no longer when that may have changed', async () => {
    const { front, asked, host } = await callerOf(await runtime.load('greeter'));
    const names = ['Ada', 'Grace', 'Ünal', 'Edsger', 'Barbara', 'Ken'];
    for (const name of names) expect(await ask(front, name)).toBe(`Hello, ${name}!`);
    const before = asked();
    // Once in each thread: on a loaded machine a spare one helps.
    expect(before).toBeLessThanOrEqual(2);
    host.isNear = false;
    front.forgetNear();
    for (const name of ['Ada', 'Grace']) expect(await ask(front, name)).toBe(`Hello, ${name}!`);
    expect(asked()).toBe(before + 2);
  });

  test('shares its slots with the calls of others, and gives them back', async () => {
    const greeter = await runtime.load('greeter', { instances: 1 });
    const { front, asked } = await callerOf(greeter);
    await ask(front, 'Ada');
    const names = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const near = names.map((name) => ask(front, name));
    const direct = names.map((name) => greeter.call(greet, 'greet', [name]));
    expect(await Promise.all(near)).toEqual(names.map((name) => `Hello, ${name}!`));
    expect(await Promise.all(direct)).toEqual(names.map((name) => `Hello, ${name}!`));
    expect(asked()).toBeGreaterThanOrEqual(1);
    await greeter.drain();
    expect(greeter.inFlight).toBe(0);
  });

  test('is asked for again when it was closed', async () => {
    const greeter = await runtime.load('greeter');
    const { front } = await callerOf(greeter);
    await ask(front, 'Ada');
    greeter.close();
    await expect(ask(front, 'Ada')).rejects.toThrow('takes no more calls');
  });

  test('is not called there when it may not run as long as its caller', async () => {
    const greeter = await runtime.load(await componentBytes('greeter'), { limits: { executionMs: 1000 } });
    const { front, asked } = await callerOf(greeter, { executionMs: 2000 });
    for (const name of ['Ada', 'Grace']) await ask(front, name);
    expect(asked()).toBe(2);
  });
});
