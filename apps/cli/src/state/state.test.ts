import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readState, StateFile, type State } from './state-file.ts';
import { lockState, StateInUseError } from './state-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-state-'));
});
afterEach(async () => rm(folder, { recursive: true }));

const state = (pid: number): State => ({
  pid,
  processes: [],
  clusters: [],
  ports: {},
  restUrl: 'http://127.0.0.1:1',
  natsUrl: 'nats://127.0.0.1:2',
  kubeconfig: '/k',
});

test('a held folder is refused with the pid of its holder, and free again after release', async () => {
  const release = await lockState(folder);
  await expect(lockState(folder)).rejects.toThrow(StateInUseError);
  await expect(lockState(folder)).rejects.toThrow(`pid ${process.pid}`);
  await release();
  const again = await lockState(folder);
  await again();
});

test('the lock of a process that is gone is taken over', async () => {
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startedAt: 'before the last boot' }));
  const release = await lockState(folder);
  expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  await release();
});

test('the last of many saves wins, and no draft is left', async () => {
  const path = join(folder, 'state.json');
  let pid = 0;
  const file = new StateFile(path, async () => state(pid));
  const saves = [1, 2, 3].map(async (next) => {
    pid = next;
    await file.save();
  });
  await Promise.all(saves);
  expect((await readState(path))?.pid).toBe(3);
  expect(await readdir(folder)).toEqual(['state.json']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: 3 });
});

test('a file that is no state counts as none', async () => {
  await writeFile(join(folder, 'state.json'), '{"pid":');
  expect(await readState(join(folder, 'state.json'))).toBeUndefined();
});
