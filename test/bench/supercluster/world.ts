/** A whole supercluster on this machine: API servers, Redis, hollow hosts and a scheduler, all as processes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  type HostObject,
} from '@kasmcloud/kube-api';
import { freePort, startRedis, type RedisServer } from '@kasmcloud/testing';
import { startProgram, type Program } from './program.ts';
import { shapes, type Shape } from './wish.ts';
import { startServer, type ApiServer, type ServerKind } from './servers.ts';

export const LATTICE = 'shop';
export const REGIONS = ['eu', 'us', 'ap'] as const;

export interface WorldOptions {
  readonly kind: ServerKind;
  readonly assets?: string;
  /** Whether what is answered is on the disk. */
  readonly durable: boolean;
  readonly members: number;
  readonly hostsPerMember: number;
}

/** How the hosts behave, and when what is silent counts as lost: what `kasm hosts` and the scheduler have by themselves, but for the last two. */
export const temper = { leaseS: 15, startDelayMs: 20, hostLostAfterS: 15, clusterLostAfterS: 10 } as const;

export interface HostOptions {
  /** In each member. Default: as many as it was planned with. */
  readonly hosts?: number;
  /** More of `kasm hosts`; the last of two that are the same counts. */
  readonly args?: readonly string[];
}

export interface Wish {
  readonly distributions: number;
  readonly replicas: number;
  readonly shape: Shape;
}

export class BenchWorld implements AsyncDisposable {
  readonly options: WorldOptions;
  readonly folder: string;
  readonly hub: ApiServer;
  readonly members: readonly ApiServer[];
  readonly redis: RedisServer;
  readonly hollow = new Map<string, Program>();
  scheduler: (Program & { readonly url: string }) | undefined;

  private constructor(options: WorldOptions, folder: string, servers: readonly ApiServer[], redis: RedisServer) {
    const [hub, ...members] = servers;
    if (hub === undefined) throw new TypeError('a supercluster without a hub');
    this.options = options;
    this.folder = folder;
    this.hub = hub;
    this.members = members;
    this.redis = redis;
  }

  static async start(options: WorldOptions): Promise<BenchWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-supercluster-'));
    const names = [
      'hub',
      ...Array.from({ length: options.members }, (_, index) => `${REGIONS[index % REGIONS.length]}-1`),
    ];
    const { kind, durable, assets } = options;
    const servers = await Promise.all(names.map((name) => startServer(name, kind, durable, assets)));
    const world = new BenchWorld(options, folder, servers, await startRedis());
    await world.hub.client.create(builtin.Namespace, { metadata: { name: LATTICE, labels: { [labels.lattice]: '' } } });
    for (const server of servers) await writeFile(world.#kubeconfig(server), server.kubeconfig);
    return world;
  }

  get servers(): readonly ApiServer[] {
    return [this.hub, ...this.members];
  }

  #kubeconfig({ name }: ApiServer): string {
    return join(this.folder, `${name}.kubeconfig`);
  }

  /** One process for the hosts of each member; resolves when all of them are registered and have a Lease. */
  async startHosts({ hosts = this.options.hostsPerMember, args: more = [] }: HostOptions = {}): Promise<void> {
    for (const member of this.members) {
      const cluster = `${member.name}=${this.#kubeconfig(member)}`;
      const usual = ['--start-delay', `${temper.startDelayMs}ms`, '--lease', `${temper.leaseS}s`];
      const args = ['hosts', '--hollow', String(hosts), '--kubeconfig', cluster, ...usual, ...more];
      const log = join(this.folder, `${member.name}.hosts.log`);
      this.hollow.set(member.name, startProgram({ app: 'cli', args, log }));
    }
    for (const { client } of this.members)
      await until('hollow hosts are registered', async () => {
        const { items } = await client.list(builtin.Lease, { namespace: SYSTEM_NAMESPACE });
        return items.length >= hosts;
      });
  }

  async joinMembers(): Promise<void> {
    for (const [index, { name, kubeconfig }] of this.members.entries()) {
      const secret = `kubeconfig-${name}`;
      const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
      await this.hub.client.create(builtin.Secret, { metadata: { name: secret, namespace: SYSTEM_NAMESPACE }, data });
      const spec = { region: REGIONS[index % REGIONS.length] ?? 'eu', kubeconfigSecret: { name: secret } };
      await this.hub.client.create(WasmCloudCluster, { metadata: { name }, spec });
    }
  }

  /** Does not wait for it. */
  async startScheduler(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const port = await freePort();
    const program = startProgram({
      app: 'scheduler',
      log: join(this.folder, 'scheduler.log'),
      env: {
        KASMCLOUD_HUB_KUBECONFIG: this.#kubeconfig(this.hub),
        KASMCLOUD_REDIS_URL: this.redis.url,
        KASMCLOUD_CACHE_DIR: join(this.folder, 'cache'),
        KASMCLOUD_ALLOW_LATTICE_API: 'false',
        KASMCLOUD_PORT: String(port),
        KASMCLOUD_HOST_LOST_AFTER: `${temper.hostLostAfterS}s`,
        KASMCLOUD_CLUSTER_LOST_AFTER: `${temper.clusterLostAfterS}s`,
        ...env,
      },
    });
    this.scheduler = { ...program, url: `http://127.0.0.1:${port}` };
  }

  /** Resolves when the scheduler sees every host and has labelled it. */
  async hostsJoined(hosts = this.options.hostsPerMember): Promise<void> {
    for (const { client, name } of this.members)
      await until('hosts are joined', async () => {
        const { items } = await client.list<HostObject>(WasmCloudHost, { labelSelector: `${labels.cluster}=${name}` });
        return items.length === hosts;
      });
  }

  async declare({ distributions, replicas, shape }: Wish): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < distributions) {
        const name = `app-${next++}`;
        const spec = { actor: { id: name, image: 'file:///app.wasm' }, replicas, ...shapes[shape] };
        await this.hub.client.create(WasmCloudDistribution, { metadata: { name, namespace: LATTICE }, spec });
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
  }

  async withdraw(distributions: number): Promise<void> {
    for (let index = 0; index < distributions; index++)
      await this.hub.client.delete(WasmCloudDistribution, `app-${index}`, LATTICE);
  }

  /** Epochs that the scheduler has planned, and members that it has read in whole. */
  async progress(): Promise<{ readonly plans: number; readonly members: number }> {
    const answer = await fetch(`${this.scheduler?.url}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const text = await answer.text();
    const figure = (name: string): number =>
      Number(new RegExp(`^\\S*${name}(?:\\{\\})? (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { plans: figure('plan_duration_seconds_count'), members: figure('members_read') };
  }

  /** Scheduler and hosts; the API servers go on. */
  async stopAll(): Promise<void> {
    await this.scheduler?.stop();
    this.scheduler = undefined;
    await Promise.all([...this.hollow.values()].map((program) => program.stop()));
    this.hollow.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAll();
    await Promise.all([this.redis.close(), ...this.servers.map((server) => server.close())]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Asks until it holds; throws when that takes too long. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  { everyMs = 100, withinMs = 120_000 } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(everyMs);
  }
}
