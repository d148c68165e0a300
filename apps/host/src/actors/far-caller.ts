// Loaded by threads that run actors: there it makes the calls that the main thread has said how to make, and answers those
// that it was given unread.
import {
  answerLetter,
  connectLattice,
  invoke,
  readLetter,
  type Headers,
  type LatticeOptions,
  type WrpcAddress,
} from '@kasmcloud/lattice';
import type { FarCaller, OpenFarCaller, Outcome } from '@kasmcloud/wasm';
import { traceHeaders, type FuncType } from '@kasmcloud/wrpc';
import { resultOf } from '../lattice/result.ts';

/** How the calls of one import go over the lattice. */
export interface FarRoute {
  readonly address: WrpcAddress;
  readonly type: FuncType;
  readonly headers: Headers;
}

/** Where the lattice is. */
export type FarOptions = Pick<LatticeOptions, 'servers' | 'name'>;

/** A connection of the thread's own. Without one at the moment, the main thread makes the calls, and says what is wrong. */
export const openFarCaller: OpenFarCaller = async (options): Promise<FarCaller> => {
  const connection = await connectLattice({ ...(options as FarOptions), timeoutMs: Infinity });
  return {
    get isReady() {
      return connection.isConnected;
    },
    call(route, args, { running, trace }) {
      const { address, type, headers } = route as FarRoute;
      const traced = trace === undefined ? headers : { ...headers, ...traceHeaders(trace) };
      const options = { timeoutMs: Infinity, running, headers: traced };
      return invoke(connection, address, type, args, options).then((value): Outcome => {
        if (type.result?.kind !== 'result') return { kind: 'value', value };
        const { tag, val } = value as { readonly tag: 'ok' | 'err'; readonly val?: unknown };
        return tag === 'ok' ? { kind: 'value', value: val } : { kind: 'error', payload: val };
      });
    },
    onReady(listener) {
      connection.onStatus((status) => listener(status === 'connected'));
    },
    read: (type, letter) => readLetter(type, letter as string),
    answer: (type, letter, outcome) => answerLetter(connection, type, letter as string, resultOf(type, outcome)),
    flush: () => connection.sendNow(),
  };
};
