import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtin, labels, SYSTEM_NAMESPACE, WasmCloudCluster } from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { layTcpLine, startRedis, type RedisServer, type TcpLine } from '@kasmcloud/testing';
import { LATTICE } from '../supercluster.fixture.ts';
import { Leaves } from './leaves.fixture.ts';
import { Program } from './program.fixture.ts';

/** How to reach an API server. */
export interface Access {
  readonly url: string;
  readonly caPem: string;
  readonly adminToken: string;
  readonly port: number;
  readonly kubeconfig: string;
}

/** An API server process that can be killed and comes back with what it had, at the same port. */
class ApiServerProcess {
  readonly access: Access;
  readonly #folder: string;
  #program: Program;

  private constructor(folder: string, program: Program) {
    this.#folder = folder;
    this.#program = program;
    this.access = program.said as Access;
  }

  static async start(folder: string): Promise<ApiServerProcess> {
    return new ApiServerProcess(folder, await Program.start('api-server', { FAULT_FOLDER: folder }));
  }

  async restart(): Promise<void> {
    const env = { FAULT_FOLDER: this.#folder, FAULT_PORT: String(this.access.port) };
    this.#program = await Program.start('api-server', env);
  }

  async kill(): Promise<void> {
    await this.#program.kill();
  }

  pause(): void {
    this.#program.pause();
  }

  resume(): void {
    this.#program.resume();
  }
}

/** A member: its API server, and the line on which the schedulers reach it. Its hosts do not need the line. */
export interface FaultMember {
  readonly server: ApiServerProcess;
  readonly line: TcpLine;
}

export interface FaultWorldOptions {
  readonly members: readonly string[];
  /** Of each member. */
  readonly hosts: number;
  /** Environment of the schedulers, over what makes a loss quick to see. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A supercluster of real processes on this machine: API servers, Redis, schedulers and hosts, each to be killed or stopped. */
export class FaultWorld {
  readonly hub: ApiServerProcess;
  readonly client: KubeClient;
  readonly redis: RedisServer;
  readonly leaves: Leaves;
  readonly members = new Map<string, FaultMember>();
  /** By name; each begins with the name of its member. */
  readonly hosts = new Map<string, Program>();
  readonly schedulers = new Set<Program>();
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;

  private constructor(
    folder: string,
    hub: ApiServerProcess,
    redis: RedisServer,
    leaves: Leaves,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#folder = folder;
    this.hub = hub;
    this.redis = redis;
    this.leaves = leaves;
    this.#settings = settings;
    this.client = clientOf(hub);
  }

  static async start({ members, hosts, settings = {} }: FaultWorldOptions): Promise<FaultWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'kasm-faults-'));
    const hubFolder = await mkdtemp(join(folder, 'hub-'));
    const [hub, redis, leaves] = await Promise.all([
      ApiServerProcess.start(hubFolder),
      startRedis(),
      Leaves.start(members),
    ]);
    const world = new FaultWorld(folder, hub, redis, leaves, settings);
    await writeFile(join(folder, 'hub.kubeconfig'), hub.access.kubeconfig);
    await world.client.create(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE } });
    await world.client.create(builtin.Namespace, { metadata: { name: LATTICE, labels: { [labels.lattice]: '' } } });
    await Promise.all(members.map(async (name) => world.#join(name)));
    const names = members.flatMap((member) => Array.from({ length: hosts }, (_, i) => `${member}-h${i + 1}`));
    await Promise.all(names.map(async (name) => world.startHost(name)));
    return world;
  }

  member(name: string): FaultMember {
    const member = this.members.get(name);
    if (member === undefined) throw new RangeError(`no member ${name}`);
    return member;
  }

  async startHost(name: string): Promise<void> {
    const { server } = this.member(memberOf(name));
    const env = { FAULT_KUBECONFIG: server.access.kubeconfig, FAULT_HOST: name };
    this.hosts.set(name, await Program.start('host', env));
  }

  async startScheduler(): Promise<Program> {
    const program = await Program.start('scheduler', {
      KASMCLOUD_HUB_KUBECONFIG: join(this.#folder, 'hub.kubeconfig'),
      KASMCLOUD_REDIS_URL: this.redis.url,
      KASMCLOUD_CACHE_DIR: join(this.#folder, 'git'),
      KASMCLOUD_HOST_LOST_AFTER: '3s',
      KASMCLOUD_CLUSTER_LOST_AFTER: '5s',
      KASMCLOUD_START_GRACE: '2s',
      KASMCLOUD_RESYNC: '10s',
      ...this.#settings,
    });
    this.schedulers.add(program);
    return program;
  }

  async killScheduler(program: Program): Promise<void> {
    this.schedulers.delete(program);
    await program.kill();
  }

  /** The scheduler that says that it leads. */
  get leader(): Program | undefined {
    return [...this.schedulers].find(({ said }) => isLeading(said));
  }

  async close(): Promise<void> {
    await this.client.close();
    const servers = [this.hub, ...[...this.members.values()].map(({ server }) => server)];
    const programs = [...this.schedulers, ...this.hosts.values(), ...servers];
    await Promise.all(programs.map(async (program) => program.kill()));
    await Promise.all([...this.members.values()].map(async ({ line }) => line.close()));
    await Promise.all([this.redis.close(), this.leaves.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #join(name: string): Promise<void> {
    const server = await ApiServerProcess.start(await mkdtemp(join(this.#folder, `${name}-`)));
    const line = await layTcpLine(server.access.port);
    this.members.set(name, { server, line });
    const client = clientOf(server);
    await client.create(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE } });
    await client.close();
    const kubeconfig = server.access.kubeconfig.replaceAll(`:${server.access.port}`, `:${line.port}`);
    const secret = { name: `kubeconfig-${name}`, namespace: SYSTEM_NAMESPACE };
    const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
    await this.client.create(builtin.Secret, { metadata: secret, data });
    const spec = { region: name.slice(0, 2), kubeconfigSecret: { name: secret.name } };
    await this.client.create(WasmCloudCluster, { metadata: { name }, spec });
  }
}

/** `eu-1-h2` is a host of `eu-1`. */
export const memberOf = (host: string): string => host.slice(0, host.lastIndexOf('-'));

const clientOf = ({ access }: ApiServerProcess): KubeClient =>
  new KubeClient(loadKubeconfig({ text: access.kubeconfig }));

const isLeading = (said: unknown): boolean =>
  typeof said === 'object' && said !== null && 'isLeader' in said && said.isLeader === true;
