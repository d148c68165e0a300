import type { ActorLimits } from '@kasmcloud/kube-api';
import { durationMs } from '@kasmcloud/observe';
import { parseQuantity } from '@kasmcloud/placement';

/** As the control interface has them: `max_memory_limit` in bytes, `max_execution_time` in seconds. */
export type LatticeLimits = Readonly<Record<string, string>>;

/** Empty where there are none. */
export function latticeLimits(limits: ActorLimits | undefined): LatticeLimits {
  const { memory, executionTime } = limits ?? {};
  return {
    ...(memory !== undefined && { max_memory_limit: String(Math.floor(parseQuantity(memory) / 1_000)) }),
    // Hosts count whole seconds.
    ...(executionTime !== undefined && { max_execution_time: String(Math.ceil(durationMs(executionTime) / 1_000)) }),
  };
}

/** Undefined where there are none that we know. */
export function actorLimits(given: LatticeLimits): ActorLimits | undefined {
  const { max_memory_limit: memory, max_execution_time: seconds } = given;
  if (memory === undefined && seconds === undefined) return undefined;
  return {
    ...(memory !== undefined && { memory }),
    ...(seconds !== undefined && { executionTime: `${seconds}s` }),
  };
}
