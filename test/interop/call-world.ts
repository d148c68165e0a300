import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startNats, type NatsServer } from '@kasmcloud/testing';
import { eventually, repositoryRoot, temporaryFolder } from '../e2e/kasm.ts';
import { kubectl } from '../e2e/kubectl.ts';
import type { LegacyHost } from './legacy-host.ts';
import { capabilityParts, LegacyLattice, type TestLink } from './legacy-lattice.ts';
import { image } from './sessions.ts';

const LATTICE = 'calls';
const OUR_HOST = 'ours';
const BUILD_MS = 180_000;
const READY_MS = 60_000;

const kasm = join(repositoryRoot, 'apps', 'cli', 'bin', 'kasm.mjs');
const hostProgram = join(repositoryRoot, 'apps', 'host', 'dist', 'main.js');

/**
 * One KasmCloud host and one wasmCloud host in one lattice, and nothing that joins them but NATS: ours reads its links
 * from an API server, theirs from the lattice's bucket.
 */
export class CallWorld {
  readonly #nats: NatsServer;
  readonly #children: readonly ChildProcess[];
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #kubeconfig: string;
  /** The wasmCloud side of the lattice. */
  readonly legacy: LegacyLattice;
  /** The wasmCloud host. */
  readonly theirs: LegacyHost;

  private constructor(parts: {
    nats: NatsServer;
    legacy: LegacyLattice;
    theirs: LegacyHost;
    children: readonly ChildProcess[];
    folder: Awaited<ReturnType<typeof temporaryFolder>>;
    kubeconfig: string;
  }) {
    this.#nats = parts.nats;
    this.legacy = parts.legacy;
    this.theirs = parts.theirs;
    this.#children = parts.children;
    this.#folder = parts.folder;
    this.#kubeconfig = parts.kubeconfig;
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
    const legacy = await LegacyLattice.open(nats, LATTICE, program);
    const theirs = await legacy.host();
    return new CallWorld({ nats, legacy, theirs, children: [server, host], folder, kubeconfig });
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

  async close(): Promise<void> {
    await this.legacy[Symbol.asyncDispose]();
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await this.#nats.close();
    await this.#folder[Symbol.asyncDispose]();
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

const node = (main: string, args: readonly string[], env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, ['--enable-source-maps', main, ...args], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
