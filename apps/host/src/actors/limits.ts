import type { ActorSpec } from '@kasmcloud/kube-api';
import { durationMs } from '@kasmcloud/observe';

export interface ActorLimits {
  readonly memoryBytes: number;
  readonly executionMs: number;
}

/** The spec's limits cannot be read, or are of no use. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
}

/** As hosts of wasmCloud 1.x. */
const DEFAULT_MEMORY_BYTES = 256 * 2 ** 20;
const LEAST_MEMORY_BYTES = 2 ** 16;
const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** Limits of an actor with the host's defaults. @throws LimitError */
export function readLimits(limits: ActorSpec['limits'], defaultExecutionMs: number): ActorLimits {
  return {
    memoryBytes: limits?.memory === undefined ? DEFAULT_MEMORY_BYTES : bytesOf(limits.memory),
    executionMs: limits?.executionTime === undefined ? defaultExecutionMs : durationMs(limits.executionTime),
  };
}

function bytesOf(quantity: string | number): number {
  const match = /^(\d+(?:\.\d+)?)([kMG]|[KMG]i)?$/.exec(String(quantity));
  const bytes = Math.floor(Number(match?.[1] ?? Number.NaN) * (units[match?.[2] ?? ''] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes < LEAST_MEMORY_BYTES || bytes > 4 * 2 ** 30) {
    throw new LimitError(`limits.memory: ${quantity} is not between 64Ki and 4Gi`);
  }
  return bytes;
}
