import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer, type RunningApiServer } from '@kasmcloud/apiserver';
import {
  builtin,
  finalizers,
  kinds,
  SYSTEM_NAMESPACE,
  toCrd,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudHost,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig, type Draft } from '@kasmcloud/kube';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Narrator } from '../../story/narrator.ts';
import { layoutOf } from '../layout.ts';
import { parseUpOptions, upDefaults } from '../options.ts';
import { LATTICE, seedDefinitions } from '../seed.ts';
import { ExistingClusters } from './existing-clusters.ts';

const never = new AbortController().signal;
const viewer = { token: 'viewer-token', user: 'viewer', groups: ['viewers'] };
const own = { fieldManager: 'somebody' } as const;

let servers: RunningApiServer[] = [];
let clients: KubeClient[] = [];
let folder = '';
beforeEach(async () => {
  // The second one is a bare API server: nothing ends its namespaces.
  servers = await Promise.all([
    startApiServer({ tokens: [viewer] }),
    startApiServer({ tokens: [viewer], controllers: [] }),
  ]);
  clients = servers.map((server) => new KubeClient(loadKubeconfig({ text: server.kubeconfig() })));
  folder = await mkdtemp(join(tmpdir(), 'kasm-existing-'));
  for (const [index, server] of servers.entries()) await writeFile(file(index), server.kubeconfig());
});
afterEach(async () => {
  await Promise.all(clients.map(async (client) => client.close()));
  await Promise.all(servers.map(async (server) => server.close()));
  await rm(folder, { recursive: true });
});

const file = (index: number): string => join(folder, `${index}.yaml`);
const hub = (): KubeClient => clients[0] ?? expect.unreachable();
const member = (): KubeClient => clients[1] ?? expect.unreachable();

async function open(words: readonly string[], state = 'state'): Promise<ExistingClusters> {
  const options = parseUpOptions({ ...upDefaults, clusters: words, state }, folder);
  return ExistingClusters.open(options, layoutOf(options.state), new Narrator(() => undefined), never);
}

async function refusal(words: readonly string[]): Promise<string> {
  const opened = open(words);
  await expect(opened).rejects.toMatchObject({ name: expect.stringMatching(/^(ClusterRefused|User)Error$/) });
  return opened.then(
    () => '',
    (error: unknown) => String(error),
  );
}

async function contents(): Promise<string[]> {
  const found: string[] = [];
  for (const [index, client] of clients.entries()) {
    for (const kind of [builtin.Namespace, builtin.CustomResourceDefinition, builtin.ClusterRole, builtin.Secret]) {
      const { items } = await client.list(kind);
      found.push(...items.map(({ metadata }) => `${index} ${kind.kind} ${metadata.name}`));
    }
  }
  return found.toSorted();
}

test('clusters are adopted and left as they were, with and without a controller manager', async () => {
  const before = await contents();
  const clusters = await open([file(0), file(1)]);
  const token = await clusters.adopt(never);
  expect(token).not.toBe('');
  expect((await contents()).length).toBeGreaterThan(before.length + 2 * 4);
  for (const client of clients) await client.create(WasmCloudActor, actor(LATTICE));
  const metadata = { name: 'held', namespace: LATTICE, finalizers: [finalizers.placements] };
  await hub().create(WasmCloudDistribution, {
    metadata,
    spec: { actor: { id: 'x', image: 'file:///x' }, replicas: 1 },
  });
  expect(await clusters.clean()).toEqual([]);
  expect(await contents()).toEqual(before);
  await clusters.close();
});

const actor = (namespace: string): Draft => ({
  metadata: { name: 'x', namespace },
  spec: { hostName: 'x', id: 'x', image: 'file:///x', instances: 1 },
});

test('each account may do its own work and no more', async () => {
  const clusters = await open([file(0), file(1)]);
  await clusters.adopt(never);
  const folders = layoutOf(join(folder, 'state'));
  const host = new KubeClient(loadKubeconfig({ file: folders.cluster('us-1').account('host') }));
  await host.list(WasmCloudActor, { namespace: LATTICE });
  await expect(host.list(WasmCloudActor)).rejects.toThrow('forbidden');
  await expect(host.list(builtin.Secret)).rejects.toThrow('forbidden');
  await expect(host.delete(WasmCloudHost, 'x')).rejects.toThrow('forbidden');
  const scheduler = new KubeClient(loadKubeconfig({ file: folders.cluster('hub').account('scheduler') }));
  await expect(scheduler.list(builtin.Secret, { namespace: 'kube-system' })).rejects.toThrow('forbidden');
  const root = scheduler.as({ user: 'kubernetes-admin', groups: ['system:masters'] });
  await expect(root.list(builtin.Namespace)).rejects.toThrow('forbidden');
  const demo = scheduler.as({ user: `system:serviceaccount:${SYSTEM_NAMESPACE}:kasmcloud-demo` });
  await demo.list(WasmCloudActor, { namespace: LATTICE });
  await Promise.all([host, scheduler].map(async (client) => client.close()));
  await clusters.clean();
  await clusters.close();
});

test('what an earlier one left when it was killed is cleaned; another one’s is not touched', async () => {
  const before = await contents();
  const killed = await open([file(0), file(1)]);
  await killed.adopt(never);
  await killed.close();
  expect(await refusalOf(open([file(0), file(1)], 'elsewhere'))).toContain('has Namespace kasmcloud-system');
  const next = await open([file(0), file(1)]);
  await next.cleanLeftovers(never);
  expect(await contents()).toEqual(before);
  await next.close();
});

const refusalOf = async (opened: Promise<unknown>): Promise<string> =>
  opened.then(
    () => 'not refused',
    (error: unknown) => String(error),
  );

test('a definition of which somebody made objects stays, with them', async () => {
  const clusters = await open([file(0), file(1)]);
  await clusters.adopt(never);
  await member().create(builtin.Namespace, { metadata: { name: 'theirs' } });
  await member().create(WasmCloudActor, actor('theirs'));
  const [kept] = await clusters.clean();
  expect(kept).toContain('us-1 keeps CustomResourceDefinition wasmcloudactors.kasmcloud.io');
  expect(await member().delete(WasmCloudActor, 'x', 'theirs')).toBe(true);
  expect(await clusters.clean()).toEqual([]);
  await clusters.close();
});

test('definitions that somebody installed are used, and stay', async () => {
  await seedDefinitions(member(), never, kinds);
  const clusters = await open([file(0), file(1)]);
  await clusters.adopt(never);
  await clusters.clean();
  await clusters.close();
  const { items } = await member().list(builtin.CustomResourceDefinition);
  expect(items).toHaveLength(kinds.length);
});

type Definition = Draft & {
  spec: { scope: string; versions: { schema: { openAPIV3Schema: { required?: string[] } } }[] };
};
const foreign = [
  { field: 'spec.scope', change: ({ spec }: Definition) => void (spec.scope = 'Namespaced') },
  {
    field: 'spec.versions[0].schema.openAPIV3Schema.required',
    change: ({ spec }: Definition) => void delete spec.versions[0]?.schema.openAPIV3Schema.required,
  },
];
test.each(foreign)('a definition by somebody else that differs in $field is refused', async ({ field, change }) => {
  const theirs = structuredClone(toCrd(WasmCloudHost)) as unknown as Definition;
  change(theirs);
  await member().create(builtin.CustomResourceDefinition, theirs);
  const told = await refusal([file(0), file(1)]);
  expect(told).toContain('us-1 (https://127.0.0.1:');
  expect(told).toContain('wasmcloudhosts.kasmcloud.io that is not this version of KasmCloud');
  expect(told).toContain(field);
});

test('a name that somebody else uses is refused', async () => {
  await hub().apply(builtin.Namespace, { metadata: { name: LATTICE } }, own);
  await hub().apply(builtin.ClusterRole, { metadata: { name: 'kasmcloud-host' }, rules: [] }, own);
  const told = await refusal([file(0), file(1)]);
  expect(told).toContain('hub (https://127.0.0.1:');
  expect(told).toContain(`has Namespace ${LATTICE}, ClusterRole kasmcloud-host already`);
});

test('the same cluster twice is refused', async () => {
  expect(await refusal([file(0), file(1), file(0)])).toMatch(/us-1 .* is the same cluster as hub/);
});

test('without the rights of an administrator: every right that is missing is named', async () => {
  const admin = servers[1]?.adminToken ?? '';
  await writeFile(file(1), (await readFile(file(1), 'utf8')).replace(admin, viewer.token));
  const told = await refusal([file(0), file(1)]);
  expect(told).toContain(
    'does not let these credentials create customresourcedefinitions.apiextensions.k8s.io, namesp',
  );
  await writeFile(file(1), (await readFile(file(1), 'utf8')).replace(viewer.token, 'unknown'));
  expect(await refusal([file(0), file(1)])).toContain('does not accept the credentials');
});

/** A server that says nothing but this, in place of an API server. */
async function saying(answer: unknown): Promise<AsyncDisposable & { readonly kubeconfig: string }> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: kubeconfig(`http://127.0.0.1:${port}`, {}),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

const kubeconfig = (server: string, user: object, cluster: object = {}): string =>
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });

test('an old Kubernetes, and what is none, are refused', async () => {
  await using old = await saying({ major: '1', minor: '31+', gitVersion: 'v1.31.4-eks' });
  await writeFile(file(1), old.kubeconfig);
  expect(await refusal([file(0), file(1)])).toContain('is Kubernetes v1.31.4-eks; KasmCloud needs 1.32 or newer');
  await using other = await saying({ hello: 'world' });
  await writeFile(file(1), other.kubeconfig);
  expect(await refusal([file(0), file(1)])).toContain('not as a Kubernetes API server');
});

test('a cluster that does not answer is refused', async () => {
  await writeFile(file(1), kubeconfig('https://127.0.0.1:1', { token: 't' }));
  expect(await refusal([file(0), file(1)])).toMatch(/us-1 \(https:\/\/127\.0\.0\.1:1\) cannot be reached/);
});

const unsafe = [
  { user: { exec: { command: 'x' } }, told: ['users[0].user.exec', 'kubectl create token'] },
  { user: { 'auth-provider': { name: 'x' } }, told: ['users[0].user.auth-provider', 'kubectl create token'] },
  { user: { 'client-key': 'key.pem' }, told: ['users[0].user.client-key', '--raw --minify --flatten'] },
  { cluster: { 'insecure-skip-tls-verify': true }, told: ['insecure-skip-tls-verify', 'certificate-authority-data'] },
];
test.each(unsafe)('a member whose kubeconfig has $told.0 is refused, and told how to mend it', async (one) => {
  await writeFile(file(1), kubeconfig('https://127.0.0.1:1', one.user ?? {}, one.cluster));
  const told = await refusal([file(0), file(1)]);
  for (const part of [file(1), ...one.told]) expect(told).toContain(part);
});

test('the kubeconfig of a hub may name files', async () => {
  await writeFile(join(folder, 'token'), servers[0]?.adminToken ?? '');
  await writeFile(join(folder, 'ca.pem'), servers[0]?.caPem ?? '');
  const text = kubeconfig(servers[0]?.url ?? '', { tokenFile: 'token' }, { 'certificate-authority': 'ca.pem' });
  await writeFile(file(0), text);
  await writeFile(file(2), kubeconfig('https://127.0.0.1:1', { token: 't' }));
  expect(await refusal([file(0), file(1), file(2)])).toMatch(/us-1 .* cannot be reached/);
  expect(await refusal([`${file(0)}#nowhere`, file(1), file(2)])).toContain('has no entry named "nowhere"');
});

test('a file that is not there is named', async () => {
  expect(await refusal([file(0), file(7)])).toContain(`${file(7)} cannot be read`);
});
