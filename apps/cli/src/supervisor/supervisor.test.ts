import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endOrphans } from './orphans.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';
import { restartDelayMs, type ProcessSpec } from './supervised-process.ts';
import { Supervisor } from './supervisor.ts';

const never = new AbortController().signal;
let folder = '';
let supervisor: Supervisor;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-supervisor-'));
  supervisor = new Supervisor(folder, () => {});
});
afterEach(async () => {
  await supervisor.stop();
  await rm(folder, { recursive: true });
});

const shell = (name: string, script: string, readyWithinMs = 2_000): ProcessSpec => ({
  name,
  program: '/bin/sh',
  args: ['-c', script],
  isReady: async () => (await readFile(join(folder, `${name}.log`), 'utf8')).includes('ready'),
  readyWithinMs,
});
const pidOf = (name: string): number => {
  const { pid } = supervisor.process(name);
  if (pid === undefined) throw new TypeError(`${name} does not run`);
  return pid;
};
const identityOf = async (pid: number): Promise<ProcessIdentity> => {
  const identity = await identify(pid);
  if (identity === undefined) throw new TypeError(`no process ${pid}`);
  return identity;
};

describe('supervisor', () => {
  test('starts a process, writes its output to its log and knows when it answers', async () => {
    await supervisor.start([shell('one', 'sleep 0.1; echo ready; exec sleep 60')], never);
    const [record] = await supervisor.records();
    expect(record).toMatchObject({ name: 'one', pid: pidOf('one'), restarts: 0 });
    expect(record?.identity?.pid).toBe(pidOf('one'));
  });

  test('names the process and its log when it does not answer in time', async () => {
    const start = supervisor.start([shell('mute', 'echo no room; exec sleep 60', 200)], never);
    await expect(start).rejects.toThrow(`mute did not answer within 0.2 s; the end of ${folder}/mute.log:\nno room`);
  });

  test('starts a killed process again and counts it', async () => {
    await supervisor.start([shell('one', 'echo ready; exec sleep 60')], never);
    const before = pidOf('one');
    process.kill(before, 'SIGKILL');
    await vi.waitFor(() => expect(supervisor.process('one').restarts).toBe(1), 2_000);
    expect(pidOf('one')).not.toBe(before);
  });

  test('keeps a held process down until it is released', async () => {
    await supervisor.start([shell('one', 'echo ready; exec sleep 60')], never);
    supervisor.process('one').hold('SIGKILL');
    await vi.waitFor(() => expect(supervisor.process('one').pid).toBeUndefined(), 2_000);
    await sleep(300);
    expect(supervisor.process('one').pid).toBeUndefined();
    supervisor.process('one').release();
    expect(supervisor.process('one').pid).toBeDefined();
  });

  test('stops in reverse order, and with SIGKILL what does not listen to SIGTERM', async () => {
    const log = join(folder, 'order');
    const polite = (name: string): ProcessSpec =>
      shell(name, `trap 'echo ${name} >> ${log}; exit 0' TERM; echo ready; while :; do sleep 0.05; done`);
    await supervisor.start([polite('first')], never);
    await supervisor.start([polite('second')], never);
    await supervisor.stop();
    expect(await readFile(log, 'utf8')).toBe('second\nfirst\n');
  });

  test('ends the grandchildren of a process that died', async () => {
    await supervisor.start([shell('parent', 'sleep 61 & echo "child $!"; echo ready; wait')], never);
    const said = await readFile(join(folder, 'parent.log'), 'utf8');
    const grandchild = await identityOf(Number(/child (\d+)/.exec(said)?.[1]));
    process.kill(pidOf('parent'), 'SIGKILL');
    await vi.waitFor(async () => expect(await isRunning(grandchild)).toBe(false), 2_000);
  });

  test('restart delays double up to a bound', () => {
    const backoff = { firstMs: 100, maxMs: 10_000, forgetAfterMs: 10_000 };
    expect([0, 1, 2, 3, 7, 1_000].map((failures) => restartDelayMs(failures, backoff))).toEqual([
      100, 200, 400, 800, 10_000, 10_000,
    ]);
  });
});

describe('what an earlier instance left', () => {
  test('is ended when it is the very same process', async () => {
    const child = spawn('sleep', ['62'], { detached: true, stdio: 'ignore' });
    const identity = await identityOf(child.pid ?? 0);
    expect(await endOrphans([identity])).toEqual([identity.pid]);
    expect(await isRunning(identity)).toBe(false);
  });

  test('is left alone when the pid belongs to another program by now', async () => {
    const child = spawn('sleep', ['63'], { detached: true, stdio: 'ignore' });
    const identity = await identityOf(child.pid ?? 0);
    expect(await endOrphans([{ ...identity, startedAt: 'long ago' }])).toEqual([]);
    expect(await isRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
