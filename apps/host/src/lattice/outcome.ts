import { WitError } from '@kasmcloud/wasm';
import type { FuncType } from '@kasmcloud/wrpc';
import { resultOf } from './result.ts';

/*
 * A WIT `result` is an exception at a component's edge (T returned, E thrown as WitError) and a value on the wire
 * ({tag, val}). These two turn one into the other.
 */

type WireResult = { readonly tag: 'ok' | 'err'; readonly val?: unknown };

/** What a peer's answer is to the guest that called. @throws WitError for the error case */
export function fromWire(type: FuncType, value: unknown): unknown {
  if (type.result?.kind !== 'result') return value;
  const { tag, val } = value as WireResult;
  if (tag === 'err') throw new WitError(val);
  return val;
}

/** What a guest's outcome is on the wire; what is not a WIT error is a trap and passes on. */
export async function toWire(type: FuncType, outcome: Promise<unknown>): Promise<unknown> {
  try {
    return resultOf(type, { kind: 'value', value: await outcome });
  } catch (error) {
    if (!(error instanceof WitError) || type.result?.kind !== 'result') throw error;
    return resultOf(type, { kind: 'error', payload: error.payload });
  }
}
