import {
  annotations,
  keyOf,
  type ActorObject,
  type ClusterObject,
  type DistributionObject,
  type PlacementObject,
  type ProviderObject,
  type WorkloadObject,
} from '@kasmcloud/kube-api';
import {
  clusterLabels,
  Engine,
  readPatience,
  type Changes,
  type DistributionPlan,
  type Patience,
} from '@kasmcloud/placement';
import { earliest } from '../earliest.ts';
import { standingIn, type Seen } from '../distributions/seen.ts';
import { leavingOf } from '../rollout/moves.ts';
import { readPolicy } from '../rollout/policy.ts';
import { stepRollout, suspended, type Rollout } from '../rollout/rollout.ts';
import { sideBySide } from '../side-by-side.ts';
import { foundIn } from './adoption.ts';
import { Breath } from './breath.ts';
import { decide, type PlacementDraft } from './decision.ts';
import { dirty as dirtyKey } from './dirty.ts';
import { EpochCounter } from './epoch.ts';
import type { MemberFacts } from './facts.ts';
import type { Hub } from './hub.ts';
import { isOrphaning, Keeper, type KeeperHub } from './keeper.ts';
import { MoveBudget } from './move-budget.ts';
import { Progress } from './progress.ts';
import { sha256 } from './revision.ts';
import type { Planned } from './snapshot.ts';
import { approvedStages, stageIn, unitsOf, type HostSight } from './units.ts';
import { Wake } from './wake.ts';
import { World } from './world.ts';

export interface PlannerOptions {
  readonly hub: KeeperHub & Pick<Hub, 'surroundings' | 'claims'>;
  /** A member as it is seen now; see {@link World}. */
  readonly factsOf: (cluster: ClusterObject, host?: string) => MemberFacts;
  /** What hosts are, at this moment, to a Distribution with this patience. */
  readonly hostsFor: (patience: Patience) => (cluster: string, host: string) => HostSight;
  /** What the workloads of a Distribution say, by `cluster/host`. */
  readonly seenOf: (distribution: string) => ReadonlyMap<string, Seen>;
  /** What runs of a Distribution, by cluster. */
  readonly workloadsOf: (distribution: string) => ReadonlyMap<string, readonly WorkloadObject[]>;
  /** What was started of it over NATS, by cluster. */
  readonly adoptableFor: (
    distribution: DistributionObject,
  ) => ReadonlyMap<string, readonly (ActorObject | ProviderObject)[]>;
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

/** What is planned for a Distribution, and how far it has come. */
export interface PlannedState {
  readonly plan: DistributionPlan;
  readonly hash: string;
  readonly rollout: Rollout | undefined;
  /** Last revision that was rolled out whole. */
  readonly good: string | undefined;
}

/** Distributions whose decisions are written side by side. */
const AT_ONCE = 8;

/** Decides: the leader's own, one epoch at a time. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #epochs: EpochCounter;
  readonly #keeper: Keeper;
  readonly #world: World;
  readonly #progress = new Progress();
  readonly #moves = new MoveBudget();
  readonly #wake = new Wake();
  readonly #plans = new Map<string, { plan: DistributionPlan; hash: string }>();
  /** Distributions whose plan may not be stored yet. */
  readonly #open = new Set<string>();
  /** Dirty keys for the next epoch. */
  readonly #again = new Set<string>();
  /** Made of everything for the first epoch, and again after one that failed. */
  #engine: Engine | undefined;

  /** `term`: how often leadership changed hands; it orders the decisions of different leaders. */
  constructor(term: number, options: PlannerOptions) {
    const { hub, factsOf, seenOf, now } = options;
    this.#epochs = new EpochCounter(term);
    this.#options = options;
    this.#keeper = new Keeper(hub);
    this.#world = new World({
      clusters: hub.clusters,
      distributions: hub.distributions,
      placementsOf: (key) => [...this.#keeper.placementsOf(key), ...this.#foundOf(key)],
      planOf: (key) => this.#plans.get(key)?.plan.clusters,
      factsOf,
      surroundings: () => hub.surroundings(),
      isClaimed: (workload) => hub.claims(workload) !== undefined,
      readyOn: (key) => standingIn(seenOf(key)),
      triedOf: (planned) => this.#triedOf(planned),
      movesLeft: ({ object }) => {
        const most = object.spec.stability?.maxMovesPerMinute;
        return most === undefined ? undefined : this.#moves.left(keyOf(object), most, now());
      },
      isBack: (path) => {
        const [cluster = '', host = ''] = path.split('/');
        return options.hostsFor(EVERYBODYS)(cluster, host).reach === 'Reachable';
      },
      now,
    });
  }

  /** The last plan of a Distribution and how far it has come, for its status. */
  stateOf(key: string): PlannedState | undefined {
    const planned = this.#plans.get(key);
    const distribution = this.#options.hub.distributions.get(key);
    if (planned === undefined || distribution === undefined) return undefined;
    const rollout = this.#progress.rolloutOf(key, distribution);
    return { ...planned, rollout, good: this.#progress.goodOf(key, distribution) };
  }

  /** Whether what the hosts of a Distribution say may change what is decided for it. */
  isUnsettled(key: string): boolean {
    return this.#progress.isUnsettled(key);
  }

  /**
   * One planning epoch: what is dirty is looked at, with all that it may matter to, and only the difference to what is
   * stored is written. What is stored before a crash stands; what is not is decided again, the same.
   *
   * @throws {FencedError}
   */
  async plan(dirty: ReadonlySet<string>, signal: AbortSignal): Promise<PlanOutcome> {
    const { now, dispatch } = this.#options;
    const again = [...this.#again];
    this.#again.clear();
    const breath = new Breath(signal);
    await this.#look([...dirty, ...again, ...this.#wake.due(now())], breath);
    const looked = new Set(this.#open);
    const decided: { key: string; drafts: PlacementDraft[] }[] = [];
    for (const key of looked) {
      if (breath.isDue) await breath.take();
      decided.push({ key, drafts: this.#draftsOf(key) });
    }
    const writes = decided.reduce((sum, { drafts }) => sum + drafts.length, 0);
    const epoch = writes === 0 ? 0 : this.#epochs.next();
    await sideBySide(decided, AT_ONCE, async ({ key, drafts }) => {
      const planned = this.#world.planned.get(key);
      if (drafts.length > 0 && planned !== undefined) await this.#keeper.prepare(planned, signal);
      // It stays open: the watch will bring it.
      if (drafts.length > 0 && planned === undefined && !(await this.#keeper.isLeaving(key, signal))) return;
      for (const draft of drafts) dispatch(await this.#keeper.store(draft, epoch, signal));
      // Read again before its host can be back: only then is it known that somebody waits there.
      if (drafts.some(({ spec }) => spec.hosts.some(({ lost }) => lost !== undefined)))
        this.#again.add(dirtyKey.distribution(key));
      await this.#tidy(key, planned, signal);
      this.#open.delete(key);
    });
    const nextAt = earliest([this.#world.nextAt, this.#wake.nextAt]);
    return { looked, writes, nextMs: nextAt === undefined ? undefined : Math.max(0, nextAt - now()) };
  }

  /** Tells the engine what is dirty, and notes every Distribution for which that may have changed something. */
  async #look(dirty: Iterable<string>, breath: Breath): Promise<void> {
    const engine = this.#engine;
    // Should this throw, the engine may know half of it: the next epoch begins with a new one.
    this.#engine = undefined;
    if (engine === undefined) {
      this.#plans.clear();
      const fresh = new Engine(await this.#world.snapshot(breath));
      await this.#remember(fresh.plan().distributions, breath);
      this.#engine = fresh;
      for (const key of this.#options.hub.distributions.keys()) this.#open.add(key);
      for (const key of this.#keeper.leftBehind()) this.#open.add(key);
      return;
    }
    const { changes, distributions } = await this.#world.read(dirty, breath);
    for (const key of distributions) this.#open.add(key);
    for (const key of changes.removed?.distributions ?? []) this.#plans.delete(key);
    if (hasNews(changes)) await this.#remember(engine.apply(changes).distributions, breath);
    this.#engine = engine;
  }

  async #remember(plans: readonly DistributionPlan[], breath: Breath): Promise<void> {
    const now = this.#options.now();
    for (const plan of plans) {
      if (breath.isDue) await breath.take();
      this.#open.add(plan.key);
      const object = this.#world.planned.get(plan.key)?.object;
      if (plan.moves.count > 0 && object?.spec.stability?.maxMovesPerMinute !== undefined) {
        this.#moves.made(plan.key, plan.moves.count, now);
        // What is left must be told before anything else is planned.
        this.#again.add(dirtyKey.distribution(plan.key));
      }
      this.#plans.set(plan.key, { plan, hash: sha256(plan.clusters).slice(0, 16) });
    }
  }

  /** A revision that is being rolled out over one that is proven: should it fail, it does not wander from host to host. */
  #triedOf({ object, revision }: Planned): string | undefined {
    const key = keyOf(object);
    const rollout = this.#progress.rolloutOf(key, object);
    const isOver = rollout?.revision === revision && rollout.phase === 'Complete';
    return isOver || this.#goodOf(key, object, revision) === undefined ? undefined : revision;
  }

  /** The last good revision, if it is another one and can still be made. */
  #goodOf(key: string, object: DistributionObject, target: string): string | undefined {
    const good = this.#progress.goodOf(key, object);
    return good !== undefined && good !== target && this.#keeper.hasRevision(key, good) ? good : undefined;
  }

  #foundOf(key: string): PlacementObject[] {
    const { hub, workloadsOf, adoptableFor } = this.#options;
    const distribution = hub.distributions.get(key);
    if (distribution === undefined) return [];
    return foundIn(distribution, this.#keeper.placementsOf(key), workloadsOf(key), adoptableFor(distribution));
  }

  /** Takes the next step of a Distribution, and gives what is to be written for it. */
  #draftsOf(key: string): PlacementDraft[] {
    const stored = this.#keeper.placementsOf(key);
    const planned = this.#world.planned.get(key);
    const plan = this.#plans.get(key)?.plan;
    if (isOrphaning(this.#options.hub.distributions.get(key))) return [];
    if (planned === undefined || plan === undefined) return decide(undefined, stored);
    const { object, revision, intent } = planned;
    const found = this.#foundOf(key);
    const before = this.#progress.rolloutOf(key, object);
    if (object.spec.suspend === true) {
      if (before !== undefined) this.#progress.rests(key, suspended(before, this.#options.now()));
      return [];
    }
    const { hub, hostsFor, seenOf, now } = this.#options;
    const policy = readPolicy(object.spec.rollout);
    const seen = seenOf(key);
    const at = now();
    const units = unitsOf({
      plan: plan.clusters,
      stored: [...stored, ...found],
      seen,
      readySince: this.#progress.readySince(key, seen, at),
      hostOf: hostsFor(readPatience(object.spec.failover)),
      stageOf: (cluster) => stageIn(policy, labelsOf(hub.clusters.get(cluster))),
    });
    const step = stepRollout({
      units,
      policy,
      target: revision,
      good: this.#goodOf(key, object, revision),
      approved: approvedStages(object, annotations.approvedStages, revision),
      before,
      now: at,
    });
    const leaving = leavingOf(units);
    this.#progress.took(key, step, leaving.size > 0);
    const isDeferred = plan.moves.deferred > 0;
    const nextAt = earliest([step.nextAt, isDeferred ? this.#moves.nextAt(key, at) : undefined]);
    this.#wake.set(dirtyKey.distribution(key), nextAt);
    const { name, namespace = '' } = object.metadata;
    // It has not come to where the spec wants it: what is stored goes on saying the old wish.
    const wished = isDeferred ? (stored.find(({ spec }) => spec.intent !== undefined)?.spec.intent ?? intent) : intent;
    const { revisions, goal } = step;
    const mayReturn = waitsForReturn(object);
    return decide({ namespace, name, goal, intent: wished, units, revisions, leaving, mayReturn }, stored, found);
  }

  async #tidy(key: string, planned: Planned | undefined, signal: AbortSignal): Promise<void> {
    await this.#keeper.tidy(key, this.#options.now(), signal);
    if (planned !== undefined) {
      const good = this.#progress.goodOf(key, planned.object);
      return this.#keeper.forget(key, [planned.revision, good], signal);
    }
    this.#wake.set(dirtyKey.distribution(key), undefined);
    this.#progress.forget(key);
    this.#moves.forget(key);
  }
}

const EVERYBODYS: Patience = { hostMs: undefined, clusterMs: undefined };

/** Whether it matters to a Distribution what still runs where it was replaced. */
const waitsForReturn = ({ spec: { failover, mode } }: DistributionObject): boolean =>
  mode !== 'Daemon' && failover?.reconnect !== undefined && failover.reconnect !== 'KeepReplacement';

const labelsOf = (cluster: ClusterObject | undefined): Readonly<Record<string, string>> =>
  cluster === undefined ? {} : clusterLabels(cluster);

const hasNews = ({ clusters, hosts, distributions, namespaces, removed }: Changes): boolean =>
  namespaces !== undefined ||
  [clusters, hosts, distributions, removed?.clusters, removed?.hosts, removed?.distributions].some(
    (list) => list !== undefined && list.length > 0,
  );
