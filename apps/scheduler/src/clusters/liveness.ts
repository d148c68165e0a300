import type { LeaseState } from '@kasmcloud/kube';

/** What a host's Lease says, by the observer's own clock (DESIGN §4.10). */
export type Liveness = 'Ready' | 'Suspect' | 'Lost';

/**
 * Ready while its Lease was seen to change within the Lease's own duration; Lost after the longer of that and
 * `lostAfterMs`; Suspect between, and while no Lease was ever seen.
 */
export function livenessOf(lease: LeaseState | undefined, durationMs: number, lostAfterMs: number): Liveness {
  if (lease === undefined) return 'Suspect';
  if (lease.kind === 'fresh') return 'Ready';
  return durationMs + lease.sinceMs <= Math.max(durationMs, lostAfterMs) ? 'Suspect' : 'Lost';
}
