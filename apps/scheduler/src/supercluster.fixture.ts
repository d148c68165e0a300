import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  conditionTypes,
  labels,
  setCondition,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { microTime, NotFoundError, type KubeClient } from '@kasmcloud/kube';
import { createMetrics, Health, silentLogger } from '@kasmcloud/observe';
import { startRedis, startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { loadConfig, type Config } from './config.ts';
import { Scheduler } from './scheduler.ts';

export const LATTICE = 'shop';

/** How quickly a supercluster takes silence for loss. */
export interface Temper {
  /** Environment of the schedulers. */
  readonly settings?: Record<string, string>;
  /** Of the hosts. */
  readonly leaseSeconds?: number;
}

/** Nothing is lost only because the machine is slow: for tests that are not about loss. */
export const STEADY: Temper = {
  settings: { KASMCLOUD_HOST_LOST_AFTER: '5m', KASMCLOUD_CLUSTER_LOST_AFTER: '5m' },
  leaseSeconds: 60,
};

/** A hub and members with hosts that are only objects: they renew their Leases and call their workloads Ready. */
export class Supercluster {
  readonly hub: TestApiServer;
  readonly members = new Map<string, TestApiServer>();
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  readonly #config: Config;
  readonly #leaseSeconds: number;
  /** Holds all that is written; each member has its own in it. */
  readonly #folder: string;
  readonly #folders = new Map<string, string>();
  readonly #hosts = new Map<string, AbortController>();
  /** Images that a host refuses to start, with the reason that it gives. */
  readonly #refused = new Map<string, Map<string, string>>();
  readonly #held = new Map<string, Set<string>>();
  readonly #cut = new Set<string>();
  readonly #loops: Promise<void>[] = [];
  readonly #schedulers: Scheduler[] = [];

  private constructor(
    hub: TestApiServer,
    redis: Awaited<ReturnType<typeof startRedis>>,
    config: Config,
    { folder, leaseSeconds }: { readonly folder: string; readonly leaseSeconds: number },
  ) {
    this.#folder = folder;
    this.#leaseSeconds = leaseSeconds;
    this.hub = hub;
    this.redis = redis;
    this.#config = config;
  }

  /** `members`: names with their region, and how many hosts each has. */
  static async start(
    members: Record<string, { region: string; hosts: number }>,
    { settings = {}, leaseSeconds = 1 }: Temper = {},
  ): Promise<Supercluster> {
    const [hub, redis, folder] = await Promise.all([
      startTestApiServer(),
      startRedis(),
      mkdtemp(join(tmpdir(), 'kasm-scheduler-')),
    ]);
    const config = loadConfig({
      KASMCLOUD_REDIS_URL: redis.url,
      KASMCLOUD_CACHE_DIR: join(folder, 'cache'),
      KASMCLOUD_GIT_ALLOW_FILE: 'true',
      KASMCLOUD_HOST_LOST_AFTER: '2s',
      KASMCLOUD_CLUSTER_LOST_AFTER: '4s',
      KASMCLOUD_START_GRACE: '500ms',
      KASMCLOUD_LEASE_DURATION: '3s',
      KASMCLOUD_RESYNC: '5s',
      ...settings,
    });
    const world = new Supercluster(hub, redis, config, { folder, leaseSeconds });
    await hub.namespace(SYSTEM_NAMESPACE);
    await hub.namespace(LATTICE, { [labels.lattice]: '' });
    for (const [name, { region, hosts }] of Object.entries(members)) {
      await world.join(name, region);
      for (let i = 1; i <= hosts; i++) await world.host(name, `${name}-h${i}`);
    }
    return world;
  }

  member(name: string): KubeClient {
    const member = this.members.get(name);
    if (member === undefined) throw new Error(`no member ${name}`);
    return member.client;
  }

  async join(name: string, region: string): Promise<void> {
    const folder = await mkdtemp(join(this.#folder, `${name}-`));
    const member = await startTestApiServer({ dataFile: join(folder, 'state.db'), tlsDir: folder });
    this.members.set(name, member);
    this.#folders.set(name, folder);
    await member.namespace(SYSTEM_NAMESPACE);
    const secret = `kubeconfig-${name}`;
    const data = { kubeconfig: Buffer.from(member.kubeconfig()).toString('base64') };
    await this.hub.client.create(builtin.Secret, { metadata: { name: secret, namespace: SYSTEM_NAMESPACE }, data });
    const spec = { region, kubeconfigSecret: { name: secret } };
    await this.hub.client.create(WasmCloudCluster, { metadata: { name }, spec });
  }

  /** The member's API server goes away; its hosts live on. */
  async cut(name: string): Promise<void> {
    this.#cut.add(name);
    await this.members.get(name)?.close();
  }

  /** It comes back at the same address, with what it had. */
  async mend(name: string): Promise<void> {
    const folder = this.#folders.get(name) ?? '';
    const port = this.members.get(name)?.port ?? 0;
    const options = { dataFile: join(folder, 'state.db'), tlsDir: folder, port, crds: [] };
    this.members.set(name, await startTestApiServer(options));
    this.#cut.delete(name);
  }

  /** A host that lives until it is killed. */
  async host(cluster: string, name: string): Promise<void> {
    const client = this.member(cluster);
    const spec = { lattices: ['*'] };
    await client.create(WasmCloudHost, { metadata: { name }, spec }).catch(() => undefined);
    const life = new AbortController();
    this.#hosts.set(name, life);
    await renew(client, name, this.#leaseSeconds);
    const refused = this.#refusedBy(name);
    const held = this.#heldBy(name);
    this.#loops.push(
      live({ member: () => this.member(cluster), name, refused, held, leaseSeconds: this.#leaseSeconds }, life.signal),
    );
  }

  /** From now on the host says that it cannot start this image; what it said before it does not take back. */
  refuse(host: string, image: string, reason = 'ImagePullFailed'): void {
    this.#refusedBy(host).set(image, reason);
  }

  accept(host: string, image: string): void {
    this.#refusedBy(host).delete(image);
  }

  /** From now on the host says nothing about this image. */
  hold(host: string, image: string): void {
    this.#heldBy(host).add(image);
  }

  release(host: string, image: string): void {
    this.#heldBy(host).delete(image);
  }

  #heldBy(host: string): Set<string> {
    const held = this.#held.get(host) ?? new Set<string>();
    this.#held.set(host, held);
    return held;
  }

  #refusedBy(host: string): Map<string, string> {
    const refused = this.#refused.get(host) ?? new Map<string, string>();
    this.#refused.set(host, refused);
    return refused;
  }

  kill(host: string): void {
    this.#hosts.get(host)?.abort();
  }

  /** `kubeconfig`: another way to the hub than the straight one. */
  async scheduler(kubeconfig = this.hub.kubeconfig()): Promise<Scheduler> {
    const file = join(await mkdtemp(join(this.#folder, 'scheduler-')), 'kubeconfig');
    await writeFile(file, kubeconfig);
    const config = { ...this.#config, hubKubeconfig: file };
    const scheduler = new Scheduler(config, silentLogger, createMetrics(), new Health());
    this.#schedulers.push(scheduler);
    await scheduler.start();
    return scheduler;
  }

  async stopFirst(): Promise<void> {
    await this.#schedulers.shift()?.stop();
  }

  /** Replicas by host over all members: what really stands there. */
  async replicas(distribution: string): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const { spec } of await this.actors(distribution))
      found[spec.hostName] = (found[spec.hostName] ?? 0) + spec.instances;
    return found;
  }

  /** What stands of it, over all members. */
  async actors(distribution: string): Promise<ActorObject[]> {
    const selection = { namespace: LATTICE, labelSelector: `${labels.distribution}=${distribution}` };
    const lists = await Promise.all(
      [...this.members.keys()].map((cluster) => this.member(cluster).list<ActorObject>(WasmCloudActor, selection)),
    );
    return lists.flatMap(({ items }) => items);
  }

  async close(): Promise<void> {
    for (const life of this.#hosts.values()) life.abort();
    await Promise.all(this.#loops);
    await Promise.all(this.#schedulers.map((scheduler) => scheduler.stop()));
    const there = [...this.members].filter(([name]) => !this.#cut.has(name));
    await Promise.all([this.hub.close(), this.redis.close(), ...there.map(([, one]) => one.close())]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Waits until `probe` holds; fails with what it saw last. */
export async function eventually<T>(what: string, probe: () => Promise<T> | T, timeoutMs = 15_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (cause) {
      if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
      await sleep(50);
    }
  }
}

async function renew(client: KubeClient, name: string, leaseSeconds: number): Promise<void> {
  const metadata = { name, namespace: SYSTEM_NAMESPACE };
  const spec = { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime: microTime(Date.now()) };
  try {
    await client.patch(builtin.Lease, name, SYSTEM_NAMESPACE, { spec }, { type: 'merge' });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    await client.create(builtin.Lease, { metadata, spec });
  }
}

interface HollowHost {
  readonly member: () => KubeClient;
  readonly name: string;
  readonly refused: ReadonlyMap<string, string>;
  readonly held: ReadonlySet<string>;
  readonly leaseSeconds: number;
}

/** What a host does for its Lease and its objects, without running anything. */
async function live(host: HollowHost, signal: AbortSignal): Promise<void> {
  await Promise.all([
    repeat(() => renew(host.member(), host.name, host.leaseSeconds), signal),
    repeat(() => tellAll(host), signal),
  ]);
}

/** Again and again, a fifth of a second apart, and so that most of the time is left to others. */
async function repeat(act: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const since = performance.now();
    // The API server may be away: a host goes on.
    await act().catch(() => undefined);
    await sleep(Math.max(200, 4 * (performance.now() - since)), undefined, { signal }).catch(() => undefined);
  }
}

async function tellAll({ member, name, refused, held }: HollowHost): Promise<void> {
  const client = member();
  const fieldSelector = `spec.hostName=${name}`;
  for (const kind of [WasmCloudActor, WasmCloudProvider]) {
    const { items } = await client.list<ActorObject | ProviderObject>(kind, { fieldSelector });
    for (const object of items.filter(({ spec }) => !held.has(spec.image)))
      await tell(client, kind, object, refused.get(object.spec.image));
  }
}

async function tell(
  client: KubeClient,
  kind: typeof WasmCloudActor | typeof WasmCloudProvider,
  { metadata, status }: ActorObject | ProviderObject,
  refusal: string | undefined,
): Promise<void> {
  const { generation } = metadata;
  if (status?.observedGeneration === generation) return;
  const said =
    refusal === undefined
      ? ({ status: 'True', reason: 'Running', message: '' } as const)
      : ({ status: 'False', reason: refusal, message: 'no such image here' } as const);
  const conditions = setCondition(
    status?.conditions,
    { type: conditionTypes.ready, ...said },
    new Date().toISOString(),
  );
  await client.patchStatus(kind, { metadata }, { observedGeneration: generation, conditions });
}
