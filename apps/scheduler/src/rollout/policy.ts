import { millisecondsOf, type DistributionSpec, type Requirement } from '@kasmcloud/kube-api';

/** How a Distribution wants to be changed, with every default applied. */
export interface Policy {
  /** Units, or a share of them from 0 to 1. */
  readonly maxUnavailable: Budget;
  readonly maxSurge: Budget;
  /** How long a unit must have been Ready to count as updated. */
  readonly minReadyMs: number;
  /** Without progress for so long, a rollout is stalled. */
  readonly progressDeadlineMs: number;
  readonly autoRevert: boolean;
  readonly stages: readonly Stage[];
}

export type Budget =
  { readonly kind: 'count'; readonly units: number } | { readonly kind: 'share'; readonly of: number };

export interface Stage {
  readonly name: string;
  /** Clusters that belong to it: any term must hold; all clusters without one. */
  readonly clusters: readonly (readonly Requirement[])[];
  /** How long to wait after it before the next one begins. */
  readonly pauseMs: number;
  /** Whether it begins only when somebody approved it. */
  readonly needsApproval: boolean;
}

/** Applies the defaults: a quarter of the units, at least one; none twice; ten minutes without progress. */
export function readPolicy(rollout: DistributionSpec['rollout'] = {}): Policy {
  const { maxUnavailable = '25%', maxSurge = 0, minReady = '0s', progressDeadline = '10m' } = rollout;
  const { autoRevert = false, stages = [] } = rollout;
  return {
    maxUnavailable: readBudget(maxUnavailable),
    maxSurge: readBudget(maxSurge),
    minReadyMs: millisecondsOf(minReady),
    progressDeadlineMs: millisecondsOf(progressDeadline),
    autoRevert,
    stages: stages.map(({ name, clusters, pause = '0s', approval }) => ({
      name,
      clusters: (clusters ?? []).map(({ matchExpressions }) => matchExpressions),
      pauseMs: millisecondsOf(pause),
      needsApproval: approval === true,
    })),
  };
}

/** `3`, `"3"` or `"25%"`. The schema has checked the form. */
function readBudget(value: number | string): Budget {
  const text = String(value);
  return text.endsWith('%')
    ? { kind: 'share', of: Number(text.slice(0, -1)) / 100 }
    : { kind: 'count', units: Number(text) };
}

/** Units that may be unavailable, and units that may hold old and new at once, of so many. One of them is at least 1. */
export function budgetsOf(
  { maxUnavailable, maxSurge }: Pick<Policy, 'maxUnavailable' | 'maxSurge'>,
  units: number,
): { readonly unavailable: number; readonly surge: number } {
  const surge = maxSurge.kind === 'count' ? maxSurge.units : Math.ceil(maxSurge.of * units);
  const asked = maxUnavailable.kind === 'count' ? maxUnavailable.units : Math.floor(maxUnavailable.of * units);
  return { unavailable: surge > 0 && isNone(maxUnavailable) ? 0 : Math.max(1, asked), surge };
}

const isNone = (budget: Budget): boolean => (budget.kind === 'count' ? budget.units : budget.of) === 0;
