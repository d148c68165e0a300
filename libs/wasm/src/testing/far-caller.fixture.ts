import { BroadcastChannel } from 'node:worker_threads';
import type { FarCaller, OpenFarCaller } from '../runtime/far-caller.ts';

export interface FarFixtureOptions {
  readonly word: string;
  /** How many calls were aborted, in memory of all threads. */
  readonly aborted: Int32Array;
  /** Name of the channel on which letters are answered. */
  readonly channel: string;
}

/** A list of arguments, and what is told on the channel with their answer. */
export interface FixtureLetter {
  readonly args: readonly unknown[];
  readonly id: number;
}

/** Greets without anybody else, and answers on a channel; some names fare otherwise. */
export const openFarCaller: OpenFarCaller = async (given): Promise<FarCaller> => {
  const { word, aborted, channel } = given as FarFixtureOptions;
  const answers = new BroadcastChannel(channel);
  answers.unref();
  return {
    isReady: true,
    async call(route, [name], { running, trace }) {
      if (name === 'trouble') throw new Error('the line is dead');
      if (name === 'refused') return { kind: 'error', payload: 'go away' };
      if (name === 'silence') {
        const { promise, reject } = Promise.withResolvers<never>();
        running.add({
          abort(reason) {
            Atomics.add(aborted, 0, 1);
            reject(reason);
          },
        });
        await promise;
      }
      return { kind: 'value', value: `${word} ${String(route)}: ${String(name)} ${trace?.traceparent ?? 'untraced'}` };
    },
    onReady: () => undefined,
    read(_, letter) {
      const { args } = letter as FixtureLetter;
      if (args[0] === 'garbled') throw new Error('nobody can read this');
      return args;
    },
    answer(_, letter, outcome) {
      const { args, id } = letter as FixtureLetter;
      if (args[0] === 'unanswerable') throw new Error('the line is dead');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of threads has no origins
      answers.postMessage({ id, outcome });
    },
    flush: () => undefined,
  };
};
