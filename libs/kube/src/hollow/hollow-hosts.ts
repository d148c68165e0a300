import {
  annotations,
  builtin,
  conditionTypes,
  fieldManagers,
  isConditionTrue,
  leases,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type HostStatus,
  type Kind,
  type KubeObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import {
  done,
  requeueAfter,
  runController,
  WorkQueue,
  type Clock,
  type Random,
  type Result,
} from '@kasmcloud/reconcile';
import type { KubeClient } from '../client.ts';
import { AlreadyExistsError, NotFoundError } from '../errors.ts';
import { renewLease } from '../lease-renewer.ts';
import { updateStatus } from '../status.ts';
import type { Index } from '../store-index.ts';
import { Store, withoutManagedFields } from '../store.ts';
import type { HollowAnswers } from './answers.ts';
import {
  hollowWorkload,
  hostReport,
  isTold,
  workloadReport,
  type HollowTraits,
  type HollowWorkload,
} from './reports.ts';

export interface HollowHostsOptions extends HollowTraits {
  /** Of their cluster; all hosts share its connections. */
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly lattices: readonly string[];
  readonly leaseSeconds: number;
  readonly renewMs: number;
  /** From when a workload is written until its host says what became of it. */
  readonly startDelayMs: number;
  readonly answers: HollowAnswers;
  /** Told what is tried again by itself. */
  readonly onError: (error: unknown) => void;
}

/** A host says again how much runs on it this often at the most, as a kubelet does. */
const TELL_MS = 10_000;
/** What a host is silent about is asked again after this. */
const ASK_AGAIN_MS = 200;
/** Requests under way at once, as many as there are connections. */
const WRITERS = 24;
const HOST_WRITERS = 8;
const RETRY_MS = 1_000;
const RESYNC_MS = 60_000;

/**
 * Hosts without a runtime, in the manner of kubemark: they register, renew their Leases, and say of what is placed on them
 * that it runs. Thousands are one process with one watch per kind. A host whose WasmCloudHost is annotated
 * `kasmcloud.io/hollow: Silent` stops to renew and to tell, as one that lost its power, until the annotation goes.
 */
export class HollowHosts {
  readonly #options: HollowHostsOptions;
  readonly #stop = new AbortController();
  readonly #hosts: Store<HostObject>;
  readonly #workloads: ReadonlyMap<string, { readonly kind: Kind; readonly store: Store<HollowWorkload> }>;
  readonly #actorsOn: Index<HollowWorkload>;
  readonly #providersOn: Index<HollowWorkload>;
  readonly #hostQueue: WorkQueue;
  readonly #workloadQueue: WorkQueue;
  readonly #names = new Set<string>();
  /** Hosts that renew their Leases now. */
  readonly #lives = new Map<string, { readonly end: AbortController; readonly renewing: Promise<void> }>();
  readonly #toldAt = new Map<string, number>();
  /** When each workload was first seen as it is written now, on the steady clock. */
  readonly #seen = new Map<string, { readonly generation: number; readonly at: number }>();
  readonly #running: Promise<unknown>;

  constructor(options: HollowHostsOptions) {
    this.#options = options;
    const { clock, random } = options;
    const { signal } = this.#stop;
    const queue = (): WorkQueue =>
      new WorkQueue({ clock, random, signal, backoff: { baseMs: 100, maxMs: 5_000, jitter: 0.5 } });
    this.#hostQueue = queue();
    this.#workloadQueue = queue();
    this.#hosts = this.#store(WasmCloudHost, (object) => withoutManagedFields(object as HostObject));
    const actors = this.#store(WasmCloudActor, (object) => hollowWorkload(object as ActorObject));
    const providers = this.#store(WasmCloudProvider, (object) => hollowWorkload(object as ProviderObject));
    this.#actorsOn = actors.index(({ spec }) => [spec.hostName]);
    this.#providersOn = providers.index(({ spec }) => [spec.hostName]);
    this.#workloads = new Map([
      [WasmCloudActor.plural, { kind: WasmCloudActor, store: actors }],
      [WasmCloudProvider.plural, { kind: WasmCloudProvider, store: providers }],
    ]);
    for (const [plural, { store }] of this.#workloads)
      store.onChange((key, before, after) => this.#changed(`${plural}/${key}`, before, after));
    this.#hosts.onChange((name) => this.#names.has(name) && this.#hostQueue.add(name));
    this.#running = this.#run();
  }

  /** From now on there is such a host. */
  add(name: string): void {
    this.#names.add(name);
    this.#hostQueue.add(name);
  }

  /** It is gone from one moment to the next, and its object stays. */
  kill(name: string): void {
    this.#names.delete(name);
    this.#die(name);
  }

  /** Hosts that renew their Leases now. */
  get alive(): number {
    return this.#lives.size;
  }

  /** All are gone from one moment to the next; their objects stay. */
  async close(): Promise<void> {
    this.#stop.abort();
    const stores = [this.#hosts, ...[...this.#workloads.values()].map(({ store }) => store)];
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all([this.#running, ...[...this.#lives.values()].map(({ renewing }) => renewing)]);
  }

  #store<T>(kind: Kind, keep: (object: KubeObject) => T): Store<T> {
    const { client, clock, random, onError } = this.#options;
    return new Store<T>({ client, clock, random, onError, kind, keep });
  }

  async #run(): Promise<void> {
    const { clock, onError } = this.#options;
    const { signal } = this.#stop;
    await this.#ensureNamespace();
    // Before the list is there, a host that has been here before would be taken for a new one.
    await this.#hosts.synced.catch(() => undefined);
    const shared = { clock, signal, onError: (_: string, error: unknown) => onError(error) };
    await Promise.all([
      runController({
        ...shared,
        name: 'hollow-hosts',
        queue: this.#hostQueue,
        workers: HOST_WRITERS,
        reconcile: (name) => this.#host(name),
        resync: { everyMs: RESYNC_MS, keys: () => this.#names },
      }),
      runController({
        ...shared,
        name: 'hollow-workloads',
        queue: this.#workloadQueue,
        workers: WRITERS,
        reconcile: (key) => this.#workload(key),
      }),
    ]);
  }

  async #ensureNamespace(): Promise<void> {
    const { client, clock, onError } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if ((await client.find(builtin.Namespace, SYSTEM_NAMESPACE, undefined, { signal })) !== undefined) return;
        await client.create(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE } }, { signal });
        return;
      } catch (error) {
        if (error instanceof AlreadyExistsError) return;
        if (!signal.aborted) onError(error);
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  #changed(key: string, before: HollowWorkload | undefined, after: HollowWorkload | undefined): void {
    const host = (after ?? before)?.spec.hostName ?? '';
    if (after === undefined) this.#seen.delete(key);
    if (!this.#names.has(host)) return;
    if (after !== undefined && !isTold(after)) {
      this.#seenAt(key, after.metadata.generation ?? 0);
      this.#workloadQueue.addAfter(key, this.#options.startDelayMs);
    }
    if (before?.spec.instances !== after?.spec.instances) this.#hostQueue.addAfter(host, TELL_MS);
  }

  async #host(name: string): Promise<Result> {
    if (!this.#names.has(name)) return done;
    const host = this.#hosts.get(name);
    if (host?.metadata.annotations?.[annotations.hollow] === 'Silent') {
      this.#die(name);
      return done;
    }
    const { clock } = this.#options;
    const sinceMs = clock.steady() - (this.#toldAt.get(name) ?? -Infinity);
    const isReady = isConditionTrue(host?.status?.conditions, conditionTypes.ready);
    if (isReady && this.#lives.has(name) && sinceMs < TELL_MS) return requeueAfter(TELL_MS - sinceMs);
    await this.#tell(host ?? (await this.#register(name)));
    this.#toldAt.set(name, clock.steady());
    this.#live(name);
    return done;
  }

  async #register(name: string): Promise<HostObject> {
    const { client, labels, lattices } = this.#options;
    const call = { fieldManager: fieldManagers.host, signal: this.#stop.signal };
    const draft = { metadata: { name, labels: { ...labels } }, spec: { lattices: [...lattices] } };
    try {
      return await client.create<HostObject>(WasmCloudHost, draft, call);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      return client.get<HostObject>(WasmCloudHost, name, undefined, { signal: call.signal });
    }
  }

  async #tell(host: HostObject): Promise<void> {
    const { client, clock } = this.#options;
    const { name } = host.metadata;
    const running = { actors: this.#actorsOn.get(name), providers: this.#providersOn.get(name) };
    const ready = { type: conditionTypes.ready, status: 'True', reason: 'Running', message: '' } as const;
    const options = {
      now: new Date(clock.now()).toISOString(),
      fieldManager: fieldManagers.host,
      signal: this.#stop.signal,
    };
    const fields = hostReport(name, this.#options, running);
    await updateStatus<HostStatus, HostObject>(client, WasmCloudHost, host, { conditions: [ready], fields }, options);
  }

  #live(name: string): void {
    if (this.#lives.has(name) || !this.#names.has(name) || this.#stop.signal.aborted) return;
    const end = new AbortController();
    const renewing = this.#renew(name, AbortSignal.any([end.signal, this.#stop.signal]));
    this.#lives.set(name, { end, renewing });
    // What it was silent about it tells now.
    for (const [plural, index] of [
      [WasmCloudActor.plural, this.#actorsOn],
      [WasmCloudProvider.plural, this.#providersOn],
    ] as const)
      for (const workload of index.get(name))
        if (!isTold(workload)) this.#workloadQueue.add(`${plural}/${workloadKey(workload)}`);
  }

  #die(name: string): void {
    this.#lives.get(name)?.end.abort();
    this.#lives.delete(name);
  }

  /** The first renewal is at once, the others at moments of its own, so that thousands do not renew together. */
  async #renew(name: string, signal: AbortSignal): Promise<void> {
    const { client, clock, random, leaseSeconds, renewMs, onError } = this.#options;
    await renewLease(
      {
        client,
        clock,
        namespace: SYSTEM_NAMESPACE,
        name: leases.host(name),
        holder: name,
        durationSeconds: leaseSeconds,
        everyMs: renewMs,
        firstPauseMs: renewMs * random(),
        onFailure: onError,
      },
      signal,
    );
  }

  async #workload(key: string): Promise<Result> {
    const { client, clock, startDelayMs, answers } = this.#options;
    const [plural = '', ...rest] = key.split('/');
    const { kind, store } = this.#workloads.get(plural) ?? {};
    const workload = store?.get(rest.join('/'));
    if (kind === undefined || workload === undefined || isTold(workload)) return done;
    const { hostName: host, image } = workload.spec;
    // A host that is back asks for all of its own.
    if (!this.#lives.has(host)) return done;
    const { name, namespace, generation = 0 } = workload.metadata;
    const left = startDelayMs - (clock.steady() - this.#seenAt(key, generation));
    if (left > 0) return requeueAfter(left);
    const answer = answers({ host, image, key: workloadKey(workload), generation });
    if (answer.kind === 'Silent') return requeueAfter(ASK_AGAIN_MS);
    const report = workloadReport(workload, answer, new Date(clock.now()).toISOString());
    const call = { type: 'merge', subresource: 'status', fieldManager: fieldManagers.host } as const;
    try {
      await client.tell(kind, name, namespace, { status: report }, { ...call, signal: this.#stop.signal });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    return done;
  }

  #seenAt(key: string, generation: number): number {
    const before = this.#seen.get(key);
    if (before?.generation === generation) return before.at;
    const at = this.#options.clock.steady();
    this.#seen.set(key, { generation, at });
    return at;
  }
}

const workloadKey = ({ metadata }: HollowWorkload): string => `${metadata.namespace}/${metadata.name}`;
