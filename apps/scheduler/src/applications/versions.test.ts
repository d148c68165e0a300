import {
  annotations,
  Application,
  builtin,
  fieldManagers,
  GitSource,
  labels,
  WasmCloudDistribution,
  type ApplicationObject,
  type DistributionObject,
  type GitSourceObject,
  type Kind,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { Store } from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { manifest as yaml, type ManifestOptions } from './manifest.fixture.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { manifestOf } from './stored-application.ts';
import { TakenIds } from './taken-ids.ts';
import { ApplicationVersions, type Writer } from './versions.ts';

const signal = new AbortController().signal;
let hub: TestApiServer;
let versions: ApplicationVersions;
let writer: Writer;
let namespace: string;
let fresh = 0;
const sources = new Map<string, GitSourceObject>();
const stores: { close(): Promise<void> }[] = [];
let ids: TakenIds;
let distributions: Store<DistributionObject>;

beforeAll(async () => {
  hub = await startTestApiServer({ crds: [Application, WasmCloudDistribution, GitSource] });
  writer = { hub: hub.client, fieldManager: fieldManagers.rest, force: false };
  distributions = openStore<DistributionObject>(WasmCloudDistribution);
  ids = new TakenIds({
    applications: openStore<ApplicationObject>(Application),
    distributions,
    steady: () => performance.now(),
  });
}, 30_000);
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await hub.close();
});

function openStore<T extends KubeObject>(kind: Kind): Store<T> {
  const { client } = hub;
  const onError = (): void => undefined;
  const options = { client, kind, clock: systemClock, random: Math.random, onError };
  const store = new Store<T>({ ...options, keep: (object) => object as T });
  stores.push(store);
  return store;
}
beforeEach(async () => {
  namespace = `n${++fresh}`;
  await hub.namespace(namespace);
  versions = new ApplicationVersions({
    own: hub.client,
    sourceOf: (key) => sources.get(key),
    ids,
    freshVersion: () => `fresh-${++fresh}`,
    historyLimit: 3,
  });
});

function read(options: ManifestOptions = {}, text = yaml(options)): Manifest {
  const answer = readManifest(text, { namespace });
  if (answer.kind === 'refused') throw new Error(answer.problems.map(({ message }) => message).join('\n'));
  return answer.manifest;
}
const put = (options: ManifestOptions = {}): ReturnType<ApplicationVersions['put']> =>
  versions.put(writer, namespace, read(options), signal);
const which = (): { namespace: string; name: string } => ({ namespace, name: 'hello' });
const found = async (): Promise<{ order: readonly string[]; deployed: string | undefined } | undefined> =>
  (await versions.find(which(), signal))?.versions;
const object = (): Promise<ApplicationObject> => hub.client.get<ApplicationObject>(Application, 'hello', namespace);

test('a version is put, deployed, undeployed and deleted', async () => {
  expect(await put({ version: 'v1' })).toMatchObject({
    kind: 'put',
    version: 'v1',
    previous: undefined,
    changed: true,
  });
  expect(await found()).toEqual({ order: ['v1'], deployed: undefined });
  expect((await object()).spec.components).toEqual([]);

  expect(await versions.deploy(writer, which(), undefined, signal)).toEqual({ kind: 'deployed', version: 'v1' });
  expect(await object()).toMatchObject({
    metadata: { annotations: { [annotations.version]: 'v1', [annotations.description]: 'says hello' } },
    spec: { components: [{ name: 'http' }] },
  });
  const deployedAs = (await object()).metadata.resourceVersion;
  await versions.deploy(writer, which(), 'latest', signal);
  expect((await object()).metadata.resourceVersion).toBe(deployedAs);

  expect(await put({ version: 'v2', instances: 3 })).toMatchObject({ previous: 'v1' });
  await versions.deploy(writer, which(), 'v2', signal);
  expect(await found()).toEqual({ order: ['v1', 'v2'], deployed: 'v2' });

  expect(await versions.undeploy(writer, which(), signal)).toEqual({ kind: 'undeployed', was: 'v2' });
  expect(await versions.undeploy(writer, which(), signal)).toEqual({ kind: 'undeployed', was: undefined });
  expect((await object()).metadata.annotations ?? {}).toEqual({});
  expect(await found()).toEqual({ order: ['v1', 'v2'], deployed: undefined });

  expect(await versions.remove(writer, which(), 'v9', signal)).toEqual({ kind: 'noSuchVersion', version: 'v9' });
  expect(await versions.remove(writer, which(), 'v2', signal)).toEqual({
    kind: 'removed',
    undeployed: false,
    last: false,
  });
  expect(await versions.remove(writer, which(), 'v1', signal)).toEqual({
    kind: 'removed',
    undeployed: false,
    last: true,
  });
  expect(await versions.find(which(), signal)).toBeUndefined();
  expect(await versions.remove(writer, which(), undefined, signal)).toEqual({ kind: 'notFound' });
});

test('deleting the deployed version ends what runs, deleting one that is not there does not', async () => {
  await put({ version: 'v1' });
  await put({ version: 'v2', instances: 5 });
  await versions.deploy(writer, which(), 'v1', signal);
  await versions.remove(writer, which(), 'nothing', signal);
  expect((await found())?.deployed).toBe('v1');
  expect(await versions.remove(writer, which(), 'v1', signal)).toMatchObject({ undeployed: true, last: false });
  expect((await object()).spec.components).toEqual([]);
  expect(await found()).toEqual({ order: ['v2'], deployed: undefined });
});

test('the same manifest again is no new version, another one under its version is refused', async () => {
  await put({ version: 'v1' });
  expect(await put({ version: 'v1' })).toMatchObject({ kind: 'put', changed: false });
  expect(await put({ version: 'v1', instances: 9 })).toEqual({ kind: 'versionTaken', version: 'v1' });
  const nameless = await put({ instances: 9 });
  expect(nameless).toMatchObject({ kind: 'put', changed: true });
  expect(await put({ instances: 9 })).toMatchObject({
    changed: false,
    version: 'version' in nameless && nameless.version,
  });
  expect((await found())?.order).toHaveLength(2);
});

test('old versions go, the deployed one stays', async () => {
  await put({ version: 'v1' });
  await versions.deploy(writer, which(), 'v1', signal);
  for (const version of ['v2', 'v3', 'v4']) await put({ version, instances: Number(version.slice(1)) });
  expect(await put({ version: 'v5' })).toMatchObject({ versions: { order: ['v1', 'v4', 'v5'] } });
  expect(await found()).toEqual({ order: ['v1', 'v4', 'v5'], deployed: 'v1' });
});

test('writers at the same time lose nothing', async () => {
  versions = new ApplicationVersions({
    own: hub.client,
    sourceOf: () => undefined,
    ids,
    freshVersion: () => `f${++fresh}`,
  });
  const names = ['v1', 'v2', 'v3', 'v4'];
  const answers = await Promise.all(names.map((version, i) => put({ version, instances: i + 1 })));
  expect(answers.map(({ kind }) => kind)).toEqual(names.map(() => 'put'));
  expect((await found())?.order.toSorted()).toEqual(names);
  const same = await Promise.all(names.map(() => put({ version: 'equal', instances: 7 })));
  expect(same.map(({ kind }) => kind)).toEqual(names.map(() => 'put'));
  await Promise.all(names.map((version) => versions.deploy(writer, which(), version, signal)));
  const { deployed = '' } = (await found()) ?? {};
  expect((await object()).spec.components[0]?.traits?.[0]?.properties).toEqual({
    instances: names.indexOf(deployed) + 1,
  });
});

test('what kubectl deployed counts as a version, and belongs to kubectl until it is taken over', async () => {
  const { spec } = read();
  const draft = { metadata: { namespace, name: 'hello' }, spec };
  await hub.client.apply(Application, draft, { fieldManager: 'kubectl' });
  expect(await found()).toEqual({ order: ['generation-1'], deployed: 'generation-1' });
  const refused = await put({ version: 'v2', instances: 5 });
  expect(refused).toMatchObject({ kind: 'owned', message: expect.stringContaining('is written by kubectl') });

  writer = { ...writer, force: true };
  await put({ version: 'v2', instances: 5 });
  await versions.deploy(writer, which(), 'v2', signal);
  writer = { ...writer, force: false };
  expect(await found()).toEqual({ order: ['generation-1', 'v2'], deployed: 'v2' });
  await versions.deploy(writer, which(), 'generation-1', signal);
  expect((await object()).spec).toEqual(spec);
});

test('a spec that changed under the same version is what that version means from then on', async () => {
  await put({ version: 'v1' });
  await versions.deploy(writer, which(), 'v1', signal);
  const { spec } = read({ instances: 8 });
  await hub.client.patch(
    Application,
    'hello',
    namespace,
    { spec },
    { type: 'merge', fieldManager: fieldManagers.wadm },
  );
  await versions.undeploy(writer, which(), signal);
  const stored = await versions.find(which(), signal);
  expect(stored && manifestOf(stored, 'v1')?.spec).toEqual(spec);
});

test('what git owns is refused with repository, path and commit, also with force', async () => {
  const metadata = {
    namespace,
    name: 'hello',
    labels: { [labels.gitSource]: 'main' },
    annotations: { [annotations.gitOrigin]: 'https://user:secret@git.example/shop.git apps/hello.yaml' },
  };
  await hub.client.create(Application, { metadata, spec: read().spec });
  sources.set(`${namespace}/main`, { status: { lastAppliedRevision: 'main@sha1:abc' } } as GitSourceObject);
  const forced = { ...writer, force: true };
  for (const answer of [
    await versions.put(forced, namespace, read({ version: 'v2' }), signal),
    await versions.deploy(forced, which(), undefined, signal),
    await versions.undeploy(forced, which(), signal),
    await versions.remove(forced, which(), undefined, signal),
  ]) {
    expect(answer).toMatchObject({ kind: 'owned', message: expect.stringMatching(/GitSource main/) });
    const { message } = answer as { message: string };
    expect(message).toContain('git.example/shop.git apps/hello.yaml at main@sha1:abc');
    expect(message).not.toContain('secret');
  }
});

test("an id of the lattice is one application's, and shared components must be there", async () => {
  const spec = { actor: { id: 'hello-http', image: 'file:///other.wasm' }, replicas: 1 };
  const metadata = { namespace, name: 'other', labels: { [labels.application]: 'other' } };
  await hub.client.create(WasmCloudDistribution, { metadata, spec });
  await expect.poll(() => distributions.get(`${namespace}/other`)).toBeDefined();
  await put({ version: 'v1' });
  expect(await versions.deploy(writer, which(), 'v1', signal)).toEqual({
    kind: 'idTaken',
    id: 'hello-http',
    owner: 'other',
  });
  await put({ version: 'v2', id: 'free' });
  expect(await versions.deploy(writer, which(), 'v2', signal)).toMatchObject({ kind: 'deployed' });

  const user = yaml({ name: 'user' }).replace(
    'image: file:///hello.wasm',
    'application: {name: hello, component: http}',
  );
  const sharing = read({}, user.replace(/traits:[\s\S]*/, ''));
  expect(await versions.put(writer, namespace, sharing, signal)).toMatchObject({ kind: 'put' });
  const deploy = (): ReturnType<ApplicationVersions['deploy']> =>
    versions.deploy(writer, { namespace, name: 'user' }, undefined, signal);
  expect(await deploy()).toEqual({ kind: 'sharesMissing', components: ['http'] });
  const note = { metadata: { annotations: { [annotations.shared]: 'true' } } };
  await hub.client.patch(Application, 'hello', namespace, note, { type: 'merge' });
  expect(await deploy()).toMatchObject({ kind: 'deployed' });
});

test('revisions go with their Application', async () => {
  await put({ version: 'v1' });
  await versions.remove(writer, which(), undefined, signal);
  await expect.poll(async () => (await hub.client.list(builtin.ControllerRevision, { namespace })).items).toEqual([]);
});

test('an id is taken from the moment of its deployment until its application is deleted', async () => {
  const other = { namespace, name: 'other' };
  await versions.put(writer, namespace, read({ version: 'v1', id: 'one' }), signal);
  await versions.put(writer, namespace, read({ name: 'other', version: 'v1', id: 'one' }), signal);
  await versions.deploy(writer, which(), 'v1', signal);
  expect(await versions.deploy(writer, other, 'v1', signal)).toEqual({ kind: 'idTaken', id: 'one', owner: 'hello' });
  await versions.remove(writer, which(), undefined, signal);
  await expect.poll(async () => versions.deploy(writer, other, 'v1', signal)).toMatchObject({ kind: 'deployed' });
});
