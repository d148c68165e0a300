import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  LATTICE_ACCOUNT,
  WasmCloudActor,
  WasmCloudLink,
  WasmCloudProvider,
  type ActorObject,
  type ActorSpec,
  type Condition,
  type Kind,
  type KubeObject,
  type LinkSpec,
  type ProviderObject,
  type ProviderSpec,
} from '@kasmcloud/kube-api';
import { createMetrics, Health, silentLogger, type Logger, type Metrics } from '@kasmcloud/observe';
import { freePort, startNats, startTestApiServer, type NatsServer, type TestApiServer } from '@kasmcloud/testing';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from './config.ts';
import { Host } from './host.ts';
import { startHostTracing } from './tracing/start.ts';

export const LATTICE = 'shop';
const repository = join(import.meta.dirname, '../../..');

/** What examples are made of. */
const exampleKinds: Readonly<Record<string, Kind>> = {
  Namespace: builtin.Namespace,
  ConfigMap: builtin.ConfigMap,
  Secret: builtin.Secret,
  Role: { ...builtin.RoleBinding, kind: 'Role', plural: 'roles' },
  RoleBinding: builtin.RoleBinding,
  WasmCloudActor,
  WasmCloudLink,
  WasmCloudProvider,
};

/** The `file://` image of a component in this repository. */
export const image = (path: string): string => pathToFileURL(join(repository, path)).href;

/** Two hosts, `host-a` and `host-b`, with a real NATS server and API server, and lattice `shop`. */
export class Hosts {
  readonly server: TestApiServer;
  readonly nats: NatsServer;
  /** Of `host-a`, then of `host-b`. */
  readonly metrics: readonly Metrics[];
  readonly #folder: string;
  readonly #hosts: readonly Host[];

  private constructor(
    server: TestApiServer,
    nats: NatsServer,
    folder: string,
    hosts: readonly Host[],
    metrics: readonly Metrics[],
  ) {
    this.server = server;
    this.nats = nats;
    this.metrics = metrics;
    this.#folder = folder;
    this.#hosts = hosts;
  }

  /** `settings` are environment variables of both hosts, over those that a test wants anyway. */
  static async start(settings: Readonly<Record<string, string>> = {}, log: Logger = silentLogger): Promise<Hosts> {
    const [server, nats] = await Promise.all([startTestApiServer(), startNats({ jetstream: true })]);
    await server.namespace(LATTICE, { [labels.lattice]: '' });
    const folder = await mkdtemp(join(tmpdir(), 'kasm-host-'));
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfig());
    const metrics: Metrics[] = [];
    const hosts = ['host-a', 'host-b'].map(async (name) => {
      const own = createMetrics();
      metrics.push(own);
      const config = loadConfig({
        KASMCLOUD_KUBECONFIG: join(folder, 'kubeconfig'),
        KASMCLOUD_HOST_NAME: name,
        KASMCLOUD_HOST_LABELS: 'rack=7',
        KASMCLOUD_NATS_URL: nats.url,
        KASMCLOUD_DATA_DIR: join(folder, name),
        KASMCLOUD_ALLOW_FILE: 'true',
        KASMCLOUD_WORKERS: '1',
        KASMCLOUD_CALL_TIMEOUT: '2s',
        ...settings,
      });
      const host = new Host(config, log, own, new Health(), await startHostTracing(config, log));
      host.start();
      return host;
    });
    return new Hosts(server, nats, folder, await Promise.all(hosts), metrics);
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    await Promise.all([this.server.close(), this.nats.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  readonly actor = (name: string, spec: Partial<ActorSpec>): Promise<ActorObject> =>
    this.server.client.create<ActorObject>(WasmCloudActor, {
      metadata: { name, namespace: LATTICE },
      spec: { hostName: 'host-a', id: name, image: image('examples/hello/hello.wasm'), instances: 2, ...spec },
    });

  /** An HTTP server, or the built-in that `reference` names. */
  readonly provider = (
    name: string,
    hostName: string,
    reference = 'ghcr.io/wasmcloud/http-server:0.27.0',
    spec: Partial<ProviderSpec> = {},
  ): Promise<ProviderObject> =>
    this.server.client.create<ProviderObject>(WasmCloudProvider, {
      metadata: { name, namespace: LATTICE },
      spec: { hostName, id: name, image: reference, ...spec },
    });

  readonly secret = (
    name: string,
    data: Readonly<Record<string, Uint8Array | string>>,
    marks: Readonly<Record<string, string>> = {},
  ): Promise<unknown> =>
    this.server.client.create(builtin.Secret, {
      metadata: { name, namespace: LATTICE, labels: marks },
      data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    });

  /** Allows the lattice's account those Secrets. */
  readonly grantSecrets = (...resourceNames: string[]): Promise<void> =>
    this.grantSecretsTo(LATTICE_ACCOUNT, ...resourceNames);

  readonly grantSecretsTo = async (account: string, ...resourceNames: string[]): Promise<void> => {
    const name = `see-${resourceNames.join('-')}`;
    const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames }];
    await this.server.client.create(builtin.ClusterRole, { metadata: { name }, rules });
    await this.server.client.create(builtin.RoleBinding, {
      metadata: { name, namespace: LATTICE },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace: LATTICE }],
    });
  };

  readonly config = (name: string, data: Readonly<Record<string, string>>): Promise<unknown> =>
    this.server.client.create(builtin.ConfigMap, {
      metadata: { name, namespace: LATTICE, labels: { [labels.config]: '' } },
      data,
    });

  readonly link = (name: string, spec: LinkSpec): Promise<unknown> =>
    this.server.client.create(WasmCloudLink, { metadata: { name, namespace: LATTICE }, spec });

  /** A link by which an HTTP server hands requests to an actor. Resolves with the port. */
  readonly httpLink = async (source: string, target: string): Promise<number> => {
    const port = await freePort();
    const name = `${source}-${target}`;
    await this.config(name, { address: `0.0.0.0:${port}` });
    const wit = { witNamespace: 'wasi', witPackage: 'http', interfaces: ['incoming-handler'] };
    await this.link(name, { source, target, ...wit, sourceConfig: [name] });
    return port;
  };

  /** What `kubectl apply -f` does with a file of `examples/`, once these parts of its text are others. */
  readonly applyExample = async (file: string, replacements: Readonly<Record<string, string>>): Promise<void> => {
    let text = await readFile(join(repository, 'examples', file), 'utf8');
    for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as KubeObject & { readonly kind: string };
      const kind = exampleKinds[object.kind];
      if (kind === undefined) throw new Error(`${file} has a ${object.kind}`);
      await this.server.client.apply(kind, object, { fieldManager: 'kubectl', force: true });
    }
  };

  /** The Ready condition, once it is of the object as it is now. */
  readonly readyOf = async (
    kind: typeof WasmCloudActor | typeof WasmCloudProvider,
    name: string,
  ): Promise<Condition | undefined> => {
    const object = await this.server.client.get<ActorObject>(kind, name, LATTICE);
    const condition = findCondition(object.status?.conditions, conditionTypes.ready);
    return object.status?.observedGeneration === object.metadata.generation ? condition : undefined;
  };
}

export async function eventually(probe: () => Promise<void>, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

/** Status and text of an answer, over a connection of its own: one that is kept may be closed just when it is used again. */
export const get = async (port: number, path = '/'): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(10_000),
  });
  return `${answer.status} ${await answer.text()}`.trim();
};
