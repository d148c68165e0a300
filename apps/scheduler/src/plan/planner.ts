import {
  fieldManagers,
  finalizers,
  keyOf,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type ClusterObject,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { ConflictError, InvalidError, NotFoundError, type KubeClient } from '@kasmcloud/kube';
import { place, type DistributionPlan } from '@kasmcloud/placement';
import type { Hub } from './hub.ts';
import type { MemberFacts } from './facts.ts';
import { Decided } from './decided.ts';
import { decide, type PlacementDraft } from './decision.ts';
import { EpochCounter } from './epoch.ts';
import { sha256 } from './revision.ts';
import { takeSnapshot } from './snapshot.ts';

/** Another leader decided since: this one must stop. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

export interface PlannerOptions {
  readonly hub: Pick<Hub, 'client' | 'distributions' | 'placements' | 'surroundings'>;
  readonly members: () => readonly MemberFacts[];
  readonly clusters: () => readonly ClusterObject[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a host where a start failed is avoided. */
  readonly avoidMs: number;
  /** Carries a decision out; called after it is stored. */
  readonly dispatch: (placement: PlacementObject) => void;
}

/** What one planning epoch came to. */
export interface PlanOutcome {
  readonly distributions: number;
  readonly writes: number;
}

/** Decides: the leader's own, one at a time. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #epochs: EpochCounter;
  readonly #decided = new Decided();
  readonly #plans = new Map<string, { plan: DistributionPlan; hash: string }>();

  /** `term`: how often leadership changed hands; it orders the decisions of different leaders. */
  constructor(term: number, options: PlannerOptions) {
    this.#epochs = new EpochCounter(term);
    this.#options = options;
  }

  /** The last plan of a Distribution, for its status. */
  planOf(key: string): { plan: DistributionPlan; hash: string } | undefined {
    return this.#plans.get(key);
  }

  /**
   * One planning epoch: everything is looked at, and only the difference is written. What is stored before a crash
   * stands; what is not is decided again, the same.
   *
   * @throws {FencedError}
   */
  async plan(signal: AbortSignal): Promise<PlanOutcome> {
    const { hub, members, now, avoidMs, dispatch } = this.#options;
    const stored = this.#decided.over(hub.placements.list());
    const { snapshot, distributions } = takeSnapshot({
      members: members(),
      distributions: hub.distributions.list(),
      placements: stored,
      surroundings: hub.surroundings(),
      now: now(),
      avoidMs,
    });
    const plan = place(snapshot);
    this.#remember(plan.distributions);
    const drafts = decide({ plan, distributions, stored });
    const epoch = drafts.length === 0 ? undefined : this.#epochs.next();
    for (const draft of drafts) {
      await this.#hold(distributions.get(`${draft.metadata.namespace}/${draft.spec.distribution}`)?.object, signal);
      const placement = await this.#store(draft, epoch ?? 0, signal);
      this.#decided.wrote(placement);
      dispatch(placement);
    }
    await this.#tidy(stored, signal);
    return { distributions: plan.distributions.length, writes: drafts.length };
  }

  #remember(plans: readonly DistributionPlan[]): void {
    this.#plans.clear();
    for (const plan of plans) this.#plans.set(plan.key, { plan, hash: sha256(plan.clusters).slice(0, 16) });
  }

  /** Before anything is placed, the Distribution must be unable to vanish without us. */
  async #hold(distribution: DistributionObject | undefined, signal: AbortSignal): Promise<void> {
    if (distribution === undefined || distribution.metadata.finalizers?.includes(finalizers.placements) === true)
      return;
    await setFinalizers(this.#options.hub.client, distribution, (list) => [...list, finalizers.placements], signal);
  }

  async #store(draft: PlacementDraft, epoch: number, signal: AbortSignal): Promise<PlacementObject> {
    const object = { ...draft, spec: { ...draft.spec, epoch } };
    const options = { fieldManager: fieldManagers.planner, force: true, signal };
    try {
      return await this.#options.hub.client.apply<PlacementObject>(WasmCloudPlacement, object, options);
    } catch (error) {
      if (error instanceof InvalidError && error.causes.some(({ message }) => message?.includes('epoch never falls'))) {
        throw new FencedError(`placement ${keyOf(draft)} holds a decision of a later leader`, { cause: error });
      }
      throw error;
    }
  }

  /** Removes decisions that are empty and carried out, and lets Distributions go that have none left. */
  async #tidy(stored: readonly PlacementObject[], signal: AbortSignal): Promise<void> {
    const { hub, clusters } = this.#options;
    const known = new Set(clusters().map(({ metadata }) => metadata.name));
    const left = new Set<string>();
    for (const placement of stored) {
      const { metadata, spec, status } = placement;
      const key = `${metadata.namespace}/${spec.distribution}`;
      const orphaned =
        hub.distributions.get(key)?.spec.deletionPolicy === 'Orphan' && isLeaving(hub.distributions.get(key));
      const isOver =
        orphaned || !known.has(spec.cluster) || (spec.hosts.length === 0 && status?.appliedEpoch === spec.epoch);
      if (!isOver) left.add(key);
      else await this.#remove(placement, signal);
    }
    for (const distribution of hub.distributions.list().filter(isLeaving)) {
      if (left.has(keyOf(distribution))) continue;
      await setFinalizers(hub.client, distribution, withoutOurs, signal);
    }
  }

  async #remove(placement: PlacementObject, signal: AbortSignal): Promise<void> {
    this.#decided.removed(placement);
    const { name, namespace, uid, resourceVersion } = placement.metadata;
    try {
      await this.#options.hub.client.delete(WasmCloudPlacement, name, namespace, { uid, resourceVersion, signal });
    } catch (error) {
      // Changed since it was read: the next epoch looks again.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

const withoutOurs = (list: readonly string[]): string[] => list.filter((name) => name !== finalizers.placements);

const isLeaving = (distribution: DistributionObject | undefined): boolean =>
  distribution?.metadata.deletionTimestamp !== undefined;

async function setFinalizers(
  hub: KubeClient,
  { metadata }: DistributionObject,
  change: (list: readonly string[]) => string[],
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace, resourceVersion, finalizers: list = [] } = metadata;
  const next = change(list);
  if (next.length === list.length) return;
  const patch = { metadata: { resourceVersion, finalizers: next } };
  try {
    await hub.patch(WasmCloudDistribution, name, namespace, patch, { type: 'merge', signal });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
