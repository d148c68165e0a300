/** What a rollout swaps at once: all replicas of a Distribution on one host, because a host runs one image per id. */
export interface Unit {
  readonly cluster: string;
  readonly host: string;
  /** Replicas that the plan wants here; 0 when they are to leave. */
  readonly planned: number;
  /** Replicas that are here by the last decision, those that leave included. */
  readonly held: number;
  /** Replicas that ran here when it was lost, and may stay when it is back; none where that is not wanted. */
  readonly lost?: number;
  /** Whether there is no such host any more. */
  readonly isGone?: boolean;
  /** Revision that the last decision gave it; undefined when it held nothing. */
  readonly revision: string | undefined;
  /** Revision that its workload was written for. */
  readonly seen: string | undefined;
  /** Replicas that run as they were last written. */
  readonly ready: number;
  /** Replicas of which that is not known yet: the host may serve with what it was told before. */
  readonly awaited: number;
  /** Since when `seen` is Ready, in milliseconds since the epoch; undefined when it is not. */
  readonly readySince: number | undefined;
  /**
   * `Frozen`: it cannot be told anything now; what runs there goes on. `Away`: its cluster is lost, so it is replaced, and
   * may come back with what it ran. `Lost`: nothing runs there.
   */
  readonly reach: 'Reachable' | 'Frozen' | 'Away' | 'Lost';
  /** Whether the host starts the new one before it stops the old one. */
  readonly swapsInPlace: boolean;
  /** Index of the stage to which its cluster belongs. */
  readonly stage: number;
}

/** Whether what it should run counts: not where it is replaced. */
export const isHere = ({ reach }: Pick<Unit, 'reach'>): boolean => reach === 'Reachable' || reach === 'Frozen';

export const pathOf = ({ cluster, host }: Pick<Unit, 'cluster' | 'host'>): string => `${cluster}/${host}`;

/** In order of cluster, then host, so that equal facts give equal decisions. */
export const inOrder = (units: readonly Unit[]): Unit[] => units.toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
