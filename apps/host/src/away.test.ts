import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  builtin,
  conditionTypes,
  findCondition,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudLink,
  WasmCloudProvider,
  type ActorObject,
  type ActorSpec,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { Lease } from '@kasmcloud/kube';
import { createLogger, createMetrics, Health } from '@kasmcloud/observe';
import {
  freePort,
  layTcpLine,
  registryUser,
  startDockerRegistry,
  startNats,
  startTestApiServer,
} from '@kasmcloud/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadConfig } from './config.ts';
import { Host } from './host.ts';
import { eventually, get, image, LATTICE } from './host.fixture.ts';

vi.setConfig({ testTimeout: 120_000 });

const registry = await startDockerRegistry({ users: true });
const [server, nats] = await Promise.all([startTestApiServer(), startNats()]);
const line = await layTcpLine(Number(new URL(server.target.server).port));
const folder = await mkdtemp(join(tmpdir(), 'kasm-away-'));
const kubeconfig = join(folder, 'kubeconfig');
const dataDir = join(folder, 'data');
const lines: string[] = [];
let host: Host | undefined;
let health = new Health();

/** One more process of the host, as far as its data folder tells. */
async function start(): Promise<void> {
  const config = loadConfig({
    KASMCLOUD_KUBECONFIG: kubeconfig,
    KASMCLOUD_HOST_NAME: 'edge',
    KASMCLOUD_NATS_URL: nats.url,
    KASMCLOUD_DATA_DIR: dataDir,
    KASMCLOUD_ALLOW_FILE: 'true',
    KASMCLOUD_WORKERS: '1',
    KASMCLOUD_START_PATIENCE: '300ms',
    KASMCLOUD_OCI_INSECURE: registry?.host ?? '',
  });
  lines.length = 0;
  health = new Health();
  const log = createLogger({ service: 'host', destination: { write: (text: string) => lines.push(text) } });
  host = new Host(config, log, createMetrics(), health);
  host.start();
}

async function stop(): Promise<void> {
  await host?.stop();
  host = undefined;
}

const logged = (message: string, actor = 'shop/web'): number =>
  lines.filter((text) => text.includes(`"msg":"${message}"`) && text.includes(`"${actor}"`)).length;

const actor = (name: string, spec: Partial<ActorSpec> = {}): Promise<unknown> =>
  server.client.create(WasmCloudActor, {
    metadata: { name, namespace: LATTICE },
    spec: { hostName: 'edge', id: name, image: image('examples/hello/hello.wasm'), instances: 2, ...spec },
  });

const config = (name: string, data: Readonly<Record<string, string>>): Promise<unknown> =>
  server.client.create(builtin.ConfigMap, {
    metadata: { name, namespace: LATTICE, labels: { [labels.config]: '' } },
    data,
  });

/** What a provider listens on for an actor. */
async function httpLink(target: string): Promise<number> {
  const port = await freePort();
  await config(`to-${target}`, { address: `127.0.0.1:${port}` });
  await server.client.create(WasmCloudLink, {
    metadata: { name: `to-${target}`, namespace: LATTICE },
    spec: {
      source: 'http',
      target,
      witNamespace: 'wasi',
      witPackage: 'http',
      interfaces: ['incoming-handler'],
      sourceConfig: [`to-${target}`],
    },
  });
  return port;
}

/** The state is on disk once it says so much. */
const kept = (atLeast: number): Promise<void> =>
  eventually(async () => expect((await readFile(join(dataDir, 'state'))).length).toBeGreaterThan(atLeast));

let webPort = 0;
let oldPort = 0;

beforeAll(async () => {
  const own = new URL(server.target.server);
  await writeFile(kubeconfig, server.kubeconfig().replaceAll(own.port, String(line.port)));
  await server.namespace(LATTICE, { [labels.lattice]: '' });
  await registry?.push('acme/web', '1', await readFile(new URL(image('examples/hello/hello.wasm'))));
  const auths = { [registry?.host ?? '']: { ...registryUser } };
  await server.client.create(builtin.Secret, {
    metadata: { name: 'pull', namespace: LATTICE },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
  });
  await config('greeting', { greeting: 'good morning' });
  const pulled = registry && { image: `${registry.host}/acme/web:1`, secrets: ['pull'] };
  await actor('web', { config: ['greeting'], ...pulled });
  await actor('old');
  webPort = await httpLink('web');
  oldPort = await httpLink('old');
  const spec = { hostName: 'edge', id: 'http', image: 'ghcr.io/wasmcloud/http-server:0.27.0' };
  await server.client.create(WasmCloudProvider, { metadata: { name: 'http', namespace: LATTICE }, spec });
});
afterAll(async () => {
  await stop();
  await line.close();
  await Promise.all([server.close(), nats.close(), registry?.close()]);
  await rm(folder, { recursive: true, force: true });
});

test('a host that was never told anything waits for its API server', async () => {
  line.cut();
  await start();
  await eventually(async () => expect((await health.report('readyz')).checks).toContainEqual({ name: 'nats' }));
  expect((await health.report('readyz')).ok).toBe(false);
  line.mend();
  for (const port of [webPort, oldPort]) await eventually(async () => expect(await get(port)).toMatch(/^200/));
  expect(await get(webPort)).toBe('200 good morning from edge');
  await eventually(async () => expect((await health.report('readyz')).ok).toBe(true));
  await kept(2_000);
});

test.for([
  ['refuses', 'cut'],
  ['says nothing', 'stall'],
] as const)('an API server that %s: what runs goes on, and starts again from disk', async ([, how]) => {
  line[how]();
  expect(await get(webPort)).toBe('200 good morning from edge');
  await stop();
  // The image is to come out of its registry again, with the Secret that was kept.
  await rm(join(dataDir, 'images'), { recursive: true, force: true });
  await start();
  for (const port of [webPort, oldPort]) await eventually(async () => expect(await get(port)).toMatch(/^200/));
  expect(await get(webPort)).toBe('200 good morning from edge');
  expect((await health.report('readyz')).ok).toBe(true);
  expect((await readFile(join(dataDir, 'state'))).includes(registryUser.password)).toBe(false);
  line.mend();
});

test('when the API server is back, what changed is changed, and what did not is not started anew', async () => {
  line.cut();
  await stop();
  await start();
  await eventually(async () => expect(await get(webPort)).toBe('200 good morning from edge'));
  const answers: string[] = [];
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) answers.push(await get(webPort));
  })();
  const changed = { data: { greeting: 'good evening' } };
  await server.client.patch(builtin.ConfigMap, 'greeting', LATTICE, changed, { type: 'merge' });
  await server.client.delete(WasmCloudActor, 'old', LATTICE);
  await actor('new');
  const newPort = await httpLink('new');
  line.mend();
  await eventually(async () => expect(await get(newPort)).toMatch(/^200/));
  await eventually(async () => expect(await get(webPort)).toBe('200 good evening from edge'));
  await eventually(async () => expect(await get(oldPort)).not.toMatch(/^200/));
  // Threads hear of it one after the other.
  await eventually(async () => expect(answers).toContain('200 good evening from edge'));
  over.abort();
  await asking;
  expect(new Set(answers)).toEqual(new Set(['200 good morning from edge', '200 good evening from edge']));
  expect([logged('actor started'), logged('actor replaced'), logged('actor stopped')]).toEqual([1, 0, 0]);
  expect([logged('actor started', 'shop/old'), logged('actor stopped', 'shop/old')]).toEqual([1, 1]);
  await eventually(async () => {
    const { status } = await server.client.get<ActorObject>(WasmCloudActor, 'web', LATTICE);
    expect(findCondition(status?.conditions, conditionTypes.ready)?.status).toBe('True');
    const lease = await server.client.get<Lease & KubeObject>(builtin.Lease, 'edge', SYSTEM_NAMESPACE);
    expect(Date.parse(lease.spec?.renewTime ?? '')).toBeGreaterThan(Date.now() - 10_000);
  });
});

test('a state that is damaged is refused and told, and the host starts with nothing', async () => {
  line.cut();
  await stop();
  await writeFile(join(dataDir, 'state'), 'kasmcloud-host-state 1\nnot what was sealed');
  await start();
  await eventually(async () => expect(lines.join('')).toContain('kept state refused, started empty'));
  expect(lines.join('')).toContain(`${join(dataDir, 'state')} is damaged`);
  await expect(get(webPort)).rejects.toThrow('fetch failed');
  line.mend();
  await eventually(async () => expect(await get(webPort)).toBe('200 good evening from edge'));
});
