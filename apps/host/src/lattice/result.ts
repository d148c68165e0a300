import type { Answer } from '@kasmcloud/wasm';
import type { FuncType } from '@kasmcloud/wrpc';

/** What a guest's outcome is on the wire, in a thread as in the main one: see `outcome.ts`. */
export const resultOf = (type: FuncType, outcome: Answer): unknown => {
  if (outcome.kind === 'error') return { tag: 'err', val: outcome.payload };
  return type.result?.kind === 'result' ? { tag: 'ok', val: outcome.value } : outcome.value;
};
