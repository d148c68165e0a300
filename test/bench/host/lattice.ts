/** One lattice as the hosts see it: an API server, NATS, and hosts as programs of their own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  WasmCloudActor,
  WasmCloudLink,
  WasmCloudProvider,
  type ActorObject,
  type ActorSpec,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import {
  freePort,
  startApp,
  startNats,
  startTestApiServer,
  type LaunchedProgram,
  type NatsServer,
  type TestApiServer,
} from '@kasmcloud/testing';

export const LATTICE = 'bench';
const repository = join(import.meta.dirname, '..', '..', '..');
const hostFolder = join(repository, 'apps', 'host');

/** The `file://` image of a component in this repository. */
export const image = (path: string): string => pathToFileURL(join(repository, path)).href;
export const HELLO = 'examples/hello/hello.wasm';
export const fixture = (name: string): string => image(`test/fixtures/components/${name}.wasm`);

const http = { witNamespace: 'wasi', witPackage: 'http', interfaces: ['incoming-handler'] };

/** Builds the host, so that what is measured is what is shipped. */
export async function buildHost(): Promise<void> {
  const rolldown = join(repository, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  await promisify(execFile)(process.execPath, [rolldown, '-c', 'rolldown.config.ts'], { cwd: hostFolder });
}

export class HostProgram {
  readonly name: string;
  readonly dataDir: string;
  readonly #program: LaunchedProgram;

  constructor(name: string, dataDir: string, program: LaunchedProgram) {
    this.name = name;
    this.dataDir = dataDir;
    this.#program = program;
  }

  /** Resident memory in bytes. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#program.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  /** How many files and sockets it has open. */
  async descriptors(): Promise<number> {
    return (await readdir(`/proc/${this.#program.pid}/fd`)).length;
  }

  stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    return this.#program.stop(signal);
  }
}

export class Lattice implements AsyncDisposable {
  readonly nats: NatsServer;
  readonly #server: TestApiServer;
  readonly #folder: string;
  readonly #hosts = new Set<HostProgram>();

  private constructor(server: TestApiServer, nats: NatsServer, folder: string) {
    this.#server = server;
    this.nats = nats;
    this.#folder = folder;
  }

  static async start(): Promise<Lattice> {
    const [server, nats] = await Promise.all([startTestApiServer(), startNats({ jetstream: true })]);
    await server.namespace(LATTICE, { [labels.lattice]: '' });
    const folder = await mkdtemp(join(tmpdir(), 'bench-host-'));
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfig());
    return new Lattice(server, nats, folder);
  }

  /** Starts a host, of another build with `main`; the same `dataDir` is the same cache. */
  async host(
    name: string,
    settings: Readonly<Record<string, string>> = {},
    dataDir = name,
    main = join(hostFolder, 'dist', 'main.js'),
  ): Promise<HostProgram> {
    const program = await startApp(main, {
      KASMCLOUD_KUBECONFIG: join(this.#folder, 'kubeconfig'),
      KASMCLOUD_HOST_NAME: name,
      KASMCLOUD_NATS_URL: this.nats.url,
      KASMCLOUD_DATA_DIR: join(this.#folder, dataDir),
      KASMCLOUD_ALLOW_FILE: 'true',
      KASMCLOUD_LOG_LEVEL: 'warn',
      ...settings,
    });
    const host = new HostProgram(name, dataDir, program);
    this.#hosts.add(host);
    return host;
  }

  async stop(host: HostProgram, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#hosts.delete(host);
    await host.stop(signal);
  }

  async actor(name: string, hostName: string, spec: Partial<ActorSpec> = {}): Promise<void> {
    await this.#server.client.create<ActorObject>(WasmCloudActor, {
      metadata: { name, namespace: LATTICE },
      spec: { hostName, id: name, image: image(HELLO), instances: 300, ...spec },
    });
  }

  async setImage(name: string, to: string): Promise<void> {
    const patch = { spec: { image: to } };
    await this.#server.client.patch(WasmCloudActor, name, LATTICE, patch, { type: 'merge' });
  }

  async removeActor(name: string): Promise<void> {
    await this.#server.client.delete(WasmCloudActor, name, LATTICE);
  }

  async provider(name: string, hostName: string, reference: string): Promise<void> {
    await this.#server.client.create<ProviderObject>(WasmCloudProvider, {
      metadata: { name, namespace: LATTICE },
      spec: { hostName, id: name, image: reference },
    });
  }

  async link(source: string, target: string, wit: string): Promise<void> {
    const [, witNamespace = '', witPackage = '', iface = ''] = /^(.+):(.+)\/(.+)$/.exec(wit) ?? [];
    await this.#server.client.create(WasmCloudLink, {
      metadata: { name: `${source}-${target}`, namespace: LATTICE },
      spec: { source, target, witNamespace, witPackage, interfaces: [iface] },
    });
  }

  /** An HTTP server on that host in front of an actor. Resolves with its port. */
  async http(target: string, hostName: string, name = `${target}-http`): Promise<number> {
    const port = await freePort();
    await this.#server.client.create(builtin.ConfigMap, {
      metadata: { name, namespace: LATTICE, labels: { [labels.config]: '' } },
      data: { address: `127.0.0.1:${port}` },
    });
    await this.#server.client.create(WasmCloudLink, {
      metadata: { name, namespace: LATTICE },
      spec: { source: name, target, ...http, sourceConfig: [name] },
    });
    await this.provider(name, hostName, 'ghcr.io/wasmcloud/http-server:0.27.0');
    return port;
  }

  /** Waits until so many actors of a host are Ready. */
  async ready(hostName: string, count: number): Promise<void> {
    for (let attempt = 0; attempt < 3_000; attempt++) {
      const { items } = await this.#server.client.list<ActorObject>(WasmCloudActor, {
        namespace: LATTICE,
        fieldSelector: `spec.hostName=${hostName}`,
      });
      const ready = items.filter(
        ({ status }) => findCondition(status?.conditions, conditionTypes.ready)?.status === 'True',
      );
      if (ready.length >= count) return;
      await sleep(20);
    }
    throw new Error(`${hostName}: ${count} actors were not ready within a minute`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#hosts].map((host) => host.stop()));
    await Promise.all([this.#server.close(), this.nats.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Waits until a server answers 200, and says how long that took from `sinceMs`. Asked anew every half millisecond. */
export async function firstAnswer(port: number, path: string, sinceMs: number): Promise<number> {
  let last = 'nobody listens';
  while (performance.now() - sinceMs < 30_000) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      last = `${answer.status} ${await answer.text()}`;
      if (answer.ok) return performance.now() - sinceMs;
    } catch {
      // Nobody listens yet.
    }
    await sleep(0.5);
  }
  throw new Error(`127.0.0.1:${port}${path}: not answered well within 30 s; at last: ${last}`);
}
