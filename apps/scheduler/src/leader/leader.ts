import type { Leadership } from '@kasmcloud/kube';
import {
  GitSource,
  WasmCloudDistribution,
  type ActorObject,
  type ClusterObject,
  type DistributionObject,
  type KubeObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import {
  BatchQueue,
  done,
  requeueAfter,
  runController,
  WorkQueue,
  type Clock,
  type Reconciled,
  type Result,
} from '@kasmcloud/reconcile';
import type { ClusterJob } from '@kasmcloud/wire';
import { reconcileApplication } from '../applications/controller.ts';
import { factsOf } from '../clusters/all-facts.ts';
import type { MemberChange } from '../clusters/member.ts';
import { hostSights } from '../clusters/host-sight.ts';
import { distributionKeyOf } from '../dispatch/names.ts';
import type { Urgency } from '../dispatch/dispatcher.ts';
import { tellDistribution } from '../distributions/controller.ts';
import { seenOf } from '../distributions/seen.ts';
import type { GitSync } from '../git/controller.ts';
import { dirty } from '../plan/dirty.ts';
import { Planner, type PlanOutcome } from '../plan/planner.ts';
import { recordFailures, recordReadyChange, recordRolloutChange } from './events.ts';
import { followHub, memberChanged, type Queues, type Wiring } from './changes.ts';
import { MemberCare, type MemberCareOptions } from './member-care.ts';
import { Pace } from './pace.ts';
import { carryingJobs, Sweep } from './sweep.ts';

export interface LeaderOptions extends MemberCareOptions {
  readonly git: GitSync;
  readonly random: () => number;
  readonly dispatch: (job: ClusterJob, urgency?: Urgency) => void;
  readonly gatherMs: number;
  /** A start counts as failed after this long. */
  readonly startGraceMs: number;
  readonly onPlan: (outcome: PlanOutcome & { readonly ms: number }) => void;
  readonly onReconcile: (event: Reconciled) => void;
  readonly onError: (what: string, error: unknown) => void;
}

/** A new leader waits so long at the most for members that do not answer. */
const FIRST_LOOK_MS = 5_000;
const LOOK_MS = 50;
/** How often Placements that lag are handed out again. */
const SWEEP_MS = 5_000;
/** A status is written this often at the most, and looked at again no sooner than this when there was nothing to write. */
const TELL_MS = { written: 1_000, same: 250 } as const;
/** What the hosts of a Distribution say is planned with this often at the most: one look reads all of them. */
const STEP_MS = 250;

/** The work that only one scheduler does: decide, and tell what became of it. */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #signal: AbortSignal;
  readonly #beforeMs: number | undefined;
  readonly #queues: Queues;
  readonly #planner: Planner;
  readonly #care: MemberCare;
  /** Of the statuses of Distributions. */
  readonly #pace: Pace;
  /** Of the looks for which the hosts of a Distribution ask. */
  readonly #steps: Pace;

  constructor(options: LeaderOptions, { term, beforeMs, signal }: Leadership) {
    this.#options = options;
    this.#signal = signal;
    this.#beforeMs = beforeMs;
    const { clock, random, hub, members } = options;
    const queue = (): WorkQueue =>
      new WorkQueue({ clock, random, signal, backoff: { baseMs: 200, maxMs: 30_000, jitter: 0.2 } });
    this.#pace = new Pace(clock, TELL_MS.written);
    this.#steps = new Pace(clock, STEP_MS);
    this.#care = new MemberCare(options, signal);
    this.#queues = {
      plan: new BatchQueue({ clock, windowMs: options.gatherMs }),
      distributions: queue(),
      applications: queue(),
      gitSources: queue(),
      clusters: queue(),
      hosts: queue(),
      containers: queue(),
    };
    this.#planner = new Planner(term, {
      hub,
      factsOf: (cluster, host) => factsOf(members, cluster, host),
      hostsFor: (patience) => hostSights({ clusters: hub.clusters, members, patience }),
      seenOf: (key) => seenOf(members, key, hub.distributions.get(key)),
      workloadsOf: (key) => new Map(members.entries().map(([name, member]) => [name, member.workloadsOf(key)])),
      adoptableFor: (object) => this.#adoptableFor(object),
      now: () => clock.now(),
      dispatch: ({ metadata, spec }) => {
        const { name, namespace = '' } = metadata;
        options.dispatch({ kind: 'placement', cluster: spec.cluster, namespace, name });
        options.dispatch({ kind: 'lattice', cluster: spec.cluster, namespace });
      },
    });
  }

  /** A member changed; called by whoever watches the members. */
  memberChanged(cluster: string, change: MemberChange, object: KubeObject | undefined): void {
    const names = this.#options.members.entries().map(([name]) => name);
    memberChanged(this.#wiring(), cluster, change, object, names);
    if (change === 'link') this.#linkChanged(cluster, object?.metadata.namespace);
    const distribution = object === undefined ? undefined : distributionKeyOf(object);
    if (distribution !== undefined && this.#planner.isUnsettled(distribution)) this.#step(distribution);
  }

  #step(key: string): void {
    const restMs = this.#steps.restMs(key);
    // Its next look is still to come, and will see this too.
    if (restMs > STEP_MS) return;
    this.#steps.took(key, restMs + STEP_MS);
    const look = (): void => this.#queues.plan.add(dirty.distribution(key));
    if (restMs === 0) look();
    else this.#options.clock.after(restMs, look);
  }

  /** Links and config may have changed while nobody led. */
  #greetGuests(): void {
    const { members, dispatch } = this.#options;
    for (const [cluster, member] of members.entries())
      for (const namespace of member.latticesOfGuests()) dispatch({ kind: 'lattice', cluster, namespace });
  }

  #adoptableFor(distribution: DistributionObject): ReadonlyMap<string, readonly (ActorObject | ProviderObject)[]> {
    const { members } = this.#options;
    return new Map(members.entries().map(([name, member]) => [name, member.adoptableFor(distribution)]));
  }

  #wiring(): Wiring {
    const { hub, members, dispatch } = this.#options;
    const clustersOfGuests = (namespace: string): string[] =>
      members.entries().flatMap(([name, member]) => (member.guestsOf(namespace).length > 0 ? [name] : []));
    const adoptableFor: Wiring['adoptableFor'] = (object) => this.#adoptableFor(object);
    return { hub, queues: this.#queues, dispatch, clustersOfGuests, adoptableFor };
  }

  /** Leads until the signal aborts. */
  async lead(): Promise<void> {
    const { hub } = this.#options;
    await this.#firstLook();
    if (this.#signal.aborted) return;
    const unfollow = followHub(this.#wiring());
    this.#greetGuests();
    this.#queues.plan.add(dirty.everything);
    await Promise.all([
      this.#planning(),
      this.#sweeping(),
      this.#control(
        'distribution',
        this.#queues.distributions,
        4,
        // Every plan of everything asks for them all.
        () => [],
        (key) => this.#distribution(key),
      ),
      this.#control(
        'application',
        this.#queues.applications,
        2,
        () => hub.applications.keys(),
        (key) => this.#application(key),
      ),
      this.#control(
        'git-source',
        this.#queues.gitSources,
        2,
        () => [],
        (key) => this.#gitSource(key),
      ),
      this.#control(
        'cluster',
        this.#queues.clusters,
        2,
        () => hub.clusters.keys(),
        (key) => this.#care.cluster(key),
      ),
      this.#control(
        'host',
        this.#queues.hosts,
        4,
        () => this.#care.hostKeys(),
        (key) => this.#care.host(key),
      ),
      this.#control(
        'container',
        this.#queues.containers,
        4,
        () => this.#care.containerKeys(),
        (key) => this.#care.container(key),
      ),
    ]);
    unfollow();
  }

  /** Before the first decision the hub is read in whole, and every member gets the time to show what it has: absence is not emptiness. */
  async #firstLook(): Promise<void> {
    const { hub, members } = this.#options;
    await this.#until(() => hub.hasSynced);
    members.takeOver(this.#beforeMs);
    const isKnown = ({ metadata: { name } }: ClusterObject): boolean =>
      members.get(name)?.isKnown(FIRST_LOOK_MS) ?? members.refusal(name) !== undefined;
    await this.#until(() => hub.clusters.list().every(isKnown), FIRST_LOOK_MS);
  }

  async #until(holds: () => boolean, withinMs = Infinity): Promise<void> {
    const { clock } = this.#options;
    const end = clock.steady() + withinMs;
    while (!holds() && clock.steady() < end && !this.#signal.aborted) await clock.sleep(LOOK_MS, this.#signal);
  }

  async #planning(): Promise<void> {
    const { plan } = this.#queues;
    const { clock, onPlan, onError } = this.#options;
    const stopResync = this.#every(this.#options.resyncMs, () => plan.add(dirty.everything));
    let cancelNext: (() => void) | undefined;
    for (let keys = await plan.next(this.#signal); keys !== undefined; keys = await plan.next(this.#signal)) {
      const startedAt = clock.steady();
      try {
        const outcome = await this.#planner.plan(keys, this.#signal);
        onPlan({ ...outcome, ms: clock.steady() - startedAt });
        for (const key of outcome.looked) this.#queues.distributions.add(key);
        cancelNext?.();
        if (outcome.nextMs !== undefined) cancelNext = clock.after(outcome.nextMs, () => plan.add('time'));
      } catch (error) {
        if (this.#signal.aborted) break;
        onError('plan', error);
        await clock.sleep(500, this.#signal);
        plan.add(...keys, dirty.everything);
      }
    }
    cancelNext?.();
    stopResync();
  }

  async #sweeping(): Promise<void> {
    const { clock, hub, dispatch } = this.#options;
    const sweep = new Sweep();
    let carriedAt = clock.steady();
    while (!this.#signal.aborted) {
      for (const job of sweep.jobs(hub.placements.list())) dispatch(job, 'sweep');
      if (clock.steady() - carriedAt >= this.#options.resyncMs) {
        carriedAt = clock.steady();
        for (const job of carryingJobs(hub)) dispatch(job, 'sweep');
      }
      await clock.sleep(SWEEP_MS, this.#signal);
    }
  }

  async #control(
    name: string,
    queue: WorkQueue,
    workers: number,
    keys: () => Iterable<string>,
    reconcile: (key: string) => Promise<Result>,
  ): Promise<void> {
    const { clock, resyncMs, onReconcile, onError } = this.#options;
    for (const key of keys()) queue.add(key);
    await runController({
      name,
      queue,
      workers,
      clock,
      reconcile,
      signal: this.#signal,
      onReconcile,
      onError: (key, error) => onError(`${name} ${key}`, error),
      resync: { everyMs: resyncMs, keys },
    });
  }

  async #distribution(key: string): Promise<Result> {
    const { hub, members, clock, events } = this.#options;
    const graceMs = this.#options.startGraceMs;
    const options = { hub, members, planner: this.#planner, nowMs: () => clock.now(), graceMs };
    const restMs = this.#pace.restMs(key);
    if (restMs > 0) return requeueAfter(restMs);
    const { told, failures, nextMs } = await tellDistribution(options, key, this.#signal);
    const distribution = hub.distributions.get(key);
    if (told !== undefined) this.#pace.took(key);
    else if (distribution?.status !== undefined) this.#pace.took(key, TELL_MS.same);
    if (distribution === undefined) for (const pace of [this.#pace, this.#steps]) pace.forget(key);
    if (told !== undefined) {
      recordReadyChange(events, WasmCloudDistribution, told.before, told.after);
      recordRolloutChange(events, told.before, told.after);
    }
    recordFailures(events, distribution, failures);
    return nextMs === undefined ? done : requeueAfter(nextMs);
  }

  async #application(key: string): Promise<Result> {
    const { hub, clock } = this.#options;
    await reconcileApplication({ hub, now: () => now(clock) }, key, this.#signal);
    return done;
  }

  async #gitSource(key: string): Promise<Result> {
    const { hub, git, events } = this.#options;
    const source = hub.gitSources.get(key);
    if (source === undefined || source.metadata.deletionTimestamp !== undefined) return done;
    const { nextMs, ready, changed } = await git.sync(source, this.#signal);
    if (changed) {
      const type = ready.status === 'False' ? 'Warning' : 'Normal';
      events.record(GitSource, source, { type, reason: ready.reason, action: 'Sync', note: ready.message });
    }
    return requeueAfter(nextMs);
  }

  /** Links are part of what providers in pods are told. */
  #linkChanged(cluster: string, namespace: string | undefined): void {
    for (const { metadata } of this.#options.members.get(cluster)?.containers.list() ?? []) {
      if (metadata.namespace === namespace) this.#queues.containers.add(`${cluster}/${namespace}/${metadata.name}`);
    }
  }

  #every(ms: number, act: () => void): () => void {
    const { clock } = this.#options;
    let cancel = clock.after(ms, function again() {
      act();
      cancel = clock.after(ms, again);
    });
    return () => cancel();
  }
}

const now = (clock: Clock): string => new Date(clock.now()).toISOString();
