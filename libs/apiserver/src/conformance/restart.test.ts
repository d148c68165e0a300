import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startApiServer } from '../api-server.ts';
import { asList, asObject } from '../object.ts';
import { StoreFormatError } from '../store/sqlite-journal.ts';
import { TestCluster, crontab, crontabPath, crontabs } from './harness.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'apiserver-restart-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const index = fileURLToPath(new URL('../index.ts', import.meta.url));

/** A server in a process of its own, to be killed. */
async function spawnServer(
  dataFile: string,
): Promise<{ url: string; caPem: string; adminToken: string; kill(): Promise<void> }> {
  const program =
    `const { startApiServer } = await import(${JSON.stringify(index)});` +
    `const s = await startApiServer({ dataFile: ${JSON.stringify(dataFile)} });` +
    `console.log(JSON.stringify({ url: s.url, caPem: s.caPem, adminToken: s.adminToken }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    ...(JSON.parse(line) as { url: string; caPem: string; adminToken: string }),
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test('everything acknowledged before kill -9 is there after it', async () => {
  const dataFile = join(directory, 'cluster.db');
  const first = await spawnServer(dataFile);
  const port = Number(new URL(first.url).port);
  const killed = new TestCluster({ ...first, port, kubeconfig: () => '', close: () => first.kill() }, directory);
  const post = (path: string, body: object) => killed.ask({ method: 'POST', path, body: { ...body } });
  expect((await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crontabs)).code).toBe(201);
  const names = Array.from({ length: 50 }, (_, at) => `c${String(at).padStart(2, '0')}`);
  let last = 0;
  for (const name of names) {
    const made = await post(crontabPath, crontab(name));
    last = Number(asObject(made.body['metadata'])['resourceVersion']);
  }
  await first.kill();
  const server = await startApiServer({ dataFile, port });
  const restarted = new TestCluster(server, mkdtempSync(join(directory, 'client-')));
  expect(server).toMatchObject({ url: first.url, caPem: first.caPem, adminToken: first.adminToken });
  const list = await restarted.ask({ path: crontabPath });
  expect(asList(list.body['items']).map((item) => asObject(asObject(item)['metadata'])['name'])).toEqual(names);
  expect(Number(asObject(list.body['metadata'])['resourceVersion'])).toBeGreaterThanOrEqual(last);
  const next = await restarted.ask({ method: 'POST', path: crontabPath, body: crontab('next') });
  expect(Number(asObject(next.body['metadata'])['resourceVersion'])).toBeGreaterThan(last);
  const watch = restarted.watch(`${crontabPath}?watch=true&resourceVersion=${last - 10}`);
  expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  watch.stop();
  await restarted.close();
});

test('a file of another format is refused', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const dataFile = join(directory, 'other.db');
  const database = new DatabaseSync(dataFile);
  database.exec('PRAGMA user_version = 77');
  database.close();
  await expect(startApiServer({ dataFile })).rejects.toThrow(StoreFormatError);
});

test('two servers cannot share a file', async () => {
  const dataFile = join(directory, 'shared.db');
  const server = await startApiServer({ dataFile });
  await expect(startApiServer({ dataFile })).rejects.toThrow(/locked/);
  await server.close();
});
