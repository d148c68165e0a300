import type { ObjectMeta } from '@kasmcloud/kube-api';

/** `coordination.k8s.io/v1` Lease. Times are RFC 3339 with microseconds. */
export interface Lease {
  readonly metadata: ObjectMeta;
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** A MicroTime: the API server refuses one that has not exactly six digits after the second. */
export const microTime = (nowMs: number): string => new Date(nowMs).toISOString().replace('Z', '000Z');

export type LeaseState =
  { readonly kind: 'fresh'; readonly expiresInMs: number } | { readonly kind: 'stale'; readonly sinceMs: number };

/**
 * Whether a Lease still counts. Its age is how long ago the observer last saw it change, by the observer's own steady
 * clock: the written times are another machine's clock and prove nothing here.
 */
export function leaseState(observedAtMs: number, leaseDurationSeconds: number, nowMs: number): LeaseState {
  const expiresAtMs = observedAtMs + leaseDurationSeconds * 1_000;
  return expiresAtMs > nowMs
    ? { kind: 'fresh', expiresInMs: expiresAtMs - nowMs }
    : { kind: 'stale', sinceMs: nowMs - expiresAtMs };
}

/** Remembers when each Lease was last seen to change. Times are the clock's steady milliseconds. */
export class LeaseWatcher {
  readonly #seen = new Map<string, { readonly record: string; readonly at: number; readonly seconds: number }>();

  /** Tells the Lease as it is now; undefined once it is gone. Seeing the same record again changes nothing. */
  observe(key: string, lease: Lease | undefined, nowMs: number): void {
    if (lease === undefined) {
      this.#seen.delete(key);
      return;
    }
    const { holderIdentity, renewTime, leaseTransitions, leaseDurationSeconds } = lease.spec ?? {};
    const record = JSON.stringify([holderIdentity, renewTime, leaseTransitions, leaseDurationSeconds]);
    if (this.#seen.get(key)?.record === record) return;
    this.#seen.set(key, { record, at: nowMs, seconds: leaseDurationSeconds ?? 0 });
  }

  /** Undefined for a Lease that was never seen, or is gone. */
  state(key: string, nowMs: number): LeaseState | undefined {
    const seen = this.#seen.get(key);
    return seen && leaseState(seen.at, seen.seconds, nowMs);
  }

  /**
   * Begins every wait anew, or that for one Lease. To be called when whoever renews them can be heard again, such as the API
   * server: while it was away nobody could have renewed.
   */
  restart(nowMs: number, only?: string): void {
    for (const [key, seen] of this.#seen)
      if (only === undefined || key === only) this.#seen.set(key, { ...seen, at: nowMs });
  }

  /** Milliseconds until the next fresh Lease becomes stale; undefined when none is fresh. */
  nextChangeIn(nowMs: number): number | undefined {
    let next: number | undefined;
    for (const { at, seconds } of this.#seen.values()) {
      const state = leaseState(at, seconds, nowMs);
      if (state.kind === 'fresh') next = Math.min(next ?? state.expiresInMs, state.expiresInMs);
    }
    return next;
  }
}
