/** An API server, NATS and one repeater on this machine, each as a program of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { annotations, builtin, labels, LATTICE_ACCOUNT, WasmCloudCluster } from '@kasmcloud/kube-api';
import { freePort, startNats, type NatsServer } from '@kasmcloud/testing';
import { startProgram, type Program } from '../supercluster/program.ts';
import { startServer, type ApiServer } from '../supercluster/servers.ts';

export class RepeaterWorld implements AsyncDisposable {
  readonly hub: ApiServer;
  readonly nats: NatsServer;
  readonly folder: string;
  readonly #programs: Program[] = [];

  private constructor(hub: ApiServer, nats: NatsServer, folder: string) {
    this.hub = hub;
    this.nats = nats;
    this.folder = folder;
  }

  /** The hub is its own and only member. `durable`: what it answers is on the disk. */
  static async start({ durable = false } = {}): Promise<RepeaterWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-repeater-'));
    const [hub, nats] = await Promise.all([startServer('hub', 'embedded', durable), startNats({ jetstream: true })]);
    const world = new RepeaterWorld(hub, nats, folder);
    await writeFile(world.kubeconfig, hub.kubeconfig);
    await hub.client.create(WasmCloudCluster, { metadata: { name: 'hub' }, spec: { inCluster: true } });
    return world;
  }

  get kubeconfig(): string {
    return join(this.folder, 'hub.kubeconfig');
  }

  /** What runs on the hosts of a lattice has objects of its own, or is told with its host. */
  async addLattice(name: string, observe: 'Hosts' | 'Workloads'): Promise<void> {
    const metadata = { name, labels: { [labels.lattice]: '' }, annotations: { [annotations.observe]: observe } };
    await this.hub.client.create(builtin.Namespace, { metadata });
  }

  /** The lattice's clients on NATS may have Applications. */
  async grantApplications(lattice: string): Promise<void> {
    const rules = [{ apiGroups: ['core.oam.dev'], resources: ['applications'], verbs: ['*'] }];
    await this.hub.client.create(builtin.ClusterRole, { metadata: { name: LATTICE_ACCOUNT }, rules });
    await this.hub.client.create(builtin.RoleBinding, {
      metadata: { name: LATTICE_ACCOUNT, namespace: lattice },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: LATTICE_ACCOUNT },
      subjects: [{ kind: 'ServiceAccount', name: LATTICE_ACCOUNT, namespace: lattice }],
    });
  }

  async startProgram(app: 'repeater' | 'scheduler', env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const program = startProgram({
      app,
      log: join(this.folder, `${app}.log`),
      env: {
        KASMCLOUD_HUB_KUBECONFIG: this.kubeconfig,
        KASMCLOUD_NATS_URL: this.nats.url,
        KASMCLOUD_PORT: String(await freePort()),
        ...env,
      },
    });
    this.#programs.push(program);
    return program;
  }

  /** Writes so far, Leases apart: those are how hosts are known to live. */
  async writes(): Promise<{ readonly leases: number; readonly others: number }> {
    let [leases, others] = [0, 0];
    for (const [resource, count] of await this.hub.writes())
      if (resource === 'leases') leases += count;
      else others += count;
    return { leases, others };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
    await Promise.all([this.nats.close(), this.hub.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
