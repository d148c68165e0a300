import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import {
  builtin,
  conditionTypes,
  fieldManagers,
  finalizers,
  kinds,
  labels,
  setCondition,
  SYSTEM_NAMESPACE,
  taintKeys,
  WasmCloudCluster,
  type ClusterObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { join, type JoinFlags } from './join.ts';
import { list } from './list.ts';
import { drain, leave, setUse } from './use.ts';

const never = new AbortController().signal;
type Secret = KubeObject & { readonly data: { readonly kubeconfig: string } };

let hub: TestApiServer;
let member: TestApiServer;
let folder: string;
let said: string[];
beforeEach(async () => {
  [hub, member, folder] = await Promise.all([
    startTestApiServer({ crds: kinds }),
    startTestApiServer({ crds: [] }),
    mkdtemp(pathOf(tmpdir(), 'kasm-cluster-')),
  ]);
  await hub.namespace(SYSTEM_NAMESPACE);
  said = [];
  await writeFile(file('hub'), hub.kubeconfig());
  await writeFile(file('member'), member.kubeconfig());
});
afterEach(async () => {
  await Promise.all([hub.close(), member.close()]);
  await rm(folder, { recursive: true });
});

const file = (name: string): string => pathOf(folder, `${name}.yaml`);
const say = (line: string): void => void said.push(line);
const onHub = (): { kubeconfig: string } => ({ kubeconfig: file('hub') });
const waiting = { wait: true, timeout: '10' } as const;
const joinAs = (name: string, flags: Partial<JoinFlags>): Promise<void> =>
  join(name, { ...onHub(), ...flags }, say, never);
const cluster = (name: string): Promise<ClusterObject> => hub.client.get<ClusterObject>(WasmCloudCluster, name);

const members = async (): Promise<string[]> =>
  (await hub.client.list(WasmCloudCluster)).items.map(({ metadata }) => metadata.name);

async function refusal(work: Promise<void>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error instanceof UserError ? error.message : '';
}

test('join --install gives the member what it needs, and the hub an account with just its rights', async () => {
  await joinAs('eu-1', {
    clusterKubeconfig: file('member'),
    install: true,
    lattices: 'shop',
    region: 'eu',
    labels: 'tier=gold,disk=ssd',
    secrets: 'Carry',
  });
  const { spec } = await cluster('eu-1');
  expect(spec).toEqual({
    kubeconfigSecret: { name: 'kubeconfig-eu-1' },
    region: 'eu',
    labels: { tier: 'gold', disk: 'ssd' },
    secrets: 'Carry',
  });
  const secret = await hub.client.get<Secret>(builtin.Secret, 'kubeconfig-eu-1', SYSTEM_NAMESPACE);
  const text = Buffer.from(secret.data.kubeconfig, 'base64').toString('utf8');
  expect(text).not.toContain(member.adminToken);
  const account = new KubeClient(loadKubeconfig({ text, untrusted: true }));
  await account.create(builtin.ConfigMap, { metadata: { name: 'a', namespace: 'shop' } });
  await expect(account.list(builtin.Secret, { namespace: SYSTEM_NAMESPACE })).rejects.toThrow('403');
  await expect(account.create(builtin.ConfigMap, { metadata: { name: 'a', namespace: 'default' } })).rejects.toThrow(
    '403',
  );
  await account.close();
  // Again: new credentials for the same member.
  await joinAs('eu-1', { clusterKubeconfig: file('member'), install: true });
  expect((await cluster('eu-1')).spec.kubeconfigSecret).toEqual({ name: 'kubeconfig-eu-1' });
});

test('of a kubeconfig with many clusters only one is passed on', async () => {
  await joinAs('first', { clusterKubeconfig: file('member'), install: true });
  const many = loadKubeconfig({ text: member.kubeconfig() });
  expect(many.server).toBe(member.target.server);
  const others = '\n  - {name: other, user: {token: somebody-else}}\n';
  const text = (await readFile(file('member'), 'utf8')).replace(/\nusers:\n/, `\nusers:${others}`);
  expect(text).toContain('somebody-else');
  await writeFile(file('many'), text);
  await joinAs('eu-1', { clusterKubeconfig: file('many') });
  const secret = await hub.client.get<Secret>(builtin.Secret, 'kubeconfig-eu-1', SYSTEM_NAMESPACE);
  expect(Buffer.from(secret.data.kubeconfig, 'base64').toString('utf8')).not.toContain('somebody-else');
});

describe('refuses, and writes nothing,', () => {
  test.each([
    { field: 'users[0].user.exec', user: '{exec: {command: /bin/true}}', server: '' },
    { field: 'users[0].user.auth-provider', user: '{auth-provider: {name: gcp}}', server: '' },
    { field: 'users[0].user.client-key', user: '{client-key: /etc/key}', server: '' },
    { field: 'clusters[0].cluster.insecure-skip-tls-verify', user: '{}', server: ', insecure-skip-tls-verify: true' },
    { field: 'clusters[0].cluster.certificate-authority', user: '{}', server: ', certificate-authority: /etc/ca' },
  ])('a kubeconfig with $field', async ({ field, user, server }) => {
    const text = `{clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'${server}}}], users: [{name: u, user: ${user}}],
      contexts: [{name: c, context: {cluster: c, user: u}}], current-context: c}`;
    await writeFile(file('bad'), text);
    for (const install of [false, true])
      expect(await refusal(joinAs('eu-1', { clusterKubeconfig: file('bad'), install }))).toContain(field);
    expect(await members()).toEqual([]);
  });

  test('a cluster without our definitions', async () => {
    const message = await refusal(joinAs('eu-1', { clusterKubeconfig: file('member') }));
    expect(message).toContain('wasmcloudhosts.kasmcloud.io');
    expect(message).toContain('--install');
    expect(await members()).toEqual([]);
  });

  test('credentials of another cluster', async () => {
    await writeFile(file('wrong'), member.kubeconfig().replace(member.adminToken, 'wrong'));
    expect(await refusal(joinAs('eu-1', { clusterKubeconfig: file('wrong') }))).toContain(
      'does not accept the credentials',
    );
  });

  test.each([
    { what: 'neither kind of access', flags: {}, told: '--in-cluster' },
    { what: 'a file that is not there', flags: { clusterKubeconfig: '/nowhere.yaml' }, told: 'cannot be read' },
    { what: '--lattices alone', flags: { inCluster: true, lattices: 'shop' }, told: '--install' },
    { what: 'labels that are none', flags: { inCluster: true, labels: 'gold' }, told: '--labels' },
  ])('$what', async ({ flags, told }) => {
    expect(await refusal(joinAs('eu-1', flags))).toContain(told);
    expect(await members()).toEqual([]);
  });

  test('a name that is none', async () => {
    expect(await refusal(joinAs('EU_1', { inCluster: true }))).toContain('"EU_1"');
  });
});

test('a namespace that was there before is no lattice unless somebody says so', async () => {
  await member.namespace('shop');
  const flags = { clusterKubeconfig: file('member'), install: true, lattices: 'shop' };
  expect(await refusal(joinAs('eu-1', flags))).toContain(`kubectl label namespace shop ${labels.lattice}=`);
});

test('cordon, drain, uncordon', async () => {
  await joinAs('self', { inCluster: true });
  await setUse('self', 'Cordoned', onHub(), say, never);
  expect((await cluster('self')).spec).toEqual({ inCluster: true, unschedulable: true });
  const draining = drain('self', { ...onHub(), ...waiting }, say, never);
  await expect
    .poll(async () => (await cluster('self')).spec.taints)
    .toEqual([{ key: taintKeys.drain, effect: 'NoExecute' }]);
  const tell = async (status: 'True' | 'False', reason: string, message: string): Promise<void> => {
    const { generation = 0 } = (await cluster('self')).metadata;
    const told = { type: conditionTypes.drained, status, reason, message, observedGeneration: generation };
    const conditions = setCondition([], told, new Date().toISOString());
    await hub.client.patchStatus(WasmCloudCluster, { metadata: { name: 'self' } }, { conditions });
  };
  await tell('False', 'Draining', 'still placed here: shop/web');
  await expect.poll(() => said).toContain('still placed here: shop/web');
  await tell('True', 'Empty', '');
  await draining;
  expect(said.at(-1)).toBe('self is empty');
  await setUse('self', 'InUse', onHub(), say, never);
  expect((await cluster('self')).spec).toEqual({ inCluster: true });
  expect(await refusal(setUse('nobody', 'InUse', onHub(), say, never))).toContain('there is no cluster nobody');
});

test('leave waits until the scheduler lets it go; --now does not', async () => {
  await joinAs('self', { inCluster: true });
  const hold = { metadata: { finalizers: [finalizers.cluster] } };
  await hub.client.patch(WasmCloudCluster, 'self', undefined, hold, {
    type: 'merge',
    fieldManager: fieldManagers.scheduler,
  });
  expect(await refusal(leave('self', { ...onHub(), wait: true, timeout: '0.5' }, say, never))).toContain(
    'is not empty',
  );
  expect(await refusal(joinAs('self', { inCluster: true }))).toContain('is leaving');
  await leave('self', { ...onHub(), ...waiting, now: true }, say, never);
  expect(await hub.client.find(WasmCloudCluster, 'self')).toBeUndefined();
  expect(await refusal(leave('self', { ...onHub(), ...waiting }, say, never))).toContain('there is no cluster self');
});

test('list shows how the members are', async () => {
  await list({ ...onHub(), output: 'table' }, say, never);
  expect(said).toEqual(['no cluster has joined']);
  await joinAs('self', { inCluster: true, region: 'eu' });
  said = [];
  await list({ ...onHub(), output: 'table' }, say, never);
  expect(
    said
      .join('\n')
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['NAME', 'REGION', 'REACHABLE', 'READY', 'HOSTS', 'USE', 'VERSION'],
    ['self', 'eu', 'Unknown (Pending)', 'Unknown (Pending)', '0/0', 'in use', '-'],
  ]);
  said = [];
  await list({ ...onHub(), output: 'json' }, say, never);
  expect(JSON.parse(said.join(''))).toMatchObject({ items: [{ metadata: { name: 'self' } }] });
});
