import type { PlacementObject } from '@kasmcloud/kube-api';
import type { Avoidance, Current } from '@kasmcloud/placement';
import { forgivenAt, forgottenAt, type Failure } from './failures.ts';

/** Failures that are not forgiven yet. `now`: milliseconds since the epoch. */
export const standingFailures = ({ status }: PlacementObject, now: number): Failure[] =>
  (status?.failures ?? []).filter((failure) => now < forgivenAt(failure));

/** Failures that are not forgotten yet: a Placement that bears one is kept though nothing is left in its cluster. */
export const rememberedFailures = ({ status }: PlacementObject, now: number): Failure[] =>
  (status?.failures ?? []).filter((failure) => now < forgottenAt(failure));

/** Where nothing new is to go; see {@link failuresOf}. */
export const avoidedBy = (placement: PlacementObject, now: number): Avoidance[] =>
  standingFailures(placement, now).map(({ host, revision }) => ({
    revision,
    cluster: placement.spec.cluster,
    ...(host !== '' && { host }),
  }));

export interface StandingFacts {
  /** Replicas by `cluster/host` that are Ready, or had no time to become it since they were written. */
  readonly readyOn: ReadonlyMap<string, number>;
  /** A revision that is being tried over another one: what fails of it stays where it is. */
  readonly tried: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether a host, by `cluster/host`, can be told something now. */
  readonly isBack: (path: string) => boolean;
}

/**
 * What a Placement says stands, with the replicas of it that failed: those that are not Ready where a failure stands. What was
 * lost with its host counts as returned once that is back.
 */
export function standingOf(placement: PlacementObject, { readyOn, tried, now, isBack }: StandingFacts): Current[] {
  const { spec } = placement;
  const { cluster, hosts } = spec;
  const failures = standingFailures(placement, now).filter(({ revision }) => revision !== tried);
  return hosts
    .filter(({ host, replicas, lost = 0 }) => replicas > 0 || (lost > 0 && isBack(`${cluster}/${host}`)))
    .map(({ host, replicas, lost = 0, revision = spec.revision }) => {
      const running = readyOn.get(`${cluster}/${host}`) ?? 0;
      if (replicas === 0) return { cluster, host, replicas, returned: Math.min(lost, running) };
      const isFailed = failures.some((one) => one.revision === revision && (one.host === '' || one.host === host));
      const failed = isFailed ? Math.max(0, replicas - running) : 0;
      return { cluster, host, replicas, ...(failed > 0 && { failed }) };
    });
}
