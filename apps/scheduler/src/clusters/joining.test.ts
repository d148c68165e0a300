import {
  builtin,
  conditionTypes,
  fieldManagers,
  findCondition,
  memberKinds,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  type ClusterObject,
} from '@kasmcloud/kube-api';
import { joinCluster, MembershipError, setClusterUse } from '@kasmcloud/kube';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';
import { FickleProxy } from './fickle-proxy.fixture.ts';

const PATIENCE = 60_000;
const own = { fieldManager: fieldManagers.cli };

let world: Supercluster;
let other: TestApiServer;
let proxy: FickleProxy;
beforeAll(async () => {
  world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 1 } }, STEADY);
  other = await startTestApiServer({
    crds: memberKinds,
    tokens: [{ token: 'weak-token', user: 'weak', groups: [] }],
  });
  await other.namespace(SYSTEM_NAMESPACE);
  proxy = await FickleProxy.before(other);
  await world.scheduler();
}, 60_000);
afterAll(async () => {
  await world.close();
  await proxy.close();
  await other.close();
});

const cluster = (name: string): Promise<ClusterObject> => world.hub.client.get<ClusterObject>(WasmCloudCluster, name);

/** Waits until a condition of a cluster has a reason; gives its message. */
async function told(name: string, type: string, reason: string): Promise<string> {
  let message = '';
  await eventually(
    `${name} is ${type}=${reason}`,
    async () => {
      const found = findCondition((await cluster(name)).status?.conditions, type);
      expect(found?.reason).toBe(reason);
      message = found?.message ?? '';
    },
    PATIENCE,
  );
  return message;
}

const withToken = (token: string): string => other.kubeconfig().replace(other.adminToken, token);

async function leave(name: string): Promise<void> {
  await world.hub.client.delete(WasmCloudCluster, name);
  await eventually(
    `${name} has gone`,
    async () => expect(await world.hub.client.find(WasmCloudCluster, name)).toBeUndefined(),
    PATIENCE,
  );
}

describe('a kubeconfig', () => {
  test.each([
    { what: 'a program', field: 'exec', line: '{exec: {command: /bin/true}}' },
    { what: 'a provider', field: 'auth-provider', line: '{auth-provider: {name: gcp}}' },
    { what: 'a file', field: 'tokenFile', line: '{tokenFile: /etc/passwd}' },
    { what: 'a certificate file', field: 'client-certificate', line: '{client-certificate: /etc/passwd}' },
  ])('with $what is refused, by name of the field', async ({ field, line }) => {
    const kubeconfig = `{clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}], users: [{name: u, user: ${line}}],
      contexts: [{name: c, context: {cluster: c, user: u}}], current-context: c}`;
    await expect(joinCluster(world.hub.client, { name: 'bad', kubeconfig }, own)).rejects.toThrow(field);
    expect(await world.hub.client.find(WasmCloudCluster, 'bad')).toBeUndefined();
    // By plain kubectl nobody looks before: the scheduler does.
    const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
    await world.hub.client.create(builtin.Secret, { metadata: { name: 'bad', namespace: SYSTEM_NAMESPACE }, data });
    const spec = { kubeconfigSecret: { name: 'bad' } };
    await world.hub.client.create(WasmCloudCluster, { metadata: { name: 'bad' }, spec });
    expect(await told('bad', conditionTypes.reachable, 'KubeconfigRefused')).toContain(`users[0].user.${field}`);
    await leave('bad');
    await world.hub.client.delete(builtin.Secret, 'bad', SYSTEM_NAMESPACE);
  });

  test('that is not there, or none, is told', async () => {
    const spec = { kubeconfigSecret: { name: 'absent' } };
    await world.hub.client.create(WasmCloudCluster, { metadata: { name: 'lost' }, spec });
    expect(await told('lost', conditionTypes.reachable, 'KubeconfigMissing')).toContain('kasmcloud-system/absent');
    const data = { kubeconfig: Buffer.from('clusters: 3').toString('base64') };
    await world.hub.client.create(builtin.Secret, { metadata: { name: 'absent', namespace: SYSTEM_NAMESPACE }, data });
    await told('lost', conditionTypes.reachable, 'KubeconfigWrong');
    await leave('lost');
  });

  test('of a member that is in already makes no second one', async () => {
    const kubeconfig = world.members.get('eu-1')?.kubeconfig() ?? '';
    await joinCluster(world.hub.client, { name: 'again', kubeconfig }, own);
    expect(await told('again', conditionTypes.ready, 'SameCluster')).toContain('eu-1');
    await told('eu-1', conditionTypes.ready, 'HostsReady');
    await leave('again');
  });

  test('of the hub, twice, is one member', async () => {
    await joinCluster(world.hub.client, { name: 'self', kubeconfig: undefined }, own);
    await told('self', conditionTypes.ready, 'NoReadyHost');
    await joinCluster(world.hub.client, { name: 'self-2', kubeconfig: world.hub.kubeconfig() }, own);
    expect(await told('self-2', conditionTypes.ready, 'SameCluster')).toContain('self');
    await leave('self-2');
    await leave('self');
  });

  test('of another cluster may not take a name, nor a Secret of somebody else', async () => {
    const kubeconfig = other.kubeconfig();
    await eventually('the identity is told', async () =>
      expect((await cluster('eu-1')).status?.identity).toBeDefined(),
    );
    const joining = joinCluster(world.hub.client, { name: 'eu-1', kubeconfig, identity: 'another' }, own);
    await expect(joining).rejects.toThrow('is the name of another cluster');
    const metadata = { name: 'kubeconfig-taken', namespace: SYSTEM_NAMESPACE };
    await world.hub.client.create(builtin.Secret, { metadata, data: {} });
    await expect(joinCluster(world.hub.client, { name: 'taken', kubeconfig }, own)).rejects.toThrow(MembershipError);
  });
});

describe('a member', () => {
  test(
    'without rights says which, and is in as soon as it has them; credentials rotate',
    { timeout: 120_000 },
    async () => {
      await joinCluster(world.hub.client, { name: 'late', kubeconfig: withToken('weak-token') }, own);
      expect(await told('late', conditionTypes.ready, 'RightsMissing')).toContain('list wasmcloudactors.kasmcloud.io');
      await joinCluster(world.hub.client, { name: 'late', kubeconfig: withToken('no-such-token') }, own);
      await told('late', conditionTypes.reachable, 'CredentialsRefused');
      await joinCluster(world.hub.client, { name: 'late', kubeconfig: other.kubeconfig() }, own);
      await told('late', conditionTypes.reachable, 'Answering');
      await told('late', conditionTypes.ready, 'NoReadyHost');
      await leave('late');
      await eventually('its credentials have gone with it', async () => {
        expect(await world.hub.client.find(builtin.Secret, 'kubeconfig-late', SYSTEM_NAMESPACE)).toBeUndefined();
      });
    },
  );

  test('with older definitions, or none, says which', { timeout: 120_000 }, async () => {
    const name = `${WasmCloudActor.plural}.${WasmCloudActor.group}`;
    const definition = await other.client.get(builtin.CustomResourceDefinition, name);
    const old = JSON.parse(JSON.stringify(definition.spec), (key, value: unknown) =>
      key === 'secrets' ? undefined : value,
    );
    await other.client.patch(
      builtin.CustomResourceDefinition,
      name,
      undefined,
      [{ op: 'replace', path: '/spec', value: old }],
      {
        type: 'json',
      },
    );
    await joinCluster(world.hub.client, { name: 'old', kubeconfig: other.kubeconfig() }, own);
    expect(await told('old', conditionTypes.ready, 'DefinitionsOlder')).toContain('WasmCloudActor lacks spec.secrets');
    await other.client.delete(builtin.CustomResourceDefinition, name);
    expect(await told('old', conditionTypes.ready, 'DefinitionsMissing')).toContain(name);
    const { apiVersion, kind, spec } = definition;
    await other.client.create(builtin.CustomResourceDefinition, { apiVersion, kind, metadata: { name }, spec });
    await told('old', conditionTypes.ready, 'NoReadyHost');
    await leave('old');
  });

  test('that is slow, throttles or drops connections is still a member', { timeout: 180_000 }, async () => {
    await joinCluster(world.hub.client, { name: 'fickle', kubeconfig: proxy.kubeconfig }, own);
    await told('fickle', conditionTypes.ready, 'NoReadyHost');
    proxy.mood = { kind: 'slow', ms: 1_600 };
    expect(await told('fickle', conditionTypes.reachable, 'AnsweringSlowly')).toContain('ms to answer');
    proxy.mood = { kind: 'refusing', status: 429 };
    await told('fickle', conditionTypes.reachable, 'Throttling');
    proxy.mood = { kind: 'dropping' };
    await told('fickle', conditionTypes.reachable, 'Answering');
    proxy.mood = { kind: 'refusing', status: 503 };
    await told('fickle', conditionTypes.reachable, 'Unreachable');
    proxy.mood = { kind: 'good' };
    await told('fickle', conditionTypes.reachable, 'Answering');
    await leave('fickle');
  });

  test('that is drained keeps nothing; that leaves goes when it is empty', { timeout: 180_000 }, async () => {
    await world.join('us-1', 'us');
    await world.host('us-1', 'us-1-h1');
    await told('us-1', conditionTypes.ready, 'HostsReady');
    const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 4 };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
    const replicas = (wanted: Record<string, number>): Promise<void> =>
      eventually('replicas', async () => expect(await world.replicas('web')).toEqual(wanted), PATIENCE);
    await replicas({ 'eu-1-h1': 2, 'us-1-h1': 2 });
    await setClusterUse(world.hub.client, 'us-1', 'Draining', own);
    await replicas({ 'eu-1-h1': 4 });
    await told('us-1', conditionTypes.drained, 'Empty');
    await setClusterUse(world.hub.client, 'us-1', 'InUse', own);
    await told('us-1', conditionTypes.drained, 'InUse');
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 6 } }, { type: 'merge' });
    await replicas({ 'eu-1-h1': 4, 'us-1-h1': 2 });
    await setClusterUse(world.hub.client, 'eu-1', 'Cordoned', own);
    await world.hub.client.patch(WasmCloudDistribution, 'web', LATTICE, { spec: { replicas: 8 } }, { type: 'merge' });
    await replicas({ 'eu-1-h1': 4, 'us-1-h1': 4 });
    await setClusterUse(world.hub.client, 'eu-1', 'InUse', own);
    await leave('us-1');
    expect(await world.replicas('web')).toEqual({ 'eu-1-h1': 8 });
  });
});
