import type { DistributionSpec } from '@kasmcloud/kube-api';
import type { Taint } from '@kasmcloud/placement';
import { earliest } from '../earliest.ts';

/**
 * How old taints are, for tolerations that bear them only so long. Their age is counted from when this leader first saw
 * them, and told in steps: only when it passes the patience of somebody does the planner see another world.
 */
export class TaintAges {
  /** By dirty key of the host or cluster, then by taint: when it was first seen, in milliseconds since the epoch. */
  readonly #seen = new Map<string, Map<string, number>>();
  /** Seconds that each Distribution bears some taint. */
  readonly #patience = new Map<string, readonly number[]>();

  /** Takes note of what a Distribution bears; undefined for one that is gone. */
  bears(distribution: string, tolerations: DistributionSpec['tolerations'] | undefined): void {
    const seconds = (tolerations ?? []).map((one) => one.seconds).filter((one) => one !== undefined);
    if (seconds.length === 0) this.#patience.delete(distribution);
    else this.#patience.set(distribution, seconds);
  }

  /** The taints of a host or cluster with their ages; `place` is its dirty key. Those that are gone are forgotten. */
  aged(place: string, taints: readonly Taint[], now: number): readonly Taint[] {
    const lasting = taints.filter(({ effect }) => effect === 'NoExecute');
    const before = this.#seen.get(place);
    if (lasting.length === 0) {
      this.#seen.delete(place);
      return taints;
    }
    const since = new Map(lasting.map((taint) => [nameOf(taint), before?.get(nameOf(taint)) ?? now]));
    this.#seen.set(place, since);
    return taints.map((taint) => {
      const age = (now - (since.get(nameOf(taint)) ?? now)) / 1000;
      const step = this.#steps().findLast((seconds) => seconds <= age);
      return taint.effect === 'NoExecute' && step !== undefined ? { ...taint, ageSeconds: step } : taint;
    });
  }

  /** For every place with such a taint: when somebody's patience with it ends next. */
  *nextTimes(now: number): Generator<[place: string, at: number | undefined]> {
    const steps = this.#steps();
    for (const [place, since] of this.#seen) {
      const times = [...since.values()].flatMap((at) => steps.map((seconds) => at + seconds * 1000));
      yield [place, earliest(times.filter((at) => at > now))];
    }
  }

  #steps(): number[] {
    return [...new Set([...this.#patience.values()].flat())].toSorted((a, b) => a - b);
  }
}

const nameOf = ({ key, value = '', effect }: Taint): string => `${key}=${value}:${effect}`;
