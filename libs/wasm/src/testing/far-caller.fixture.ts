import type { FarCaller, OpenFarCaller } from '../runtime/far-caller.ts';

export interface FarFixtureOptions {
  readonly word: string;
  /** How many calls were aborted, in memory of all threads. */
  readonly aborted: Int32Array;
}

/** Greets without anybody else; some names fare otherwise. */
export const openFarCaller: OpenFarCaller = async (given): Promise<FarCaller> => {
  const { word, aborted } = given as FarFixtureOptions;
  return {
    isReady: true,
    async call(route, [name], { signal, trace }) {
      if (name === 'trouble') throw new Error('the line is dead');
      if (name === 'refused') return { kind: 'error', payload: 'go away' };
      if (name === 'silence') {
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => {
          Atomics.add(aborted, 0, 1);
          reject(signal.reason);
        });
        await promise;
      }
      return { kind: 'value', value: `${word} ${String(route)}: ${String(name)} ${trace?.traceparent ?? 'untraced'}` };
    },
  };
};
