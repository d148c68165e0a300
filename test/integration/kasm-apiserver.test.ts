import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { builtin } from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..', '..');
const bin = join(repository, 'apps', 'cli', 'bin', 'kasm.mjs');
const main = join(repository, 'apps', 'cli', 'dist', 'main.js');
const STARTS_WITHIN_MS = 30_000;

/** The first call of `kasm` builds what is stale. */
beforeAll(async () => {
  await promisify(execFile)(process.execPath, [bin, 'version']);
});

let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-apiserver-'));
});
afterEach(async () => {
  if (running !== undefined) await stop(running);
  await rm(folder, { recursive: true, force: true });
});

async function start(data: string, env: Readonly<Record<string, string>> = {}): Promise<KubeClient> {
  const kubeconfig = join(folder, 'kubeconfig');
  await rm(kubeconfig, { force: true });
  const args = ['--enable-source-maps', main, 'apiserver', '--data', data, '--port', '0', '--kubeconfig', kubeconfig];
  running = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (!existsSync(kubeconfig)) {
    if (performance.now() > deadline) throw new Error('kasm apiserver wrote no kubeconfig');
    await sleep(20);
  }
  return new KubeClient(loadKubeconfig({ file: kubeconfig }));
}

async function stop(child: ChildProcess): Promise<void> {
  running = undefined;
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
}

const stopRunning = async (): Promise<void> => {
  if (running !== undefined) await stop(running);
};

test('keeps everything in its folder: objects, identity and credentials', async () => {
  const data = join(folder, 'cluster');
  const first = await start(data);
  const made = await first.create(builtin.ConfigMap, {
    metadata: { name: 'kept', namespace: 'default' },
    data: { a: 'b' },
  });
  await first.close();
  const before = await readFile(join(folder, 'kubeconfig'), 'utf8');
  await stopRunning();
  const second = await start(data);
  const again = await second.get(builtin.ConfigMap, 'kept', 'default');
  expect(again.metadata.uid).toBe(made.metadata.uid);
  await second.close();
  const withoutPort = (text: string): string => text.replace(/127\.0\.0\.1:\d+/, 'host');
  expect(withoutPort(await readFile(join(folder, 'kubeconfig'), 'utf8'))).toBe(withoutPort(before));
  expect(await readdir(data)).toEqual(expect.arrayContaining(['data.sqlite', 'tls']));
});

test('is an administrator in namespace default', async () => {
  const client = await start(':memory:');
  expect(loadKubeconfig({ file: join(folder, 'kubeconfig') }).namespace).toBe('default');
  await client.create(builtin.Namespace, { metadata: { name: 'made' } });
  await client.close();
});

test('loads neither Nest nor client-node', async () => {
  const coverage = join(folder, 'coverage');
  const client = await start(':memory:', { NODE_V8_COVERAGE: coverage });
  await client.close();
  await stopRunning();
  const [file = ''] = await readdir(coverage);
  const report = JSON.parse(await readFile(join(coverage, file), 'utf8')) as {
    'source-map-cache': Record<string, { data: { sources: string[] } | null }>;
  };
  const sources = Object.values(report['source-map-cache']).flatMap(({ data }) => data?.sources ?? []);
  expect(sources.filter((source) => source.includes('/libs/apiserver/src/')).length).toBeGreaterThan(50);
  expect(sources.filter((source) => /@nestjs|@kubernetes\/client-node/.test(source))).toEqual([]);
});
