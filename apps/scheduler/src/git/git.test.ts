import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  Application,
  builtin,
  conditionTypes,
  findCondition,
  GitSource,
  labels,
  WasmCloudLink,
  type Condition,
  type GitSourceObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { GitSync } from './controller.ts';
import { judgeApplication } from './judge.ts';

const LATTICE = 'shop';
const signal = AbortSignal.timeout(120_000);
const run = promisify(execFile);

let server: TestApiServer;
let sync: GitSync;
let base: string;
let folder: string;
let number = 0;
let source: string;

beforeAll(async () => {
  server = await startTestApiServer();
  await server.namespace(LATTICE, { [labels.lattice]: '' });
  base = await mkdtemp(join(tmpdir(), 'kasm-git-'));
  const cacheDirectory = join(base, 'mirrors');
  const now = (): string => new Date().toISOString();
  sync = new GitSync({ hub: server.client, cacheDirectory, allowFile: true, judge: judgeApplication, now });
});
afterAll(async () => {
  await server.close();
  await rm(base, { recursive: true, force: true });
});

beforeEach(async () => {
  folder = await mkdtemp(join(base, 'origin-'));
  await git('init', '--quiet', '--initial-branch=main');
  source = `demo-${++number}`;
  await server.client.create(GitSource, {
    metadata: { name: source, namespace: LATTICE },
    spec: { url: `file://${folder}` },
  });
});

const git = async (...args: string[]): Promise<string> => {
  const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  return (await run('git', ['-C', folder, ...identity, ...args])).stdout.trim();
};

/** Makes the repository hold exactly these files. */
async function commit(files: Record<string, string>): Promise<void> {
  for (const path of (await git('ls-files')).split('\n').filter((name) => name !== '')) await rm(join(folder, path));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '-m', 'change');
}

const read = (): Promise<GitSourceObject> => server.client.get<GitSourceObject>(GitSource, source, LATTICE);

async function synced(): Promise<Condition | undefined> {
  await sync.sync(await read(), signal);
  return findCondition((await read()).status?.conditions, conditionTypes.ready);
}

const config = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  key: ${value}\n`;

const link = (name: string, more = ''): string => `apiVersion: kasmcloud.io/v1alpha1
kind: WasmCloudLink
metadata:
  name: ${name}
spec:
  source: a
  target: b
  witNamespace: wasi
  witPackage: http
  interfaces: [incoming-handler]
${more}`;

test('a commit is applied, changed, pruned, and reverted', async () => {
  const one = `${source}-one`;
  const two = `${source}-two`;
  await commit({ 'a/one.yaml': config(one, 'x'), 'a/two.yaml': link(two) });
  expect(await synced()).toMatchObject({ status: 'True', reason: 'Applied' });
  const object = await server.client.get<KubeObject & { data: unknown }>(builtin.ConfigMap, one, LATTICE);
  expect(object.data).toEqual({ key: 'x' });
  expect(object.metadata.labels?.[labels.gitSource]).toBe(source);
  expect((await read()).status?.lastAppliedRevision).toBe(`main@sha1:${await git('rev-parse', 'HEAD')}`);

  await commit({ 'a/one.yaml': config(one, 'y') });
  expect(await synced()).toMatchObject({ status: 'True' });
  expect(await server.client.find(WasmCloudLink, two, LATTICE)).toBeUndefined();

  await git('revert', '--no-edit', 'HEAD');
  expect(await synced()).toMatchObject({ status: 'True' });
  expect(await server.client.find(WasmCloudLink, two, LATTICE)).toBeDefined();
});

test('the same commit twice makes no write, and a change from outside is undone', async () => {
  const name = `${source}-one`;
  await commit({ 'one.yaml': config(name, 'x') });
  await synced();
  const versions = async (): Promise<unknown[]> => [
    (await server.client.get(builtin.ConfigMap, name, LATTICE)).metadata.resourceVersion,
    (await read()).metadata.resourceVersion,
  ];
  const before = await versions();
  await synced();
  expect(await versions()).toEqual(before);
  await server.client.patch(builtin.ConfigMap, name, LATTICE, { data: { key: 'hotfix' } }, { type: 'merge' });
  await synced();
  const object = await server.client.get<KubeObject & { data: unknown }>(builtin.ConfigMap, name, LATTICE);
  expect(object.data).toEqual({ key: 'x' });
});

const app = (scaler: string): string => `apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: shop
  annotations: {}
spec:
  components:
    - name: web
      type: component
      properties:
        image: file:///web.wasm
      traits:
        - type: spreadscaler
          properties:
            ${scaler}
`;

const bad: { name: string; files: Record<string, string>; reason: string; text: string[] }[] = [
  {
    name: 'a wrong field',
    files: { 'deploy/link.yaml': link('x', '  colour: red\n') },
    reason: 'BuildFailed',
    text: ['deploy/link.yaml:11:3', 'colour', 'unknown field'],
  },
  {
    name: 'an unknown kind',
    files: { 'deploy/pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n' },
    reason: 'BuildFailed',
    text: ['deploy/pod.yaml:2', 'Pod may not come from git', 'WasmCloudLink'],
  },
  {
    name: 'a duplicate key',
    files: { 'c.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: "1"\n  a: "2"\n' },
    reason: 'BuildFailed',
    text: ['c.yaml:7'],
  },
  { name: 'no YAML', files: { 'c.yaml': 'a: [1,\n' }, reason: 'BuildFailed', text: ['c.yaml'] },
  {
    name: 'another namespace',
    files: { 'c.yaml': config('c', 'x').replace('name: c', 'name: c\n  namespace: kube-system') },
    reason: 'BuildFailed',
    text: ['metadata.namespace', 'stay in its namespace shop'],
  },
  {
    name: 'the same object twice',
    files: { 'a.yaml': config('same', 'x'), 'b.yaml': config('same', 'y') },
    reason: 'BuildFailed',
    text: ['b.yaml', 'is also in a.yaml'],
  },
  {
    name: 'an application with a wrong scaler',
    files: { 'app.yaml': app('instances: -3') },
    reason: 'BuildFailed',
    text: ['app.yaml:15', 'instances'],
  },
  {
    name: 'a name that Kubernetes refuses',
    files: { 'c.yaml': config('Upper_Case', 'x') },
    reason: 'ApplyRefused',
    text: ['c.yaml', 'Upper_Case', 'metadata.name'],
  },
];

test.for(bad)('$name is refused whole, with file and field, and what ran goes on', async ({ files, reason, text }) => {
  const good = `${source}-good`;
  await commit({ 'good.yaml': config(good, 'x') });
  await synced();
  await commit({ 'good.yaml': config(good, 'changed'), ...files });
  const ready = await synced();
  expect(ready).toMatchObject({ status: 'False', reason });
  for (const part of text) expect(ready?.message).toContain(part);
  const object = await server.client.get<KubeObject & { data: unknown }>(builtin.ConfigMap, good, LATTICE);
  expect(object.data).toEqual({ key: 'x' });
  expect(await server.client.find(Application, 'shop', LATTICE)).toBeUndefined();
  expect((await read()).status?.lastAppliedRevision).toBe(`main@sha1:${await git('rev-parse', 'HEAD~1')}`);
});

test.for([
  { name: 'a repository that is not there', url: 'file:///nowhere/at/all', text: '/nowhere/at/all' },
  { name: 'a host that does not answer', url: 'https://127.0.0.1:1/x.git', text: '127.0.0.1:1' },
  { name: 'a URL that runs a program', url: 'ext::sh -c id', text: 'ext::' },
])('$name is told, and nothing is pruned', async ({ url, text }) => {
  const name = `${source}-kept`;
  await commit({ 'one.yaml': config(name, 'x') });
  await synced();
  await server.client.patch(GitSource, source, LATTICE, { spec: { url } }, { type: 'merge' });
  const ready = await synced();
  expect(ready).toMatchObject({ status: 'False', reason: 'FetchFailed' });
  expect(ready?.message).toContain(text);
  expect(await server.client.find(builtin.ConfigMap, name, LATTICE)).toBeDefined();
});

test('an object of another source is not taken', async () => {
  const name = `${source}-mine`;
  await commit({ 'one.yaml': config(name, 'x') });
  await synced();
  const first = source;
  source = `${first}-second`;
  const spec = { url: `file://${folder}` };
  await server.client.create(GitSource, { metadata: { name: source, namespace: LATTICE }, spec });
  const ready = await synced();
  expect(ready).toMatchObject({ status: 'False', reason: 'ApplyRefused' });
  expect(ready?.message).toContain(`owned by GitSource ${first}`);
});
