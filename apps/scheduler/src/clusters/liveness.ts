import type { LeaseState } from '@kasmcloud/kube';

/** What a host's Lease says, by the observer's own clock (DESIGN §4.10). */
export type Liveness = 'Ready' | 'Suspect' | 'Lost';

/**
 * Milliseconds until a host is Lost if nothing more is heard of it: when its Lease has not been seen to change for the
 * longer of `durationMs` (the Lease's own) and `lostAfterMs`. Less than 0 once it is Lost.
 */
export function untilLostMs(lease: LeaseState, durationMs: number, lostAfterMs: number): number {
  const graceMs = Math.max(0, lostAfterMs - durationMs);
  return graceMs + (lease.kind === 'fresh' ? lease.expiresInMs : -lease.sinceMs);
}

/**
 * Ready while its Lease was seen to change within the Lease's own duration; Lost when no time is left; Suspect between,
 * and while no Lease was ever seen.
 */
export function livenessOf(lease: LeaseState | undefined, durationMs: number, lostAfterMs: number): Liveness {
  if (lease === undefined) return 'Suspect';
  if (lease.kind === 'fresh') return 'Ready';
  return untilLostMs(lease, durationMs, lostAfterMs) < 0 ? 'Lost' : 'Suspect';
}
