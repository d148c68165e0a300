import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { LaunchedProgram, packProvider, startNats, type NatsServer } from '@kasmcloud/testing';
import { eventually, repositoryRoot, temporaryFolder } from '../e2e/kasm.ts';
import { kubectl } from '../e2e/kubectl.ts';
import type { LegacyHost } from './legacy-host.ts';
import { capabilityParts, LegacyLattice, type TestLink } from './legacy-lattice.ts';
import { image } from './sessions.ts';

const LATTICE = 'calls';
const OUR_HOST = 'ours';
const BUILD_MS = 480_000;
const READY_MS = 60_000;

const built = (app: 'cli' | 'host'): string => join(repositoryRoot, 'apps', app, 'dist', 'main.js');

/**
 * One KasmCloud host and one wasmCloud host in one lattice, and nothing that joins them but NATS: ours reads its links
 * from an API server, theirs from the lattice's bucket.
 */
export class CallWorld {
  readonly #nats: NatsServer;
  readonly #resources: AsyncDisposableStack;
  readonly #folder: string;
  readonly #kubeconfig: string;
  /** The wasmCloud side of the lattice. */
  readonly legacy: LegacyLattice;
  /** The wasmCloud host. */
  readonly theirs: LegacyHost;

  private constructor(parts: {
    nats: NatsServer;
    resources: AsyncDisposableStack;
    folder: string;
    kubeconfig: string;
    legacy: LegacyLattice;
    theirs: LegacyHost;
  }) {
    this.#nats = parts.nats;
    this.#resources = parts.resources;
    this.#folder = parts.folder;
    this.#kubeconfig = parts.kubeconfig;
    this.legacy = parts.legacy;
    this.theirs = parts.theirs;
  }

  static async start(program: string): Promise<CallWorld> {
    await using resources = new AsyncDisposableStack();
    const { path: folder } = resources.use(await temporaryFolder());
    const kubeconfig = join(folder, 'kubeconfig');
    const nats = await startNats({ jetstream: true });
    resources.defer(async () => nats.close());
    await build();
    const server = await startNode({
      main: built('cli'),
      args: ['apiserver', '--crds', '--kubeconfig', kubeconfig],
      ready: async () => (await stat(kubeconfig)).isFile(),
    });
    resources.defer(async () => server.stop());
    const metadata = { name: LATTICE, labels: { 'kasmcloud.io/lattice': 'true' } };
    const namespace = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata });
    const host = await startNode({
      main: built('host'),
      env: {
        KASMCLOUD_KUBECONFIG: kubeconfig,
        KASMCLOUD_NATS_URL: nats.url,
        KASMCLOUD_HOST_NAME: OUR_HOST,
        KASMCLOUD_LISTEN_MAP: 'true',
        KASMCLOUD_ALLOW_FILE: 'true',
        KASMCLOUD_PROVIDER_PROCESSES: 'true',
        KASMCLOUD_DATA_DIR: join(folder, 'host'),
        KASMCLOUD_PORT: '0',
      },
      ready: async () => {
        await kubectl(kubeconfig, ['apply', '-f', '-'], namespace);
        return (await kubectl(kubeconfig, ['wait', 'wch', OUR_HOST, '--for=condition=Ready'])).includes('met');
      },
    });
    resources.defer(async () => host.stop());
    const legacy = resources.use(await LegacyLattice.open(nats, LATTICE, program));
    const theirs = await legacy.host();
    return new CallWorld({ nats, resources: resources.move(), folder, kubeconfig, legacy, theirs });
  }

  get natsUrl(): string {
    return this.#nats.url;
  }

  /** Starts a component on the KasmCloud host. */
  async actor(id: string, component: string, content?: Readonly<Record<string, string>>): Promise<void> {
    const config = await this.#config(id, content);
    await this.#apply('WasmCloudActor', id, { hostName: OUR_HOST, id, image: image(component), instances: 10, config });
    await this.#ready('wca', id);
  }

  /** Starts a provider on the KasmCloud host. Resolves with where it listens, if it does. */
  async provider(id: string, reference: string): Promise<string> {
    await this.#apply('WasmCloudProvider', id, { hostName: OUR_HOST, id, image: reference });
    await this.#ready('wcp', id);
    return id;
  }

  /** Where a provider of the KasmCloud host listens. */
  async endpoint(id: string): Promise<string> {
    const path = 'jsonpath={.status.endpoints[0].address}:{.status.endpoints[0].port}';
    let found = '';
    await eventually(READY_MS, async () => {
      found = await this.#kubectl('get', 'wcp', id, '-o', path);
      return /:\d+$/.test(found);
    });
    return found;
  }

  /** Tells the KasmCloud host of a link. */
  async link({ source, target, wit, sourceConfig, targetConfig }: TestLink): Promise<void> {
    const name = `${source}-${target}`;
    const { wit_namespace: witNamespace, wit_package: witPackage, interfaces } = capabilityParts(wit);
    await this.#apply('WasmCloudLink', name, {
      source,
      target,
      witNamespace,
      witPackage,
      interfaces,
      sourceConfig: await this.#config(`${name}-source`, sourceConfig),
      targetConfig: await this.#config(`${name}-target`, targetConfig),
    });
  }

  /** The `file://` reference of a provider archive that has this program for the machine. */
  async archive(name: string, program: string): Promise<string> {
    const target = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux`;
    const path = join(this.#folder, `${name}.par`);
    await writeFile(path, packProvider({ name, programs: { [target]: await readFile(program) } }));
    return pathToFileURL(path).href;
  }

  async close(): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** Writes config. Resolves with how resources name it. */
  async #config(name: string, data: Readonly<Record<string, string>> | undefined): Promise<string[]> {
    if (data === undefined) return [];
    const metadata = { name, namespace: LATTICE, labels: { 'kasmcloud.io/config': 'true' } };
    await this.#applyObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    return [name];
  }

  async #apply(kind: string, name: string, spec: unknown): Promise<void> {
    await this.#applyObject({
      apiVersion: 'kasmcloud.io/v1alpha1',
      kind,
      metadata: { name, namespace: LATTICE },
      spec,
    });
  }

  async #applyObject(object: unknown): Promise<void> {
    await kubectl(this.#kubeconfig, ['apply', '-f', '-'], JSON.stringify(object));
  }

  async #ready(kind: string, name: string): Promise<void> {
    await eventually(READY_MS, async () =>
      (await this.#kubectl('wait', `${kind}/${name}`, '--for=condition=Ready', '--timeout=20s')).includes('met'),
    );
  }

  async #kubectl(...args: readonly string[]): Promise<string> {
    return kubectl(this.#kubeconfig, ['-n', LATTICE, ...args]);
  }
}

/** `kasm` builds what is stale before it does what it is asked. */
async function build(): Promise<void> {
  const kasm = join(repositoryRoot, 'apps', 'cli', 'bin', 'kasm.mjs');
  await promisify(execFile)(process.execPath, [kasm, '--version'], { timeout: BUILD_MS });
}

interface NodeProgram {
  readonly main: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** One that throws is asked again. */
  readonly ready: () => Promise<boolean>;
}

async function startNode({ main, args = [], env = {}, ready }: NodeProgram): Promise<LaunchedProgram> {
  return LaunchedProgram.start({
    program: process.execPath,
    args: ['--enable-source-maps', main, ...args],
    env,
    ready: async () => ready().catch(() => false),
    readyWithinMs: READY_MS,
  });
}
