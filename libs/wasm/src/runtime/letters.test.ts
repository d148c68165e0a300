import { BroadcastChannel } from 'node:worker_threads';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { DeadlineError, TrapError, WitError } from '../error.ts';
import type { FarFixtureOptions, FixtureLetter } from '../testing/far-caller.fixture.ts';
import { noHost, openRuntime } from '../testing/harness.ts';
import type { Answer } from './far-caller.ts';
import type { CallLetter, HostFunctions, LoadedComponent } from './types.ts';

vi.setConfig({ testTimeout: 120_000 });

const greet = 'example:greet/greeter@0.1.0';
const faults = 'example:fixtures/faults@0.1.0';
const options: FarFixtureOptions = {
  word: 'far',
  aborted: new Int32Array(new SharedArrayBuffer(4)),
  channel: 'letters.test',
};
const farCaller = { url: new URL('../testing/far-caller.fixture.ts', import.meta.url).href, options };
const runtime = await openRuntime({ workers: 1, graceMs: 100, farCaller });
const channel = new BroadcastChannel(options.channel);
const answers = new Map<number, Answer>();
channel.addEventListener('message', (event) => {
  const { id, outcome } = (event as unknown as { data: { id: number; outcome: Answer } }).data;
  answers.set(id, outcome);
});
afterAll(async () => {
  channel.close();
  await runtime.close();
});

/** On a loaded machine a spare thread may be asked, which does not answer yet. */
const patience = { timeout: 60_000 };
let last = 0;

type Question = [args?: readonly unknown[], of?: readonly [instance: string, func: string]];

/** Who answered what. */
const ask = async (
  component: LoadedComponent,
  ...[args = ['Ada'], [instance, func] = [greet, 'greet']]: Question
): Promise<readonly ['thread' | 'main', Answer | undefined]> => {
  last += 1;
  const content: FixtureLetter = { args, id: last };
  const letter: CallLetter = { content, read: () => args, trace: undefined };
  const left = await component.answer(instance, func, letter);
  if (left !== undefined) return ['main', left];
  await expect.poll(() => answers.has(content.id), patience).toBe(true);
  return ['thread', answers.get(content.id)];
};

/** Resolves when its thread answers. */
const answering = async (component: LoadedComponent, ...question: Question): Promise<void> => {
  await expect.poll(async () => (await ask(component, ...question))[0], patience).toBe('thread');
};

const value = (text: string): Answer => ({ kind: 'value', value: text });

const relay: HostFunctions = {
  ...noHost(),
  provides: () => true,
  invoke: async (_, __, [fails]) => {
    if (fails === true) throw new WitError('asked to fail');
    return 42;
  },
};

describe('a letter', () => {
  test('is answered here until a thread can, and then by the thread', async () => {
    const greeter = await runtime.load('greeter');
    expect(greeter.takesLetters).toBe(true);
    expect(await ask(greeter, ['Grace'])).toEqual(['main', value('Hello, Grace!')]);
    await answering(greeter);
    expect(await ask(greeter, ['Ada'])).toEqual(['thread', value('Hello, Ada!')]);
    await expect.poll(() => greeter.inFlight).toBe(0);
  });

  test('of many is answered once, though they wait for one instance, and drained components have answered all', async () => {
    const greeter = await runtime.load('greeter', { instances: 1 });
    await answering(greeter);
    const names = Array.from({ length: 50 }, (_, n) => `guest ${n}`);
    const all = Promise.all(names.map((name) => ask(greeter, [name])));
    await greeter.drain();
    expect(greeter.inFlight).toBe(0);
    expect((await all).map(([, answer]) => answer)).toEqual(names.map((name) => value(`Hello, ${name}!`)));
    expect(greeter.usage).toMatchObject({ running: 0, waiting: 0 });
  });

  test('is answered with the error case of a result', async () => {
    const faulty = await runtime.load('faulty', { host: relay });
    await answering(faulty, [false], [faults, 'relay']);
    expect(await ask(faulty, [true], [faults, 'relay'])).toEqual([
      'thread',
      { kind: 'error', payload: 'asked to fail' },
    ]);
  });

  test('that cannot be answered there is left to the main thread', async () => {
    const greeter = await runtime.load('greeter');
    await answering(greeter);
    expect(await ask(greeter, ['unanswerable'])).toEqual(['main', value('Hello, unanswerable!')]);
  });

  test('that cannot be read, traps or takes too long is answered by nobody', async () => {
    const greeter = await runtime.load('greeter');
    await answering(greeter);
    await expect(ask(greeter, ['garbled'])).rejects.toThrow(
      'its arguments cannot be read: Error: nobody can read this',
    );
    const faulty = await runtime.load('faulty', { host: relay, limits: { executionMs: 1_000 } });
    await answering(faulty, [false], [faults, 'relay']);
    await expect(ask(faulty, [], [faults, 'crash'])).rejects.toThrow(TrapError);
    await expect(ask(faulty, [], [faults, 'spin'])).rejects.toThrow(DeadlineError);
    // Its thread was ended; another takes its place.
    await answering(greeter);
  });
});

test('without a far caller there are no letters', async () => {
  const plain = await openRuntime({ workers: 1 });
  expect((await plain.load('greeter')).takesLetters).toBe(false);
  await plain.close();
});
