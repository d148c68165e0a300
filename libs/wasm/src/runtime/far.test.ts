import { silentLogger } from '@kasmcloud/observe';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { WitError } from '../error.ts';
import type { FarFixtureOptions } from '../testing/far-caller.fixture.ts';
import { get, noHost, openRuntime, textOf } from '../testing/harness.ts';
import { FarCalls } from '../worker/far-calls.ts';
import type { HostFunctions, LoadedComponent } from './types.ts';

vi.setConfig({ testTimeout: 120_000 });

const greet = 'example:greet/greeter@0.1.0';
const aborted = new Int32Array(new SharedArrayBuffer(4));
const options: FarFixtureOptions = { word: 'far', aborted, channel: 'unused' };
const farCaller = { url: new URL('../testing/far-caller.fixture.ts', import.meta.url).href, options };
const warn = vi.fn<(fields: object, message: string) => void>();
const logger = Object.assign(Object.create(silentLogger), { warn });
const runtime = await openRuntime({ workers: 1, farCaller, logger });
afterAll(() => runtime.close());

const settings = { isFar: true };
let asked = 0;
const host: HostFunctions = {
  ...noHost(),
  provides: (instance) => instance === greet,
  far: () => (settings.isFar ? { route: 'away', spanName: 'greet', attributes: {} } : undefined),
  invoke: async (_, __, [name]) => {
    asked += 1;
    return `here: ${String(name)}`;
  },
};
const load = (executionMs = 20_000): Promise<LoadedComponent> =>
  runtime.load('front', { host, limits: { executionMs } });
const ask = async (front: LoadedComponent, name: string, headers: [string, string][] = []): Promise<string> =>
  textOf(await front.handleHttp({ ...get(`/${name}`), headers }));
/** An answer, or why there is none. */
const outcome =
  (...question: Parameters<typeof ask>): (() => Promise<string>) =>
  async () =>
    ask(...question).catch((error: unknown) => String(error));
/** On a loaded machine a spare thread may answer, which does not know how yet. */
const patience = { timeout: 60_000 };

describe('a component of another process', () => {
  test('is called by the thread once it is known how, and no longer when that may have changed', async () => {
    const front = await load();
    await expect.poll(outcome(front, 'Ada'), patience).toBe('far away: Ada untraced');
    const before = asked;
    expect(before).toBeGreaterThan(0);
    for (let count = 0; count < 20; count += 1) await ask(front, 'Grace');
    // Once in each thread that did not know.
    expect(asked - before).toBeLessThanOrEqual(4);
    settings.isFar = false;
    front.forgetNear();
    for (const name of ['Ada', 'Grace']) expect(await ask(front, name)).toBe(`here: ${name}`);
    settings.isFar = true;
  });

  test('is told of the trace that the guest was called in', async () => {
    const front = await load();
    const traceparent = `00-${'1'.padStart(32, '0')}-00000000000000aa-01`;
    await expect
      .poll(outcome(front, 'Ada', [['traceparent', traceparent]]), patience)
      .toBe(`far away: Ada ${traceparent}`);
  });

  test('fails its caller, which is told of', async () => {
    const front = await load();
    await expect.poll(outcome(front, 'trouble'), patience).toContain(`${greet}.greet failed: the line is dead`);
    await expect
      .poll(() => warn.mock.calls.at(-1))
      .toEqual([
        expect.objectContaining({ component: 'front', import: `${greet}.greet`, reason: 'the line is dead' }),
        'import failed',
      ]);
    await expect.poll(outcome(front, 'Ada'), patience).toBe('far away: Ada untraced');
  });

  test('is left when its caller is past its time', async () => {
    const front = await load(3_000);
    await expect.poll(outcome(front, 'silence'), patience).toContain('did not end within 3000 ms');
    await expect.poll(() => Atomics.load(aborted, 0)).toBeGreaterThan(0);
  });
});

test('the error case of a result is told as one', async () => {
  const tell = vi.fn<(isReady: boolean) => void>();
  const calls = new FarCalls(farCaller, tell);
  expect(calls.isReady).toBe(false);
  await expect(calls.run(1, 'away', ['Ada'], undefined)).rejects.toThrow('cannot be made yet');
  await calls.open();
  expect(tell.mock.calls).toEqual([[true]]);
  await expect(calls.run(1, 'away', ['refused'], undefined)).rejects.toEqual(new WitError('go away'));
  calls.end(1);
});
