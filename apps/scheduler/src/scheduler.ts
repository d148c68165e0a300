import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import {
  builtin,
  GROUP,
  leases,
  SYSTEM_NAMESPACE,
  WasmCloudDistribution,
  type DistributionObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import {
  AlreadyExistsError,
  EventRecorder,
  KubeClient,
  loadKubeconfig,
  runLeaderElection,
  type Leadership,
} from '@kasmcloud/kube';
import { Jobs, type BoardQueue } from '@kasmcloud/jobs';
import type { Health, Logger, Metrics } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import { clusterLabels } from '@kasmcloud/placement';
import type { ClusterJob } from '@kasmcloud/wire';
import type { MemberChange } from './clusters/member.ts';
import { Members } from './clusters/members.ts';
import { Repeaters } from './clusters/repeaters.ts';
import type { Config } from './config.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { writeLattice } from './dispatch/lattice-writer.ts';
import { writePlacement } from './dispatch/placement-writer.ts';
import { ClusterQueues } from './dispatch/queues.ts';
import { repairNote, type Repair } from './dispatch/repair.ts';
import { GitSync } from './git/controller.ts';
import { judgeApplication } from './git/judge.ts';
import { Leader } from './leader/leader.ts';
import { schedulerMetrics, type SchedulerMetrics } from './metrics.ts';
import { termOf } from './plan/epoch.ts';
import { Hub } from './plan/hub.ts';

type PlacementJob = Extract<ClusterJob, { kind: 'placement' }>;

/** A cluster that a job names is not joined here, or is lost: the job waits, alone, and asks nobody. */
class NotThereError extends Error {
  override readonly name = 'NotThereError';
}

/** What is left to tell when a process stops gets so long to be told. */
const LAST_EVENTS_MS = 2_000;

/** How often the jobs of each queue are counted. */
const COUNT_MS = 10_000;

const clock = systemClock;
const random = Math.random;
const now = (): string => new Date(clock.now()).toISOString();

/**
 * One scheduler process: it watches hub and members, works the write queues beside its peers, and leads when elected.
 * Framework-free; the Nest module starts and stops it.
 */
export class Scheduler {
  readonly hub: Hub;
  readonly members: Members;
  readonly #repeaters: Repeaters;
  readonly #config: Config;
  readonly #log: Logger;
  readonly #metrics: SchedulerMetrics;
  readonly #jobs: Jobs;
  readonly #queues: ClusterQueues;
  readonly #git: GitSync;
  readonly #events: EventRecorder;
  readonly #stop = new AbortController();
  #hubId: string | undefined;
  #leader: Leader | undefined;
  #electing: Promise<void> = Promise.resolve();
  #counting: Promise<void> = Promise.resolve();

  constructor(config: Config, log: Logger, metrics: Metrics, health: Health) {
    this.#config = config;
    this.#log = log;
    this.#metrics = schedulerMetrics(metrics);
    const source = config.hubKubeconfig === undefined ? { inCluster: true as const } : { file: config.hubKubeconfig };
    const client = new KubeClient(loadKubeconfig(source), { userAgent: 'kasmcloud-scheduler' });
    const onError = (error: unknown): void => log.debug({ err: error }, 'watch interrupted');
    this.hub = new Hub({ client, clock, random, onError });
    this.#jobs = new Jobs({ url: config.redisUrl, prefix: config.redisPrefix, logger: log });
    this.#queues = new ClusterQueues({
      jobs: this.#jobs,
      work: (job, { signal }) => this.#work(job, signal),
      onFailed: ({ payload, reason }) => log.warn({ job: payload, err: reason }, 'job gave up, a sweep will ask again'),
    });
    this.#repeaters = new Repeaters({ hub: client, clock, random, onError });
    this.members = new Members({
      hub: client,
      clusters: this.hub.clusters,
      clock,
      random,
      hostLostAfterMs: config.hostLostAfterMs,
      clusterLostAfterMs: config.clusterLostAfterMs,
      isExcused: (host) => this.#repeaters.isSilentFor(host),
      resyncMs: config.resyncMs,
      onError,
      onChange: (cluster, change, object) => this.#memberChanged(cluster, change, object),
    });
    this.#git = new GitSync({
      hub: client,
      cacheDirectory: config.cacheDir,
      allowFile: config.gitAllowFile,
      judge: judgeApplication,
      now,
    });
    this.#events = new EventRecorder({
      client,
      clock,
      controller: `${GROUP}/scheduler`,
      instance: hostname(),
      onError: (error) => log.debug({ err: error }, 'event not written'),
    });
    metrics.gauge({
      name: 'members_read',
      help: 'Members of which every kind was read in whole.',
      read: () => this.members.entries().filter(([, member]) => member.hasSynced).length,
    });
    health.addReadiness('hub', () => (this.hub.reachable ? undefined : 'the hub API server does not answer'));
  }

  async start(): Promise<void> {
    const { signal } = this.#stop;
    this.#electing = this.#elect(signal);
    this.#counting = this.#countJobs(signal);
    await Promise.resolve();
  }

  /** Ends within a few seconds, whatever is away: members, Redis, or the hub itself. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#electing;
    await this.#events.flush(AbortSignal.timeout(LAST_EVENTS_MS));
    await this.members.close();
    await this.#repeaters.close();
    await this.#counting;
    await this.#jobs.close();
    await this.hub.close();
    await this.hub.client.close();
  }

  /** The queues of the members that are joined, to look at. */
  boardQueues(): readonly BoardQueue[] {
    return this.#queues.boards();
  }

  /** Whether this process decides now. */
  get isLeader(): boolean {
    return this.#leader !== undefined;
  }

  async #elect(signal: AbortSignal): Promise<void> {
    await this.#ensureSystemNamespace(signal);
    const durationMs = this.#config.leaseDurationMs;
    await runLeaderElection(
      {
        client: this.hub.client,
        clock,
        random,
        namespace: SYSTEM_NAMESPACE,
        name: leases.scheduler,
        identity: `${hostname()}_${randomUUID()}`,
        durationSeconds: Math.ceil(durationMs / 1000),
        renewDeadlineMs: durationMs * 0.66,
        retryMs: durationMs / 8,
        termFloor: () => this.hub.placements.list().reduce((most, { spec }) => Math.max(most, termOf(spec.epoch)), 0),
        onHolder: (holder) => this.#log.info({ holder }, 'leader'),
        onError: (error) => this.#log.warn({ err: error }, 'leader election'),
        lead: (leadership) => this.#lead(leadership),
      },
      signal,
    );
  }

  async #lead(leadership: Leadership): Promise<void> {
    const over = new AbortController();
    const dispatcher = new Dispatcher({
      remote: this.#queues,
      clock,
      random,
      signal: AbortSignal.any([leadership.signal, over.signal]),
      work: (job, signal) => this.#work(job, signal),
      onError: (job, error) => this.#log.debug({ job, err: error }, 'write failed, tried again'),
    });
    const leader = new Leader(
      {
        hub: this.hub,
        members: this.members,
        git: this.#git,
        events: this.#events,
        clock,
        random,
        dispatch: (job, urgency) => dispatcher.dispatch(job, urgency),
        gatherMs: this.#config.gatherMs,
        resyncMs: this.#config.resyncMs,
        hostGoneAfterMs: this.#config.hostGoneAfterMs,
        containerNatsUrl: this.#config.containerNatsUrl,
        startGraceMs: this.#config.startGraceMs,
        onPlan: (outcome) => {
          this.#metrics.planned(outcome);
          const { looked, writes, ms } = outcome;
          if (writes > 0) this.#log.info({ looked: looked.size, writes, ms }, 'planned');
        },
        onReconcile: (event) => this.#metrics.reconciled(event),
        onError: (what, error) => this.#log.warn({ what, err: error }, 'reconcile failed, tried again'),
      },
      leadership,
    );
    this.#leader = leader;
    this.#metrics.leading(1);
    try {
      await leader.lead();
    } finally {
      this.#leader = undefined;
      this.#metrics.leading(0);
      over.abort();
      await dispatcher.stopped();
    }
  }

  async #work(job: ClusterJob, signal: AbortSignal): Promise<void> {
    const member = this.members.get(job.cluster);
    if (member === undefined) throw new NotThereError(`cluster ${job.cluster} is not joined`);
    const cluster = this.hub.clusters.get(job.cluster);
    if (cluster === undefined) throw new NotThereError(`there is no cluster ${job.cluster}`);
    if (member.reach === 'Lost') throw new NotThereError(`cluster ${job.cluster} does not answer`);
    const target = {
      hub: this.hub.client,
      member: member.client,
      clusterLabels: clusterLabels(cluster),
      carriesSecrets: cluster.spec.secrets === 'Carry',
      hubId: await this.#hubIdentity(signal),
      isInUse: (name: string, namespace: string) => this.hub.isInUse(name, namespace),
      guestsOf: (namespace: string) => member.guestsOf(namespace),
      adoptableFor: (distribution: DistributionObject) => member.adoptableFor(distribution),
      known: (distribution: string) => this.hub.distributions.get(distribution),
      now,
    };
    const isHub = member.client === this.hub.client;
    const startedAt = clock.steady();
    if (job.kind === 'placement') {
      const { repairs, ...outcome } = await writePlacement(target, job.namespace, job.name, signal);
      if (outcome.applied + outcome.deleted > 0) this.#log.info({ job, ...outcome }, 'placement written');
      this.#tellRepairs(job, repairs);
    } else if (!isHub) {
      // The hub as its own member has the links already.
      const outcome = await writeLattice(target, job.cluster, job.namespace, signal);
      if (outcome.applied + outcome.deleted > 0) this.#log.info({ job, ...outcome }, 'links written');
    }
    this.#metrics.worked(job.kind, clock.steady() - startedAt);
  }

  /** Read once: it is what tells this hub from others. */
  async #hubIdentity(signal: AbortSignal): Promise<string> {
    this.#hubId ??= (await this.hub.client.find(builtin.Namespace, 'kube-system', undefined, { signal }))?.metadata.uid;
    return this.#hubId ?? '';
  }

  /** How much waits in each queue, for dashboards. */
  async #countJobs(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const [cluster, counts] of await this.#queues.counts()) this.#metrics.queued(cluster, counts);
      await clock.sleep(COUNT_MS, signal);
    }
  }

  #tellRepairs({ cluster, namespace, name }: PlacementJob, repairs: readonly Repair[]): void {
    const placement = this.hub.placements.get(`${namespace}/${name}`);
    const distribution = this.hub.distributions.get(`${namespace}/${placement?.spec.distribution}`);
    if (distribution === undefined) return;
    for (const repair of repairs) {
      const note = repairNote(cluster, repair);
      const fact = { type: 'Warning', reason: 'Repaired', action: 'Repair', note } as const;
      this.#events.record(WasmCloudDistribution, distribution, fact);
    }
  }

  #memberChanged(cluster: string, change: MemberChange, object: KubeObject | undefined): void {
    if (change === 'reach') this.#takePart(cluster);
    this.#leader?.memberChanged(cluster, change, object);
  }

  #takePart(cluster: string): void {
    const member = this.members.get(cluster);
    if (member !== undefined && member.reach !== 'Lost') return this.#queues.join(cluster);
    const over = member === undefined ? this.#queues.leave(cluster) : this.#queues.rest(cluster);
    over.catch((error: unknown) => this.#log.warn({ err: error }, 'queue did not close'));
  }

  async #ensureSystemNamespace(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.hub.client.create(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE } }, { signal });
        return;
      } catch (error) {
        if (error instanceof AlreadyExistsError) return;
        this.#log.warn({ err: error }, 'the hub is not ready, tried again');
        await clock.sleep(1_000, signal);
      }
    }
  }
}
