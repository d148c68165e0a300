import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { connectLattice, openBucket, type LatticeConnection } from '@kasmcloud/lattice';
import { freePort, startNats, type NatsServer } from '@kasmcloud/testing';
import { componentKey, configBucket, controlSubject, encodeJson, latticeBucket, type Link } from '@kasmcloud/wire';
import { eventually, repositoryRoot, temporaryFolder } from '../e2e/kasm.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { LegacyHost } from './legacy-host.ts';
import { image } from './sessions.ts';

const LATTICE = 'calls';
const OUR_HOST = 'ours';
const BUILD_MS = 180_000;
const READY_MS = 60_000;
const REQUEST_MS = 10_000;

const kasm = join(repositoryRoot, 'apps', 'cli', 'bin', 'kasm.mjs');
const hostProgram = join(repositoryRoot, 'apps', 'host', 'dist', 'main.js');

/** A capability as a link names it: `wasi:http/incoming-handler`. */
const partsOf = (wit: string): { wit_namespace: string; wit_package: string; interfaces: string[] } => {
  const [, namespace = '', name = '', iface = ''] = /^([^:]+):([^/]+)\/(.+)$/.exec(wit) ?? [];
  return { wit_namespace: namespace, wit_package: name, interfaces: [iface] };
};

/**
 * One KasmCloud host and one wasmCloud host in one lattice, and nothing that joins them but NATS: ours reads its links
 * from an API server, theirs from the lattice's bucket.
 */
export class CallWorld {
  readonly #nats: NatsServer;
  readonly #connection: LatticeConnection;
  readonly #theirs: LegacyHost;
  readonly #children: readonly ChildProcess[];
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #kubeconfig: string;

  private constructor(parts: {
    nats: NatsServer;
    connection: LatticeConnection;
    theirs: LegacyHost;
    children: readonly ChildProcess[];
    folder: Awaited<ReturnType<typeof temporaryFolder>>;
    kubeconfig: string;
  }) {
    this.#nats = parts.nats;
    this.#connection = parts.connection;
    this.#theirs = parts.theirs;
    this.#children = parts.children;
    this.#folder = parts.folder;
    this.#kubeconfig = parts.kubeconfig;
  }

  get natsUrl(): string {
    return this.#nats.url;
  }

  get lattice(): string {
    return LATTICE;
  }

  static async start(program: string): Promise<CallWorld> {
    const folder = await temporaryFolder();
    const kubeconfig = join(folder.path, 'kubeconfig');
    const nats = await startNats({ jetstream: true });
    const server = node(kasm, ['apiserver', '--crds', '--kubeconfig', kubeconfig], {});
    // The first one builds what is stale, the host too.
    await eventually(BUILD_MS, async () => (await stat(kubeconfig)).isFile());
    const host = node(hostProgram, [], {
      KASMCLOUD_KUBECONFIG: kubeconfig,
      KASMCLOUD_NATS_URL: nats.url,
      KASMCLOUD_HOST_NAME: OUR_HOST,
      KASMCLOUD_LISTEN_MAP: 'true',
      KASMCLOUD_ALLOW_FILE: 'true',
      KASMCLOUD_DATA_DIR: join(folder.path, 'host'),
      KASMCLOUD_PORT: '0',
    });
    const namespace = { apiVersion: 'v1', kind: 'Namespace' };
    const metadata = { name: LATTICE, labels: { 'kasmcloud.io/lattice': 'true' } };
    await eventually(READY_MS, async () => {
      await kubectl(kubeconfig, ['apply', '-f', '-'], JSON.stringify({ ...namespace, metadata }));
      return (await kubectl(kubeconfig, ['wait', 'wch', OUR_HOST, '--for=condition=Ready'])).includes('met');
    });
    const connection = await connectLattice({ servers: nats.url, name: 'interop' });
    const theirs = await LegacyHost.start(connection, { program, natsPort: nats.port, lattice: LATTICE });
    return new CallWorld({ nats, connection, theirs, children: [server, host], folder, kubeconfig });
  }

  /** Starts a component on the KasmCloud host. */
  async actor(id: string, component: string): Promise<void> {
    await this.#apply('WasmCloudActor', id, { hostName: OUR_HOST, id, image: image(component), instances: 10 });
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
  async link(source: string, target: string, wit: string, sourceConfig?: Record<string, string>): Promise<void> {
    const name = `${source}-${target}`;
    if (sourceConfig !== undefined) {
      const metadata = { name, namespace: LATTICE, labels: { 'kasmcloud.io/config': 'true' } };
      await this.#applyObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: sourceConfig });
    }
    const { wit_namespace: witNamespace, wit_package: witPackage, interfaces } = partsOf(wit);
    const config = sourceConfig === undefined ? {} : { sourceConfig: [name] };
    await this.#apply('WasmCloudLink', name, { source, target, witNamespace, witPackage, interfaces, ...config });
  }

  /** Starts a component on the wasmCloud host. */
  async legacyActor(id: string, component: string): Promise<void> {
    await this.#command(controlSubject.componentScale(LATTICE, this.#theirs.id), {
      component_ref: image(component),
      component_id: id,
      count: 10,
      host_id: this.#theirs.id,
    });
  }

  /** Starts the wasmCloud host's own HTTP server in front of a component. Resolves with where it listens. */
  async legacyHttp(id: string, target: string): Promise<string> {
    const address = `127.0.0.1:${await freePort()}`;
    await this.legacyLink(id, target, 'wasi:http/incoming-handler', { address });
    await this.#command(controlSubject.providerStart(LATTICE, this.#theirs.id), {
      provider_ref: 'wasmcloud+builtin://http-server',
      provider_id: id,
      host_id: this.#theirs.id,
      config: [],
      annotations: {},
    });
    return address;
  }

  /** Writes a link to the lattice's bucket, which is how wasmCloud hosts learn of it. */
  async legacyLink(source: string, target: string, wit: string, sourceConfig?: Record<string, string>): Promise<void> {
    const options = { timeoutMs: REQUEST_MS };
    const name = `${source}-${target}`;
    if (sourceConfig !== undefined) {
      const configs = await openBucket(this.#connection, configBucket(LATTICE), options);
      await configs.put(name, encodeJson(sourceConfig));
    }
    const link: Link = {
      source_id: source,
      target,
      name: 'default',
      ...partsOf(wit),
      source_config: sourceConfig === undefined ? [] : [name],
      target_config: [],
    };
    const components = await openBucket(this.#connection, latticeBucket(LATTICE), options);
    await components.put(componentKey(source), encodeJson({ url: '', links: [link] }));
    // A provider that starts is given the links that its host knows of by then.
    await eventually(READY_MS, async () => {
      const { data } = await this.#connection.request(controlSubject.linkGet(LATTICE), new Uint8Array(0), options);
      return new TextDecoder().decode(data).includes(`"${source}"`);
    });
  }

  async close(): Promise<void> {
    await this.#connection.close();
    await this.#theirs.stop();
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await this.#nats.close();
    await this.#folder[Symbol.asyncDispose]();
  }

  async #command(subject: string, command: object): Promise<void> {
    const { data } = await this.#connection.request(subject, encodeJson(command), { timeoutMs: REQUEST_MS });
    const text = new TextDecoder().decode(data);
    if (!text.includes('"success":true')) throw new Error(`${subject}: ${text}`);
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

const node = (main: string, args: readonly string[], env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, ['--enable-source-maps', main, ...args], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
