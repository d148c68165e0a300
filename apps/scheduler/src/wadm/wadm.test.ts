import {
  Application,
  builtin,
  fieldManagers,
  labels,
  SYSTEM_NAMESPACE,
  type ApplicationObject,
} from '@kasmcloud/kube-api';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { readWadmManifest } from '@kasmcloud/testing';
import { wadmSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiWorld, grantLattice, LATTICE } from '../api.fixture.ts';
import { eventually } from '../supercluster.fixture.ts';
import { manifest } from '../applications/manifest.fixture.ts';

let world: ApiWorld;
let client: LatticeConnection;
beforeAll(async () => {
  world = await ApiWorld.start();
  client = await connectLattice({ servers: world.nats.url, name: 'wash' });
  await eventually('the API answers', async () => void (await ask('list')));
}, 60_000);
afterAll(async () => {
  await client.close();
  await world.close();
});

interface Reply {
  readonly result?: string;
  readonly message?: string;
  readonly [field: string]: unknown;
}

async function request(
  subject: string,
  body: string | Uint8Array = '',
  headers: Record<string, string> = {},
): Promise<Reply> {
  const data = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const answer = await client.request(subject, data, { timeoutMs: 10_000, headers });
  return JSON.parse(new TextDecoder().decode(answer.data)) as Reply;
}
const ask = (operation: string, name?: string, body: string | Uint8Array = '', lattice = LATTICE): Promise<Reply> =>
  request(wadmSubject.request(lattice, operation, name), body);
const heard = async (subject: string): Promise<() => { subject: string; body: Reply }[]> => {
  const messages: { subject: string; body: Reply }[] = [];
  client.subscribe(subject, ({ subject: told, data }) =>
    messages.push({ subject: told, body: JSON.parse(new TextDecoder().decode(data)) as Reply }),
  );
  await client.flush({ timeoutMs: 2_000 });
  return () => messages;
};

test('an application goes through its life as wash sends it', async () => {
  expect(await ask('put', undefined, manifest({ name: 'life', version: 'v1' }))).toEqual({
    result: 'created',
    total_versions: 1,
    current_version: 'v1',
    message: 'Successfully put manifest life ',
    name: 'life',
  });
  expect(await ask('put', undefined, manifest({ name: 'life', version: 'v2', instances: 3 }))).toMatchObject({
    result: 'newversion',
    total_versions: 2,
    current_version: 'v2',
    message: 'Successfully put manifest life v1',
  });
  expect(await ask('status', 'life')).toEqual({
    result: 'ok',
    message: 'Successfully fetched status for application life',
    status: {
      status: { type: 'undeployed', message: 'Manifest has been undeployed' },
      version: '',
      components: [],
    },
  });
  expect(await ask('deploy', 'life', '{"version":"v1"}')).toEqual({
    result: 'acknowledged',
    message: 'Successfully deployed application life v1',
    name: 'life',
    version: 'v1',
  });
  expect(await ask('get')).toMatchObject({
    result: 'success',
    message: 'Successfully fetched list of applications',
    models: [{ name: 'life', version: 'v2', description: 'says hello', deployed_version: 'v1' }],
  });
  const bare = (await ask('list')) as unknown;
  expect(bare).toMatchObject([{ name: 'life', detailed_status: { version: '', components: [] } }]);
  expect(await ask('get', 'life')).toMatchObject({
    result: 'success',
    message: 'Successfully fetched application life',
    manifest: { metadata: { annotations: { version: 'v2' } } },
  });
  expect(await ask('get', 'life', '{"version":"v1"}')).toMatchObject({
    message: 'Successfully fetched application life v1',
    manifest: { metadata: { annotations: { version: 'v1' } } },
  });
  expect(await ask('versions', 'life')).toEqual({
    result: 'success',
    message: 'Successfully fetched versions for application life',
    versions: [
      { version: 'v1', deployed: true },
      { version: 'v2', deployed: false },
    ],
  });
  await expect
    .poll(async () => ask('status', 'life'))
    .toMatchObject({
      status: { status: { type: 'reconciling' }, scalers: [{ kind: 'SpreadScaler', name: 'life-http' }] },
    });

  // A version that is not there ends nothing.
  expect(await ask('del', 'life', '{"version":"v9"}')).toEqual({
    result: 'noop',
    message: "Application version v9 doesn't exist",
    undeploy: false,
  });
  expect(await ask('undeploy', 'life')).toEqual({
    result: 'acknowledged',
    message: 'Successfully undeployed application life',
    name: 'life',
    version: null,
  });
  expect((await ask('undeploy', 'life', '{}')).message).toBe('Application life was already undeployed');
  expect(await ask('deploy', 'life')).toMatchObject({ version: 'v2' });
  expect(await ask('del', 'life', '{"version":"v2"}')).toEqual({
    result: 'deleted',
    message: 'Successfully deleted version v2 of application life',
    undeploy: true,
  });
  expect(await ask('del', 'life', '{"version":"v1"}')).toEqual({
    result: 'deleted',
    message: 'Successfully deleted last version of application life',
    undeploy: true,
  });
  expect(await ask('del', 'life')).toEqual({
    result: 'noop',
    message: "Application life doesn't exist or was already deleted",
    undeploy: false,
  });
});

test('an equal manifest may be put again, another one under its version may not', async () => {
  await ask('put', undefined, manifest({ name: 'again', version: 'v1' }));
  expect(await ask('put', undefined, manifest({ name: 'again', version: 'v1' }))).toMatchObject({ total_versions: 1 });
  expect(await ask('put', undefined, manifest({ name: 'again', version: 'v1', instances: 9 }))).toMatchObject({
    result: 'error',
    message: 'Manifest version v1 already exists',
  });
  const subject = wadmSubject.request(LATTICE, 'put');
  const json = JSON.stringify({
    apiVersion: 'core.oam.dev/v1beta1',
    kind: 'Application',
    metadata: { name: 'json', annotations: {} },
    spec: { components: [{ name: 'a', type: 'actor', properties: { image: 'file:///a.wasm' } }] },
  });
  const put = await request(subject, json, { 'Content-Type': 'application/json' });
  expect(put).toMatchObject({ result: 'created' });
  expect(put['current_version']).toMatch(/^[0-9A-Z]{26}$/);
  expect(await request(subject, json, { 'Content-Type': 'text/plain' })).toMatchObject({
    message: 'Unable to parse manifest: Unsupported content type text/plain given. Wadm supports YAML and JSON',
  });
});

test('everything that validation finds is told, each with its place', async () => {
  const body = await readWadmManifest('dangling-link.wadm.yaml');
  const reply = await ask('put', undefined, body.replace('name: hello\n', 'name: httpserver\n'));
  expect(reply).toMatchObject({ result: 'error', total_versions: 0, name: '' });
  const failures = reply['failures'] as { level: string; msg: string; line: number; column: number }[];
  expect(failures.map(({ level, msg }) => [level, msg.replace(/[:([].*/, '')])).toEqual([
    ['Error', 'Duplicate component name in manifest'],
    ['Error', 'The following capability component'],
    ['Warning', 'link '],
    ['Warning', 'link '],
  ]);
  for (const { level, msg, line, column } of failures) {
    expect(body.split('\n')[line - 1]?.length).toBeGreaterThanOrEqual(column);
    expect(reply.message).toContain(`[${level.toLowerCase()}]`);
    expect(reply.message).toContain(`${msg} (line ${line}, column ${column})`);
  }
  const warned = await ask('put', undefined, await readWadmManifest('misnamed-interface.wadm.yaml'));
  expect(warned).toMatchObject({
    result: 'created',
    failures: [{ level: 'Warning', msg: 'unrecognized interface [wasi:keyvalue/atomic]' }],
  });
});

test('writes are those of the lattice account, and what git owns is refused', async () => {
  await ask('put', undefined, manifest({ name: 'mine', version: 'v1' }));
  await ask('deploy', 'mine');
  const { metadata } = await world.hub.client.get<ApplicationObject>(Application, 'mine', LATTICE);
  expect(JSON.stringify(metadata.managedFields)).toContain(fieldManagers.wadm);
  const git = { name: 'from-git', namespace: LATTICE, labels: { [labels.gitSource]: 'repo' } };
  await world.hub.client.create(Application, { metadata: git, spec: { components: [] } });
  expect(await ask('deploy', 'from-git')).toMatchObject({
    result: 'error',
    message: expect.stringContaining('belongs to GitSource repo'),
    name: 'from-git',
    version: null,
  });
});

describe('no lattice', () => {
  const refused = { result: 'error', message: expect.stringContaining('There is no lattice plain') };

  test('a namespace without the label is not reached', async () => {
    expect(await ask('put', undefined, manifest(), 'plain')).toMatchObject(refused);
    expect(await ask('get', undefined, '', 'plain')).toMatchObject({ ...refused, models: [] });
    expect(await ask('versions', 'x', '', 'plain')).toMatchObject({ ...refused, versions: [] });
    expect(await ask('list', undefined, '', 'NoSuch')).toMatchObject({ result: 'error' });
  });

  test.for(['kube-mine', SYSTEM_NAMESPACE])('nor is %s, with the label and all rights', async (name) => {
    const { client } = world.hub;
    const labelled = { metadata: { name, labels: { [labels.lattice]: '' } } };
    await client.apply(builtin.Namespace, labelled, { fieldManager: 'test', force: true });
    await grantLattice(client, name);
    const message = expect.stringContaining(`There is no lattice ${name}`);
    expect(await ask('put', undefined, manifest(), name)).toMatchObject({ result: 'error', message });
    expect((await client.list(Application, { namespace: name })).items).toEqual([]);
  });

  test('a lattice whose account has no rights is not reached either, until it has them', async () => {
    await world.hub.namespace('locked', { [labels.lattice]: '' });
    expect(await ask('put', undefined, manifest(), 'locked')).toMatchObject({
      result: 'error',
      message: expect.stringContaining('User "system:serviceaccount:locked:kasmcloud-lattice" cannot update'),
    });
    await world.hub.namespace('open', { [labels.lattice]: '' });
    await grantLattice(world.hub.client, 'open');
    expect(await ask('put', undefined, manifest(), 'open')).toMatchObject({ result: 'created' });
    expect((await world.hub.client.list(builtin.ControllerRevision, { namespace: 'locked' })).items).toEqual([]);
  });
});

test('status and events are told, whoever wrote', async () => {
  const statuses = await heard(`wadm.status.${LATTICE}.told`);
  const events = await heard(`wadm.evt.${LATTICE}.>`);
  const path = `/api/v1/namespaces/${LATTICE}/applications/told`;
  await world.ask('PUT', path, { type: 'application/yaml', body: manifest({ name: 'told', version: 'v1' }) });
  const ofTold = (): Reply[] =>
    events()
      .map(({ body }) => body)
      .filter((body) => JSON.stringify(body).includes('"told"'));
  await expect.poll(() => ofTold().map((body) => body['type'])).toEqual(['com.wadm.manifest_published']);
  expect(ofTold()[0]).toMatchObject({ source: 'wadm', specversion: '1.0', data: { metadata: { name: 'told' } } });
  await expect
    .poll(() => statuses().map(({ body }) => (body['status'] as { type: string }).type))
    .toContain('reconciling');
  await world.ask('DELETE', path);
  await expect
    .poll(() => ofTold().at(-1))
    .toMatchObject({ type: 'com.wadm.manifest_unpublished', data: { name: 'told' } });
});

const bad: { name: string; subject: string; body?: string | Uint8Array; want: string }[] = [
  {
    name: 'another category',
    subject: 'wadm.api.shop.thing.put',
    want: 'Invalid subject: Expected to find API category',
  },
  { name: 'no operation', subject: 'wadm.api.shop.model', want: 'Invalid subject: Expected to find operation' },
  {
    name: 'a name with a dot',
    subject: 'wadm.api.shop.model.get.a.b',
    want: 'Invalid subject: Found extra components',
  },
  {
    name: 'put with a name',
    subject: 'wadm.api.shop.model.put.x',
    want: 'Unsupported subject: wadm.api.shop.model.put.x',
  },
  { name: 'deploy without one', subject: 'wadm.api.shop.model.deploy', want: 'Unsupported subject' },
  { name: 'an operation of tomorrow', subject: 'wadm.api.shop.model.explode.x', want: 'Unsupported subject' },
  { name: 'history', subject: 'wadm.api.shop.model.history.x', want: 'not currently supported' },
  { name: 'an empty manifest', subject: 'wadm.api.shop.model.put', want: 'Unable to parse manifest' },
  {
    name: 'bytes',
    subject: 'wadm.api.shop.model.put',
    body: new Uint8Array([0, 255, 1]),
    want: 'Unable to parse manifest',
  },
  {
    name: 'the version latest',
    subject: 'wadm.api.shop.model.put',
    body: manifest({ version: 'latest' }),
    want: 'latest is not allowed in wadm',
  },
  {
    name: 'a name for NATS only',
    subject: 'wadm.api.shop.model.put',
    body: manifest({ name: 'My_App' }),
    want: 'lower case letters, digits',
  },
  {
    name: 'weights of nothing',
    subject: 'wadm.api.shop.model.put',
    body: `${manifest()}            spread: [{name: a, requirements: {z: a}, weight: 0}]\n`,
    want: 'weight',
  },
  {
    name: 'a link that wadm dies of',
    subject: 'wadm.api.shop.model.put',
    body: `${manifest()}        - type: link\n          properties: {namespace: 1, package: [], interfaces: {}, name: null, target: http}\n`,
    want: 'spec.components[0].traits[1]',
  },
  {
    name: 'a version request that is no JSON',
    subject: 'wadm.api.shop.model.deploy.again',
    body: 'no',
    want: 'Unable to parse deploy application request',
  },
  {
    name: 'a version that is no text',
    subject: 'wadm.api.shop.model.get.again',
    body: '{"version":1}',
    want: 'Unable to parse get application request',
  },
  {
    name: 'an unknown version',
    subject: 'wadm.api.shop.model.deploy.again',
    body: '{"version":"v9"}',
    want: "does not have a version 'v9' to deploy",
  },
  {
    name: 'a manifest of another namespace',
    subject: 'wadm.api.shop.model.put',
    body: manifest().replace('metadata:', 'metadata:\n  namespace: kube-system'),
    want: 'metadata.namespace',
  },
];

test.for(bad)('$name is answered with an error', async ({ subject, body, want }) => {
  const reply = await request(subject, body);
  expect(reply.result).toBe('error');
  expect(reply.message).toContain(want);
});

test('what is not there is told as wadm tells it', async () => {
  expect(await ask('get', 'none')).toEqual({ result: 'notfound', message: 'Application with the name none not found' });
  expect(await ask('versions', 'none')).toMatchObject({ result: 'notfound', versions: [] });
  expect(await ask('deploy', 'none')).toMatchObject({ result: 'notfound', name: 'none', version: null });
  expect(await ask('undeploy', 'none')).toMatchObject({ result: 'notfound' });
  expect(await ask('status', 'none')).toEqual({
    result: 'ok',
    message: 'Successfully fetched status for application none',
    status: { status: { type: 'undeployed' }, version: '', components: [] },
  });
});

test('a request that wants no answer gets none, and harms nobody', async () => {
  client.publish(wadmSubject.request(LATTICE, 'put'), new TextEncoder().encode('{'));
  client.publish(wadmSubject.request(LATTICE, 'get'), undefined, { reply: 'somebody.elses.subject' });
  expect(await ask('get')).toMatchObject({ result: 'success' });
});

test('the API comes back with its NATS server', async () => {
  await world.nats.stop('SIGKILL');
  expect((await world.ask('GET', '/readyz', { token: null })).status).toBe(200);
  await world.nats.restart();
  await client.connected({ timeoutMs: 10_000 });
  await expect.poll(async () => ask('get').catch(() => ({}))).toMatchObject({ result: 'success' });
});
