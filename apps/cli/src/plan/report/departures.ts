import { Verdicts, type Distribution, type DistributionPlan, type Snapshot } from '@kasmcloud/placement';
import type { World } from '../world/world.ts';
import { spotOf } from './differences.ts';
import type { MoveReason } from './report.ts';

/** Says why replicas leave their hosts. */
export class Departures {
  readonly #world: World;
  readonly #lostClusters: ReadonlySet<string>;
  readonly #verdicts: Verdicts;
  /** Highest priority of a distribution that may take the place of others. */
  readonly #preempting: number;

  constructor(world: World) {
    const { clusters, distributions }: Snapshot = world.snapshot;
    this.#world = world;
    this.#lostClusters = new Set(clusters.filter(({ reach }) => reach === 'Lost').map(({ name }) => name));
    this.#verdicts = new Verdicts(world.snapshot);
    this.#preempting = distributions.reduce((most, one) => (one.preempts ? Math.max(most, one.priority) : most), 0);
  }

  /** Why replicas had to leave the host at `cluster/name`; undefined when they could have stayed. */
  forced(distribution: Distribution, path: string): MoveReason | undefined {
    if (this.#world.leaving.has(distribution.key)) return undefined;
    const spot = spotOf(path);
    if (this.#lostClusters.has(spot.cluster)) return 'ClusterLost';
    const verdict = this.#verdicts.of(distribution, spot.cluster, spot.host);
    if (verdict === undefined) return 'HostGone';
    if (!verdict.stays) return verdict.filter;
    const failed = distribution.avoid.some(
      ({ cluster, host = spot.host, revision }) =>
        revision === distribution.revision && cluster === spot.cluster && host === spot.host,
    );
    return failed ? 'StartFailed' : undefined;
  }

  /** Why replicas that could have stayed start elsewhere. */
  moved({ key, converge, tiers, priority }: Distribution): MoveReason {
    if (this.#world.changed.has(key)) return 'SpecChanged';
    if (converge) return 'Rebalance';
    if (tiers.some(({ failBack }) => failBack)) return 'FailBack';
    return priority < this.#preempting ? 'Preempted' : 'Rebalance';
  }

  /** Why replicas that could have stayed stop. */
  stopped({ key, priority }: Distribution, { unplaced }: DistributionPlan): MoveReason {
    if (this.#world.leaving.has(key)) return 'Removed';
    return unplaced.length > 0 && priority < this.#preempting ? 'Preempted' : 'ScaleDown';
  }
}
