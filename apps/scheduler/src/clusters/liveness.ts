/** What a host's Lease says, by the observer's own clock (DESIGN §4.10). */
export type Liveness = 'Ready' | 'Suspect' | 'Lost';

export interface LeaseSight {
  /** When this observer last saw the Lease change, by its steady clock. */
  readonly changedAtMs: number;
  /** The Lease's own `leaseDurationSeconds`, in milliseconds. */
  readonly durationMs: number;
}

/**
 * Ready while the Lease was seen to change within its own duration; Lost after the longer of that and `lostAfterMs`;
 * Suspect between.
 */
export function livenessOf(sight: LeaseSight, lostAfterMs: number, nowMs: number): Liveness {
  const silentMs = nowMs - sight.changedAtMs;
  if (silentMs <= sight.durationMs) return 'Ready';
  return silentMs <= Math.max(sight.durationMs, lostAfterMs) ? 'Suspect' : 'Lost';
}

/** Milliseconds until `livenessOf` may answer otherwise, if the Lease stays as it is; undefined when Lost for good. */
export function nextLivenessChange(sight: LeaseSight, lostAfterMs: number, nowMs: number): number | undefined {
  const silentMs = nowMs - sight.changedAtMs;
  const steps = [sight.durationMs, Math.max(sight.durationMs, lostAfterMs)];
  const next = steps.find((step) => silentMs <= step);
  return next === undefined ? undefined : next - silentMs + 1;
}

/** Remembers when each Lease was last seen to change, by name. */
export class LeaseSights {
  readonly #seen = new Map<string, LeaseSight & { readonly mark: string }>();

  /** `mark`: anything that changes with each renewal, e.g. `renewTime`. */
  saw(name: string, mark: string, durationMs: number, nowMs: number): void {
    const before = this.#seen.get(name);
    if (before?.mark === mark && before.durationMs === durationMs) return;
    this.#seen.set(name, { mark, durationMs, changedAtMs: nowMs });
  }

  forget(name: string): void {
    this.#seen.delete(name);
  }

  get(name: string): LeaseSight | undefined {
    return this.#seen.get(name);
  }

  /** Counts `ms` in which nothing could be seen in no host's disfavour. */
  shift(ms: number): void {
    for (const [name, sight] of this.#seen) this.#seen.set(name, { ...sight, changedAtMs: sight.changedAtMs + ms });
  }
}
