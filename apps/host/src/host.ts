import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GROUP, hostConfigKeys, keyOf, labels, leases, SYSTEM_NAMESPACE, type KubeObject } from '@kasmcloud/kube-api';
import { EventRecorder, KubeClient, loadKubeconfig, renewLease } from '@kasmcloud/kube';
import { connectLattice, type HostKey, type LatticeConnection } from '@kasmcloud/lattice';
import { noTracing, type Health, type Logger, type Metrics, type Tracing } from '@kasmcloud/observe';
import { done, requeueAfter, runController, systemClock, WorkQueue, type Result } from '@kasmcloud/reconcile';
import { OciImages } from '@kasmcloud/oci';
import { ComponentRuntime } from '@kasmcloud/wasm';
import { Actors } from './actors/actors.ts';
import { Caller } from './actors/calls.ts';
import { farCaller } from './actors/far-caller-module.ts';
import { ActorRegistry } from './actors/registry.ts';
import { CapabilityRegistry } from './capabilities/registry.ts';
import type { Config } from './config.ts';
import { Images } from './images/images.ts';
import { LogAnswers } from './logs/log-answers.ts';
import { LogBuffers } from './logs/log-buffer.ts';
import { actorMetrics, hostMetrics, signatureMetrics } from './metrics.ts';
import { Listeners } from './providers/listeners.ts';
import { Processes } from './processes/processes.ts';
import { usualTimes } from './processes/supervised-provider.ts';
import { Capabilities } from './providers/capabilities.ts';
import { Providers } from './providers/providers.ts';
import { keptHostKey } from './registration/host-key.ts';
import { builtinLabels } from './registration/labels.ts';
import { register, tellHost, type HostIdentity, type HostLoad } from './registration/registration.ts';
import { VERSION } from './version.ts';
import type { LatticeObjects } from './world/lattice-objects.ts';
import { SealedFile } from './world/sealed-file.ts';
import { World } from './world/world.ts';

const clock = systemClock;
const random = Math.random;
const now = (): string => new Date(clock.now()).toISOString();

/** How long a pull may take before the next try. */
const PULL_MS = 120_000;
const RESYNC_MS = 60_000;
/** Objects looked at at once: one that waits for its registry must not hold up the others. */
const WORKERS = 16;
/** How long the last traces may take to leave. */
const FLUSH_MS = 3_000;
/** Status of the host is gathered for this long, and written so often at the most. */
const TELL_MS = { first: 100, next: 1_000 } as const;

/**
 * One host process: it registers, renews its Lease, and runs the Actors and Providers that name it. Framework-free; the
 * Nest module starts and stops it.
 */
export class Host {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #tracing: Tracing;
  readonly #client: KubeClient;
  readonly #stop = new AbortController();
  readonly #runtime: ComponentRuntime;
  readonly #registry = new ActorRegistry();
  readonly #logs = new LogBuffers();
  readonly #listeners: Listeners;
  readonly #world: World;
  readonly #actorQueue: WorkQueue;
  readonly #providerQueue: WorkQueue;
  readonly #hostQueue: WorkQueue;
  readonly #startedAt = now();
  #hostKey: Promise<HostKey> | undefined;
  #isKnown = false;
  #connection: LatticeConnection | undefined;
  #running: Promise<void> = Promise.resolve();
  #logAnswers: LogAnswers | undefined;
  readonly #onVerdict: ReturnType<typeof signatureMetrics>;
  #runningActors: Actors | undefined;
  #runningProviders: Providers | undefined;

  constructor(config: Config, log: Logger, metrics: Metrics, health: Health, tracing: Tracing = noTracing) {
    this.#config = config;
    this.#tracing = tracing;
    this.#log = log;
    const source = config.kubeconfig === undefined ? { inCluster: true as const } : { file: config.kubeconfig };
    this.#client = new KubeClient(loadKubeconfig(source), { userAgent: 'kasmcloud-host' });
    this.#runtime = new ComponentRuntime({
      cacheDir: join(config.dataDir, 'components'),
      logger: log,
      workers: config.workers,
      tracing,
      farCaller: farCaller({ servers: config.natsUrl, name: `kasmcloud-host ${config.hostName} thread` }),
    });
    this.#listeners = new Listeners({
      runtime: this.#runtime,
      address: config.listenAddress,
      map: config.listenMap,
      onError: (error) => log.debug({ err: error }, 'request failed'),
    });
    const queue = (): WorkQueue =>
      new WorkQueue({ clock, random, signal: this.#stop.signal, backoff: { baseMs: 200, maxMs: 10_000, jitter: 0.2 } });
    this.#actorQueue = queue();
    this.#providerQueue = queue();
    this.#hostQueue = queue();
    this.#world = new World({
      client: this.#client,
      clock,
      random,
      log,
      hostName: config.hostName,
      file: new SealedFile(join(config.dataDir, 'state'), () => this.#sealKey()),
      onNamespace: (namespace) => this.#lookAtNamespace(namespace),
    });
    hostMetrics(metrics, () => this.#load());
    this.#onVerdict = signatureMetrics(metrics);
    actorMetrics(metrics, () => this.#runningActors?.usage() ?? []);
    health.addReadiness('apiserver', () => (this.#isKnown ? undefined : 'the API server has not answered yet'));
    health.addReadiness('nats', () => (this.#connection?.isConnected === true ? undefined : 'not connected'));
  }

  start(): void {
    void this.#runtime.rehearse({ spare: this.#config.spareWorker });
    this.#running = this.#run();
    this.#running.catch((error: unknown) => this.#log.error({ err: error }, 'host stopped'));
  }

  /** Stops taking work, lets calls end, and leaves the Lease to expire. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#listeners.close();
    await this.#runningActors?.close();
    await this.#runningProviders?.close();
    this.#logAnswers?.close();
    await this.#running.catch(() => undefined);
    await this.#world.close();
    await this.#runtime.tellSpans();
    this.#runtime.close();
    await this.#connection?.close();
    await this.#client.close();
    await this.#tracing.close(FLUSH_MS);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const identity = await this.#identity();
    const registering = register(
      this.#client,
      identity,
      clock,
      (error) => this.#log.warn({ err: error }, 'not registered yet'),
      signal,
    );
    const renewing = this.#renew(signal);
    const connection = await connectLattice({
      servers: this.#config.natsUrl,
      name: `kasmcloud-host ${identity.name}`,
      timeoutMs: Number.POSITIVE_INFINITY,
      signal,
      logger: this.#log,
    });
    this.#connection = connection;
    const source = await this.#world.known(this.#config.startPatienceMs, signal);
    this.#isKnown = true;
    this.#log.info({ source }, 'told what to run');
    await Promise.all([registering, renewing, this.#work(connection, identity, signal)]);
  }

  async #identity(): Promise<HostIdentity> {
    const { hostName, hostLabels, lattices, instances } = this.#config;
    const { publicKey } = await this.#key();
    return {
      name: hostName,
      hostId: publicKey,
      version: VERSION,
      labels: { ...builtinLabels(), ...hostLabels },
      lattices,
      instances,
      startedAt: this.#startedAt,
    };
  }

  async #work(connection: LatticeConnection, identity: HostIdentity, signal: AbortSignal): Promise<void> {
    const { callTimeoutMs } = this.#config;
    const { views, secrets } = this.#world;
    const shared = {
      client: this.#client,
      reachable: () => this.#world.reachable,
      events: this.#events(),
      views,
      registry: this.#registry,
      connection,
      callTimeoutMs,
      tracer: this.#tracing.tracer,
      log: this.#log,
      lattices: () => this.#world.host?.spec.lattices ?? [],
    };
    const capabilities = new CapabilityRegistry();
    const caller = new Caller({
      views,
      registry: this.#registry,
      capabilities,
      connection,
      tracer: this.#tracing.tracer,
    });
    const served = new Capabilities({
      connection,
      tracer: this.#tracing.tracer,
      registry: capabilities,
      caller,
      callTimeoutMs,
      secrets,
      volumes: this.#config.volumes,
      log: this.#log,
    });
    const images = this.#images();
    const hostConfig = (): Record<string, string> => this.#hostConfig();
    const actors = new Actors({
      ...shared,
      secrets,
      runtime: this.#runtime,
      caller,
      images,
      hostConfig,
      logLevel: this.#config.logLevel,
      logs: this.#logs,
      now: () => clock.now(),
    });
    const { processes: settings, oci, dataDir, natsUrl, logLevel } = this.#config;
    const processes = new Processes({
      ...shared,
      secrets,
      allowed: settings.allowed,
      times: { ...usualTimes, ...settings },
      images,
      maxImageBytes: oci.maxImageBytes,
      dataDir: resolve(dataDir),
      hostId: identity.hostId,
      natsUrl,
      logLevel,
      clock,
      random,
      env: process.env,
      onChange: (key) => this.#providerQueue.add(key),
    });
    const providers = new Providers({ ...shared, listeners: this.#listeners, capabilities: served, processes, now });
    this.#logAnswers = new LogAnswers({
      connection,
      buffers: this.#logs,
      clock,
      hostName: this.#config.hostName,
      cluster: () => this.#world.host?.metadata.labels?.[labels.cluster],
      log: this.#log,
    });
    this.#runningActors = actors;
    this.#runningProviders = providers;
    this.#world.actors.onChange((key) => this.#actorQueue.add(key));
    this.#world.providers.onChange((key) => this.#providerQueue.add(key));
    this.#world.hosts.onChange(() => this.#everything());
    // What could not be told while it was away is told now.
    this.#world.hosts.onReachable((reachable) => reachable && this.#everything());
    await Promise.all([
      this.#control('actor', this.#actorQueue, this.#world.actors, (key, actor) =>
        actors.reconcile(key, actor, signal),
      ),
      this.#control('provider', this.#providerQueue, this.#world.providers, (key, one) =>
        providers.reconcile(key, one, signal),
      ),
      this.#controlHost(identity, signal),
    ]);
  }

  #events(): EventRecorder {
    return new EventRecorder({
      client: this.#client,
      clock,
      controller: `${GROUP}/host`,
      instance: this.#config.hostName,
      onError: (error) => this.#log.debug({ err: error }, 'event not written'),
    });
  }

  #images(): Images {
    const { allowFile, fileRoot, dataDir, oci } = this.#config;
    const { maxImageBytes, dockerConfig, signatures: policy, ...registries } = oci;
    const signatures = policy && { ...policy, onVerdict: this.#onVerdict };
    const folder = join(dataDir, 'images');
    return new Images({
      files: { allowFile, root: fileRoot, maxBytes: maxImageBytes },
      registries: new OciImages({ ...registries, folder, maxImageBytes, signatures, logger: this.#log }),
      refusesUnmatched: policy?.noMatch === 'deny',
      dockerConfig,
      pullMs: PULL_MS,
    });
  }

  async #control<T extends KubeObject>(
    name: string,
    queue: WorkQueue,
    objects: LatticeObjects<T>,
    reconcile: (key: string, object: T | undefined) => Promise<number | undefined>,
  ): Promise<void> {
    await runController({
      name,
      queue,
      workers: WORKERS,
      clock,
      signal: this.#stop.signal,
      reconcile: async (key): Promise<Result> => {
        const again = await reconcile(key, objects.get(key));
        this.#hostQueue.addAfter(this.#config.hostName, TELL_MS.first);
        return again === undefined ? done : requeueAfter(again);
      },
      onError: (key, error) => this.#log.warn({ [name]: key, err: error }, 'reconcile failed, tried again'),
      resync: { everyMs: RESYNC_MS, keys: () => objects.keys() },
    });
  }

  /** The host's own object: what runs here, and Ready taken back when someone set it Unknown. */
  async #controlHost(identity: HostIdentity, signal: AbortSignal): Promise<void> {
    let toldAt = -Infinity;
    this.#hostQueue.add(identity.name);
    await runController({
      name: 'host',
      queue: this.#hostQueue,
      workers: 1,
      clock,
      signal,
      reconcile: async (): Promise<Result> => {
        await this.#keepViews();
        if (!this.#world.reachable) return done;
        const restMs = toldAt + TELL_MS.next - clock.steady();
        if (restMs > 0) return requeueAfter(restMs);
        const { host } = this.#world;
        // Someone removed it: a host that lives registers again.
        if (host === undefined) await register(this.#client, identity, clock, () => undefined, signal);
        else await tellHost(this.#client, host, identity, this.#load(), now(), signal);
        toldAt = clock.steady();
        return done;
      },
      onError: (_, error) => this.#log.warn({ err: error }, 'host status not written, tried again'),
      resync: { everyMs: RESYNC_MS, keys: () => [identity.name] },
    });
  }

  async #keepViews(): Promise<void> {
    const inUse = [...this.#world.actors.list(), ...this.#world.providers.list()].map(
      ({ metadata }) => metadata.namespace ?? '',
    );
    await this.#world.views.keep(new Set(inUse));
  }

  /** Where this host is, for the actors that want to tell: the region is the scheduler's to say. */
  #hostConfig(): Record<string, string> {
    const region = this.#world.host?.metadata.labels?.[labels.region];
    return {
      [hostConfigKeys.host]: this.#config.hostName,
      ...(region !== undefined && { [hostConfigKeys.region]: region }),
    };
  }

  #load(): HostLoad {
    const instances = this.#world.actors.list().reduce((sum, { spec }) => sum + spec.instances, 0);
    return { actors: this.#runningActors?.count ?? 0, providers: this.#runningProviders?.count ?? 0, instances };
  }

  #everything(): void {
    this.#hostQueue.add(this.#config.hostName);
    for (const key of this.#world.actors.keys()) this.#actorQueue.add(key);
    for (const key of this.#world.providers.keys()) this.#providerQueue.add(key);
  }

  #lookAtNamespace(namespace: string): void {
    this.#registry.forgetNear(namespace);
    const isHere = ({ metadata }: KubeObject): boolean => metadata.namespace === namespace;
    for (const actor of this.#world.actors.list().filter(isHere)) this.#actorQueue.add(keyOf(actor));
    for (const provider of this.#world.providers.list().filter(isHere)) this.#providerQueue.add(keyOf(provider));
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { hostName, leaseDurationMs, leaseRenewMs } = this.#config;
    await renewLease(
      {
        client: this.#client,
        clock,
        namespace: SYSTEM_NAMESPACE,
        name: leases.host(hostName),
        holder: hostName,
        durationSeconds: Math.ceil(leaseDurationMs / 1000),
        everyMs: leaseRenewMs,
        onFailure: (error, sinceMs) => this.#log.warn({ err: error, sinceMs }, 'lease not renewed'),
      },
      signal,
    );
  }

  /** What the last state on disk is sealed with. */
  async #sealKey(): Promise<string> {
    const { stateKeyFile } = this.#config;
    return stateKeyFile === undefined ? (await this.#key()).seed : readFile(stateKeyFile, 'utf8');
  }

  #key(): Promise<HostKey> {
    this.#hostKey ??= keptHostKey(this.#config.dataDir);
    return this.#hostKey;
  }
}
