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
import { Engine, type Changes, type DistributionPlan } from '@kasmcloud/placement';
import { readyOf, type Seen } from '../distributions/seen.ts';
import { Decided } from './decided.ts';
import { decide, type PlacementDraft } from './decision.ts';
import { EpochCounter } from './epoch.ts';
import type { MemberFacts } from './facts.ts';
import type { Hub } from './hub.ts';
import { sha256 } from './revision.ts';
import { World } from './world.ts';

/** Another leader decided since: this one must stop. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

export interface PlannerOptions {
  readonly hub: Pick<Hub, 'client' | 'clusters' | 'distributions' | 'placementsOf' | 'surroundings'>;
  /** A member as it is seen now; see {@link World}. */
  readonly factsOf: (cluster: ClusterObject, host?: string) => MemberFacts;
  /** What the workloads of a Distribution say, by `cluster/host`. */
  readonly seenOf: (distribution: string) => ReadonlyMap<string, Seen>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Carries a decision out; called after it is stored. */
  readonly dispatch: (placement: PlacementObject) => void;
}

/** What one planning epoch came to. */
export interface PlanOutcome {
  /** Keys of the Distributions that were looked at. */
  readonly looked: ReadonlySet<string>;
  readonly writes: number;
  /** Milliseconds until something is to be looked at although nothing happens; undefined for never. */
  readonly nextMs: number | undefined;
}

/** Placements that are written at once. */
const WRITES_AT_ONCE = 8;

/** Decides: the leader's own, one epoch at a time. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #epochs: EpochCounter;
  readonly #decided = new Decided();
  readonly #world: World;
  readonly #plans = new Map<string, { plan: DistributionPlan; hash: string }>();
  /** Distributions whose plan may not be stored yet. */
  readonly #open = new Set<string>();
  /** Made of everything for the first epoch, and again after one that failed. */
  #engine: Engine | undefined;

  /** `term`: how often leadership changed hands; it orders the decisions of different leaders. */
  constructor(term: number, options: PlannerOptions) {
    const { hub, factsOf, seenOf, now } = options;
    this.#epochs = new EpochCounter(term);
    this.#options = options;
    this.#world = new World({
      clusters: hub.clusters,
      distributions: hub.distributions,
      placementsOf: (key) => this.#placementsOf(key),
      planOf: (key) => this.#plans.get(key)?.plan.clusters,
      factsOf,
      surroundings: () => hub.surroundings(),
      readyOn: (key) => readyOf(seenOf(key)),
      now,
    });
  }

  /** The last plan of a Distribution, for its status. */
  planOf(key: string): { plan: DistributionPlan; hash: string } | undefined {
    return this.#plans.get(key);
  }

  /**
   * One planning epoch: what is dirty is looked at, with all that it may matter to, and only the difference to what is
   * stored is written. What is stored before a crash stands; what is not is decided again, the same.
   *
   * @throws {FencedError}
   */
  async plan(dirty: ReadonlySet<string>, signal: AbortSignal): Promise<PlanOutcome> {
    this.#look(dirty);
    const looked = new Set(this.#open);
    const drafts = [...looked].flatMap((key) => this.#draftsOf(key));
    const epoch = drafts.length === 0 ? 0 : this.#epochs.next();
    await inTurns(drafts, WRITES_AT_ONCE, (draft) => this.#decide(draft, epoch, signal));
    for (const key of looked) {
      await this.#tidy(key, signal);
      this.#open.delete(key);
    }
    const { nextAt } = this.#world;
    const nextMs = nextAt === undefined ? undefined : Math.max(0, nextAt - this.#options.now());
    return { looked, writes: drafts.length, nextMs };
  }

  /** Tells the engine what is dirty, and notes every Distribution for which that may have changed something. */
  #look(dirty: ReadonlySet<string>): void {
    const engine = this.#engine;
    // Should this throw, the engine may know half of it: the next epoch begins with a new one.
    this.#engine = undefined;
    if (engine === undefined) {
      this.#plans.clear();
      this.#engine = new Engine(this.#world.snapshot());
      this.#remember(this.#engine.plan().distributions);
      for (const key of this.#options.hub.distributions.keys()) this.#open.add(key);
      return;
    }
    const { changes, distributions } = this.#world.read(dirty);
    for (const key of distributions) this.#open.add(key);
    for (const key of changes.removed?.distributions ?? []) this.#plans.delete(key);
    if (hasNews(changes)) this.#remember(engine.apply(changes).distributions);
    this.#engine = engine;
  }

  #remember(plans: readonly DistributionPlan[]): void {
    for (const plan of plans) {
      this.#open.add(plan.key);
      this.#plans.set(plan.key, { plan, hash: sha256(plan.clusters).slice(0, 16) });
    }
  }

  #placementsOf(key: string): readonly PlacementObject[] {
    return this.#decided.over(key, this.#options.hub.placementsOf(key));
  }

  #draftsOf(key: string): PlacementDraft[] {
    if (isOrphaning(this.#options.hub.distributions.get(key))) return [];
    const planned = this.#world.planned.get(key);
    const plan = this.#plans.get(key)?.plan;
    return decide({ planned, clusters: plan?.clusters ?? [], stored: this.#placementsOf(key) });
  }

  /** Stores a decision, then has it carried out. */
  async #decide(draft: PlacementDraft, epoch: number, signal: AbortSignal): Promise<void> {
    await this.#hold(
      this.#options.hub.distributions.get(`${draft.metadata.namespace}/${draft.spec.distribution}`),
      signal,
    );
    const placement = await this.#store(draft, epoch, signal);
    this.#decided.wrote(placement);
    this.#options.dispatch(placement);
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

  /** Removes decisions that are empty and carried out, and lets a Distribution go that has none left. */
  async #tidy(key: string, signal: AbortSignal): Promise<void> {
    const { hub } = this.#options;
    const distribution = hub.distributions.get(key);
    const isOver = ({ spec, status }: PlacementObject): boolean =>
      isOrphaning(distribution) ||
      hub.clusters.get(spec.cluster) === undefined ||
      (spec.hosts.length === 0 && status?.appliedEpoch === spec.epoch);
    const stored = this.#placementsOf(key);
    const over = stored.filter(isOver);
    for (const placement of over) await this.#remove(placement, signal);
    if (distribution !== undefined && isLeaving(distribution) && over.length === stored.length)
      await setFinalizers(hub.client, distribution, withoutOurs, signal);
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

const isLeaving = ({ metadata }: DistributionObject): boolean => metadata.deletionTimestamp !== undefined;

/** Whether it goes and leaves what it placed where it is. */
const isOrphaning = (distribution: DistributionObject | undefined): boolean =>
  distribution !== undefined && isLeaving(distribution) && distribution.spec.deletionPolicy === 'Orphan';

const hasNews = ({ clusters, hosts, distributions, namespaces, removed }: Changes): boolean =>
  namespaces !== undefined ||
  [clusters, hosts, distributions, removed?.clusters, removed?.hosts, removed?.distributions].some(
    (list) => list !== undefined && list.length > 0,
  );

/** Does something with every item, so many of them side by side; stops at the first failure. */
async function inTurns<T>(items: readonly T[], atOnce: number, act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
}

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
