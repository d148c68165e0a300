import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  builtin,
  conditionTypes,
  findCondition,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudHost,
  type ActorObject,
} from '@kasmcloud/kube-api';
import { startTestApiServer, type TestApiServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const main = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'src', 'main.ts');
const wait = { timeout: 30_000, interval: 50 };

let clusters: TestApiServer[];
let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-hosts-'));
  clusters = await Promise.all([startTestApiServer(), startTestApiServer()]);
  for (const [index, cluster] of clusters.entries()) {
    await cluster.namespace('shop');
    await writeFile(join(folder, `c${index + 1}`), cluster.kubeconfig());
  }
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await Promise.all(clusters.map((cluster) => cluster.close()));
  await rm(folder, { recursive: true, force: true });
});

const kasm = (...args: readonly string[]): ChildProcess => {
  running = spawn(process.execPath, [main, 'hosts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  return running;
};

test('one process keeps hosts in several clusters until it is told to stop', { timeout: 60_000 }, async () => {
  const images = ['--bad-image', 'file:///bad.wasm'];
  const kubeconfigs = ['--kubeconfig', `eu=${join(folder, 'c1')}`, `us=${join(folder, 'c2')}`];
  const child = kasm('--hollow', '40', ...kubeconfigs, ...images, '--start-delay', '0', '--lease', '3s');
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await vi.waitFor(() => expect(said.match(/: 40 hollow hosts are there/g)).toHaveLength(2), wait);
  for (const [index, prefix] of ['eu', 'us'].entries()) {
    const cluster = clusters[index]?.client;
    const hosts = await cluster?.list(WasmCloudHost);
    const names = Array.from({ length: 40 }, (_, host) => `${prefix}-${host + 1}`);
    expect(new Set(hosts?.items.map(({ metadata }) => metadata.name))).toEqual(new Set(names));
    for (const [name, image] of [
      ['good', 'file:///good.wasm'],
      ['bad', 'file:///bad.wasm'],
    ] as const) {
      const spec = { hostName: `${prefix}-7`, id: name, image, instances: 1 };
      await cluster?.create(WasmCloudActor, { metadata: { name, namespace: 'shop' }, spec });
      await vi.waitFor(async () => {
        const actor = await cluster?.get<ActorObject>(WasmCloudActor, name, 'shop');
        const ready = findCondition(actor?.status?.conditions, conditionTypes.ready);
        expect(ready?.status).toBe(name === 'good' ? 'True' : 'False');
      }, wait);
    }
  }
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  const leases = await clusters[0]?.client.list(builtin.Lease, { namespace: SYSTEM_NAMESPACE });
  expect(leases?.items).toHaveLength(40);
});

test.each([
  { args: [], want: "required option '--hollow <n>' not specified" },
  { args: ['--hollow', '2'], want: "required option '--kubeconfig <clusters...>' not specified" },
  { args: ['--hollow', 'many', '--kubeconfig', 'x'], want: 'kasm: --hollow: "many" is not a whole number' },
  { args: ['--hollow', '2', '--kubeconfig', '/nowhere/x'], want: 'kasm: kubeconfig: ' },
])('$args is refused in words', async ({ args, want }) => {
  const child = kasm(...args);
  const [err, [code]] = await Promise.all([child.stderr === null ? '' : text(child.stderr), once(child, 'close')]);
  expect({ code, said: err.includes(want) ? want : err }).toEqual({ code: 1, said: want });
});
