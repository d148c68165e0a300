import type { Patience } from '@kasmcloud/placement';
import { earliest } from '../earliest.ts';

/**
 * For how long hosts and clusters have been silent, for Distributions that wait longer or less long than everybody. It is
 * told in steps: only when a silence passes the patience of somebody does the planner see another world.
 */
export class Silences {
  /** Of each Distribution that has a patience of its own, milliseconds. */
  readonly #patience = new Map<string, readonly number[]>();
  #steps: readonly number[] = [];
  /** By dirty key of the host or cluster: when it passes the next step, in milliseconds since the epoch. */
  readonly #next = new Map<string, number>();

  /** Takes note of how long a Distribution waits; undefined for one that is gone. True when silences are told otherwise now. */
  bears(distribution: string, patience: Patience | undefined): boolean {
    const own = [patience?.hostMs, patience?.clusterMs].filter((ms) => ms !== undefined);
    const before = this.#patience.get(distribution) ?? [];
    if (own.length === before.length && own.every((ms, at) => ms === before[at])) return false;
    if (own.length > 0) this.#patience.set(distribution, own);
    else this.#patience.delete(distribution);
    const steps = [...new Set([...this.#patience.values()].flat())].toSorted((a, b) => a - b);
    const isSame = steps.length === this.#steps.length && steps.every((ms, at) => ms === this.#steps[at]);
    this.#steps = steps;
    return !isSame;
  }

  /** What is told of a silence; nothing while nobody counts. `place`: dirty key; `silentMs`: undefined when it is heard. */
  told(place: string, silentMs: number | undefined, now: number): number | undefined {
    const next = silentMs === undefined ? undefined : this.#steps.find((ms) => ms > silentMs);
    if (next === undefined || silentMs === undefined) this.#next.delete(place);
    else this.#next.set(place, now + next - silentMs);
    if (silentMs === undefined || this.#steps.length === 0) return undefined;
    return this.#steps.findLast((ms) => ms <= silentMs) ?? 0;
  }

  /** Takes the places whose silence has passed a step. */
  due(now: number): string[] {
    const due = [...this.#next].filter(([, at]) => at <= now).map(([place]) => place);
    for (const place of due) this.#next.delete(place);
    return due;
  }

  /** When the next one does, in milliseconds since the epoch. */
  get nextAt(): number | undefined {
    return earliest(this.#next.values());
  }
}
