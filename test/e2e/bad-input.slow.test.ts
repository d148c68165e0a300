import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  conditionTypes,
  fieldManagers,
  findCondition,
  GitSource,
  WasmCloudActor,
  type Condition,
  type GitSourceObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { connectLattice } from '@kasmcloud/lattice';
import { silentLogger } from '@kasmcloud/observe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DemoClone } from './demo-clone.ts';
import { eventually, get, Kasm, repositoryRoot, temporaryFolder, type State } from './kasm.ts';

const UP_MS = 120_000;
const TOLD_MS = 30_000;
const LATTICE = 'hello';
const HOST = 'eu-1-host-1';
const hello = join(repositoryRoot, 'examples', 'hello', 'hello.wasm');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let kasm: Kasm;
let state: State;
let hub: KubeClient;
let member: KubeClient;
let clone: DemoClone;

beforeAll(async () => {
  folder = await temporaryFolder();
  kasm = Kasm.up(folder.path, '--demo');
  await kasm.tells('Ctrl-C stops everything.', UP_MS);
  state = await kasm.state();
  const [first, second] = state.clusters.map(({ kubeconfig }) => new KubeClient(loadKubeconfig({ file: kubeconfig })));
  if (first === undefined || second === undefined) throw new TypeError('state.json names too few clusters');
  [hub, member] = [first, second];
  clone = await DemoClone.of(folder.path);
}, UP_MS);
afterAll(async () => {
  await kasm.stop();
  await folder[Symbol.asyncDispose]();
  await Promise.all([hub.close(), member.close()]);
});

async function allAnswer(): Promise<void> {
  const doors = state.clusters.flatMap(({ frontDoor }) => frontDoor ?? []);
  for (const door of doors) expect(await get(door)).toContain('hello');
}

const ready = (object: KubeObject<unknown, { conditions?: Condition[] | undefined }>): Condition | undefined =>
  findCondition(object.status?.conditions, conditionTypes.ready);

/** Waits for Ready=False and gives its reason and message. */
async function refusal(read: () => Promise<Condition | undefined>): Promise<string> {
  let last: Condition | undefined;
  await eventually(TOLD_MS, async () => {
    last = await read();
    return last?.status === 'False';
  });
  return `${last?.reason}: ${last?.message}`;
}

const manifests = [
  { name: 'a wrong field', text: 'kind: WasmCloudLink\nmetadata: {name: x}\nspec: {sauce: a}', told: ['sauce'] },
  {
    name: 'a wrong value',
    text: 'kind: WasmCloudDistribution\nmetadata: {name: x}\nspec: {replicas: many}',
    told: ['replicas'],
  },
  { name: 'an unknown kind', text: 'kind: WasmCloudTeapot\nmetadata: {name: x}\nspec: {}', told: ['WasmCloudTeapot'] },
  { name: 'a key twice', text: 'kind: WasmCloudLink\nkind: WasmCloudLink\nmetadata: {name: x}', told: ['kind'] },
  { name: 'no YAML at all', text: 'kind: [', told: ['bad.yaml'] },
];
test.each(manifests)(
  'a commit with $name is refused whole, with the file, and what ran goes on',
  async ({ text, told }) => {
    const path = 'examples/hello/bad.yaml';
    const commit = await clone.put(path, `apiVersion: kasmcloud.io/v1alpha1\n${text}\n`);
    const message = await refusal(async () => {
      const source = await hub.get<GitSourceObject>(GitSource, 'demo', LATTICE);
      return source.status?.lastAttemptedRevision?.includes(commit) === true ? ready(source) : undefined;
    });
    for (const part of ['bad.yaml', ...told]) expect(message).toContain(part);
    await allAnswer();
    await clone.remove(path);
  },
);

test('a repository that is not there is named', async () => {
  const url = pathToFileURL(join(folder.path, 'nowhere.git')).href;
  const source = { metadata: { name: 'nowhere', namespace: LATTICE }, spec: { url } };
  await hub.apply(GitSource, source, { fieldManager: fieldManagers.cli });
  const told = await refusal(async () => ready(await hub.get<GitSourceObject>(GitSource, 'nowhere', LATTICE)));
  expect(told).toContain('nowhere.git');
  await hub.delete(GitSource, 'nowhere', LATTICE);
});

const images = [
  { name: 'an image that does not exist', image: '/nowhere/x.wasm', reason: 'ImagePullFailed' },
  { name: 'a digest that does not match', image: `${hello}@sha256:${'0'.repeat(64)}`, reason: 'DigestMismatch' },
  { name: 'a file that is no component', image: join(repositoryRoot, 'package.json'), reason: 'InvalidComponent' },
];
test.each(images)('$name is a reason in the status of its actor, and what ran goes on', async ({ image, reason }) => {
  const actor = {
    metadata: { name: 'bad', namespace: LATTICE },
    spec: { hostName: HOST, id: 'bad', image: `file://${image}`, instances: 1 },
  };
  await member.apply(WasmCloudActor, actor, { fieldManager: fieldManagers.cli });
  expect(await refusal(async () => ready(await member.get(WasmCloudActor, 'bad', LATTICE)))).toContain(reason);
  await allAnswer();
  await member.delete(WasmCloudActor, 'bad', LATTICE);
});

const requests = [
  { name: 'no token', token: '', body: {}, status: 401 },
  { name: 'a token of nobody', token: 'x.y.z', body: {}, status: 401 },
  { name: 'a body of another shape', token: undefined, body: { spec: { components: 'none' } }, status: 400 },
  { name: 'a body that is no JSON', token: undefined, body: '{"spec":', status: 400 },
];
test.each(requests)('REST: $name is a clear $status', async ({ token = state.token, body, status }) => {
  const response = await fetch(`${state.restUrl}/api/v1/namespaces/${LATTICE}/applications/bad`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as { statusCode: number; message: string };
  expect({ status: response.status, statusCode: answer.statusCode }).toEqual({ status, statusCode: status });
  expect(answer.message).not.toBe('');
  await allAnswer();
});

test('NATS: rubbish on every kind of subject leaves everything up', async () => {
  const connection = await connectLattice({
    servers: state.natsUrl,
    name: 'rubbish',
    timeoutMs: 5_000,
    logger: silentLogger,
  });
  try {
    const subjects = [
      `wasmbus.evt.${LATTICE}.host_heartbeat`,
      `wasmbus.ctl.v1.${LATTICE}.host.ping`,
      `wasmbus.ctl.v1.${LATTICE}.link.put`,
      `wadm.api.${LATTICE}.model.put`,
      `wadm.api.${LATTICE}.model.deploy.nothing`,
      `${LATTICE}.hello-http_hello.wrpc.0.0.1.wasi:http/incoming-handler@0.2.0.handle`,
      `${LATTICE}.hello-http_hello.wrpc.0.0.1.wrpc:http/incoming-handler@0.1.0.handle`,
    ];
    for (const subject of subjects) {
      for (const rubbish of ['', '{', '[]', '{"data":', '\u0000\uffff'.repeat(1_000)]) {
        connection.publish(subject, Buffer.from(rubbish));
      }
    }
    await connection.flush({ timeoutMs: 5_000 });
  } finally {
    await connection.close();
  }
  await allAnswer();
  const after = await kasm.state();
  expect(after.processes.filter(({ restarts }) => restarts > 0)).toEqual([]);
});
