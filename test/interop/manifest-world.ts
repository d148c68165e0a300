import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudLink,
  WasmCloudProvider,
  type DistributionObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { startDockerRegistry } from '@kasmcloud/testing';
import { decodeJson, wadmSubject } from '@kasmcloud/wire';
import { z } from 'zod';
import { eventually, Kasm, repositoryRoot, temporaryFolder } from '../e2e/kasm.ts';
import { askWadm, type WadmAnswer } from './ways.ts';

const READY_MS = 400_000;
const WITHIN_MS = 120_000;
const REQUEST_MS = 60_000;
/** That of `kasm up`: all hosts serve it, and clients of NATS may deploy there. */
const LATTICE = 'hello';
/** What the manifests ask of hosts, on as many as their spreads need. */
const hostLabels = [
  { cluster: 'eu-1', host: 'eu-1-host-1', given: { region: 'us-brooks-east', zone: 'us-east-1', ledenabled: 'true' } },
  { cluster: 'eu-1', host: 'eu-1-host-2', given: { region: 'us-brooks-east' } },
  { cluster: 'us-1', host: 'us-1-host-1', given: { region: 'us-taylor-west', zone: 'us-west-1' } },
  { cluster: 'us-1', host: 'us-1-host-2', given: { region: 'us-taylor-west' } },
  { cluster: 'us-1', host: 'us-1-host-3', given: { region: 'moon' } },
] as const;

const statusReply = z.object({
  status: z.object({ status: z.object({ type: z.string(), message: z.string().optional() }) }),
});

/** How an application is: as `wash app status` has it, and the replicas that run, by component. */
export interface ManifestStatus {
  readonly type: string;
  readonly message: string;
  readonly replicas: Readonly<Record<string, number>>;
}

/**
 * A supercluster whose hosts ask a registry of ours in the place of ghcr.io, where images are a small HTTP component, and
 * reach no other registry.
 */
export class ManifestWorld {
  readonly #clients: ReadonlyMap<string, KubeClient>;
  readonly #hub: KubeClient;
  readonly #connection: LatticeConnection;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    clients: ReadonlyMap<string, KubeClient>,
    hub: KubeClient,
    connection: LatticeConnection,
    resources: AsyncDisposableStack,
  ) {
    this.#clients = clients;
    this.#hub = hub;
    this.#connection = connection;
    this.#resources = resources;
  }

  /** Images of other registries than ghcr.io are passed over. */
  static async start(images: readonly string[]): Promise<ManifestWorld> {
    await using resources = new AsyncDisposableStack();
    const registry = await startDockerRegistry();
    if (registry === undefined) throw new TypeError('there is no docker-registry on this machine');
    resources.defer(async () => registry.close());
    const component = await readFile(join(repositoryRoot, 'test', 'fixtures', 'components', 'mirror.wasm'));
    for (const image of new Set(images)) {
      const [, repository, tag] = /^ghcr\.io\/([^:]+):(.+)$/.exec(image) ?? [];
      if (repository !== undefined && tag !== undefined) await registry.push(repository, tag, component);
    }
    const { path: folder } = resources.use(await temporaryFolder());
    const kasm = Kasm.upWith(variables(registry.host), folder, '--map-ports', '--hosts-per-cluster', '3');
    resources.defer(async () => void (await kasm.stop()));
    await kasm.tells('6 hosts are ready', READY_MS);
    const state = await kasm.state();
    const clients = new Map(state.clusters.map(({ name, kubeconfig }) => [name, open(kubeconfig, resources)]));
    for (const { cluster, host, given } of hostLabels) {
      const patch = { metadata: { labels: given } };
      await clients.get(cluster)?.patch(WasmCloudHost, host, undefined, patch, { type: 'merge', fieldManager: 'test' });
    }
    const connection = await connectLattice({ servers: state.natsUrl, name: 'manifests' });
    resources.defer(async () => connection.close());
    return new ManifestWorld(clients, open(state.kubeconfig, resources), connection, resources.move());
  }

  /** A request such as wash makes. */
  async ask(operation: 'put' | 'deploy' | 'undeploy' | 'del', name?: string, body = ''): Promise<WadmAnswer> {
    return askWadm(this.#connection, wadmSubject.request(LATTICE, operation, name), new TextEncoder().encode(body));
  }

  async status(application: string): Promise<ManifestStatus> {
    const subject = wadmSubject.request(LATTICE, 'status', application);
    const { data } = await this.#connection.request(subject, new Uint8Array(0), { timeoutMs: REQUEST_MS });
    const { type, message = '' } = decodeJson('status', statusReply, data).status.status;
    const options = { namespace: LATTICE, labelSelector: `${labels.application}=${application}` };
    const { items } = await this.#hub.list<DistributionObject>(WasmCloudDistribution, options);
    const replicas = items.map(({ metadata, status }): [string, number] => [
      metadata.name.slice(application.length + 1),
      status?.readyReplicas ?? 0,
    ]);
    return { type, message, replicas: Object.fromEntries(replicas.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
  }

  /** Undeploys and deletes applications, and waits until the lattice is empty. */
  async forget(applications: readonly string[]): Promise<void> {
    for (const application of applications) {
      await this.ask('undeploy', application);
      await this.ask('del', application);
    }
    const kinds = [WasmCloudDistribution, WasmCloudLink, WasmCloudActor, WasmCloudProvider];
    await eventually(WITHIN_MS, async () => {
      for (const client of this.#clients.values())
        for (const kind of kinds) if ((await client.list(kind, { namespace: LATTICE })).items.length > 0) return false;
      return true;
    });
  }

  async close(): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** The registry that hosts ask first; nobody answers at the proxy to the others, so that no test leaves this machine. */
const variables = (registry: string): Record<string, string> => ({
  KASMCLOUD_OCI_MIRRORS: `ghcr.io=${registry}`,
  KASMCLOUD_OCI_INSECURE: registry,
  // What cannot start is told sooner.
  KASMCLOUD_START_GRACE: '2s',
  NODE_USE_ENV_PROXY: '1',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1,localhost',
});

function open(kubeconfig: string, resources: AsyncDisposableStack): KubeClient {
  const client = new KubeClient(loadKubeconfig({ file: kubeconfig }));
  resources.defer(async () => client.close());
  return client;
}
