import type { DistributionObject, DistributionStatus } from '@kasmcloud/kube-api';
import type { Seen } from '../distributions/seen.ts';
import type { Rollout, RolloutStep } from '../rollout/rollout.ts';

type ToldRollout = NonNullable<DistributionStatus['rollout']>;

/**
 * How far the rollouts are, as this leader knows it: what the status says when it comes to lead, and what it decided since.
 * How long a host has been Ready is counted from when this leader first saw it so.
 */
export class Progress {
  readonly #rollouts = new Map<string, Rollout>();
  readonly #good = new Map<string, string>();
  readonly #unsettled = new Set<string>();
  readonly #ready = new Map<string, Map<string, { readonly revision: string | undefined; readonly since: number }>>();

  rolloutOf(key: string, distribution: DistributionObject): Rollout | undefined {
    const told = distribution.status?.rollout;
    return this.#rollouts.get(key) ?? (told && fromStatus(told));
  }

  /** Last revision that was rolled out whole. */
  goodOf(key: string, distribution: DistributionObject): string | undefined {
    return this.#good.get(key) ?? distribution.status?.currentRevision;
  }

  /** Whether the hosts of a Distribution are waited for. */
  isUnsettled(key: string): boolean {
    return this.#unsettled.has(key);
  }

  took(key: string, { rollout, isSettled }: RolloutStep, isMoving: boolean): void {
    this.#rollouts.set(key, rollout);
    if (rollout.phase === 'Complete') this.#good.set(key, rollout.revision);
    if (isSettled && !isMoving) this.#unsettled.delete(key);
    else this.#unsettled.add(key);
  }

  /** Nothing is done for it now: its hosts are not waited for. */
  rests(key: string, rollout: Rollout): void {
    this.#rollouts.set(key, rollout);
    this.#unsettled.delete(key);
  }

  forget(key: string): void {
    this.#rollouts.delete(key);
    this.#good.delete(key);
    this.#unsettled.delete(key);
    this.#ready.delete(key);
  }

  /** Since when each `cluster/host` is Ready with what runs there, in milliseconds since the epoch. */
  readySince(key: string, seen: ReadonlyMap<string, Seen>, now: number): Map<string, number> {
    const before = this.#ready.get(key);
    const next = new Map(
      [...seen].flatMap(([path, { revision, ready }]) => {
        const known = before?.get(path);
        if (ready === 0) return [];
        return [[path, known !== undefined && known.revision === revision ? known : { revision, since: now }] as const];
      }),
    );
    this.#ready.set(key, next);
    return new Map([...next].map(([path, { since }]) => [path, since]));
  }
}

const fromStatus = ({ revision, phase, stageIndex = -1, since, updatedHosts }: ToldRollout): Rollout => ({
  revision,
  phase,
  stage: stageIndex,
  since: Date.parse(since),
  updated: updatedHosts,
});

/** A rollout as a status tells it. `stages`: their names. */
export function toStatus({ revision, phase, stage, since, updated }: Rollout, stages: readonly string[]): ToldRollout {
  const name = stages[stage];
  return {
    revision,
    phase,
    ...(name !== undefined && { stage: name }),
    stageIndex: Math.min(stage, 16),
    since: new Date(since).toISOString(),
    updatedHosts: updated,
  };
}
