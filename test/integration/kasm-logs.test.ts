import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { firstAnswer, Lattice, LATTICE } from '../bench/host/lattice.ts';

const main = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'src', 'main.ts');
const wait = { timeout: 60_000, interval: 200 };

let lattice: Lattice;
let ports: number[];
/** One actor on two hosts, each behind an HTTP server of its own. */
beforeAll(async () => {
  lattice = await Lattice.start();
  const settings = { KASMCLOUD_LOG_LEVEL: 'info' };
  await Promise.all(['host-a', 'host-b'].map((name) => lattice.host(name, settings)));
  for (const host of ['host-a', 'host-b']) await lattice.actor(`web-${host}`, host, { id: 'web', instances: 2 });
  ports = [await lattice.http('web', 'host-a', 'door-a'), await lattice.http('web', 'host-b', 'door-b')];
  for (const port of ports) await firstAnswer(port, '/first', performance.now());
}, 120_000);
afterAll(() => lattice[Symbol.asyncDispose]());

const args = (...more: string[]): string[] => [main, 'logs', ...more, '-n', LATTICE, '--nats-url', lattice.nats.url];
const logs = async (...more: string[]): Promise<string[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, args(...more), { timeout: 30_000 });
  return stdout.split('\n').filter((line) => line !== '');
};
const ask = (path: string): Promise<unknown> =>
  Promise.all(ports.map((port) => firstAnswer(port, path, performance.now())));

test('what an actor logged on every host is printed in the order of its time', async () => {
  await ask('/second');
  await vi.waitFor(async () => {
    const lines = await logs('web', '--prefix', '--timestamps');
    for (const host of ['host-a', 'host-b']) {
      // Its process served both requests itself.
      const own = lines.filter((line) => line.startsWith(`[${host} `) && line.endsWith(`hello: hello from ${host}`));
      expect(own.length).toBeGreaterThanOrEqual(2);
    }
    const times = lines.map((line) => /\d{4}-\S+Z/.exec(line)?.[0] ?? '');
    expect(times).toEqual(times.toSorted());
    expect(await logs('web', '--tail', '1')).toHaveLength(1);
    expect(await logs('web', '--since', '1ms')).toEqual([]);
  }, wait);
});

test('with -f what is logged from then on follows, until Ctrl-C', async () => {
  const startedAt = Date.now();
  const child = spawn(process.execPath, args('web', '-f', '--tail', '0', '--json'), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await vi.waitFor(async () => {
    await ask('/live');
    const lines = text.split('\n').slice(0, -1);
    const told = lines.map((line) => JSON.parse(line) as { host: string; at: string });
    expect(new Set(told.map(({ host }) => host))).toEqual(new Set(['host-a', 'host-b']));
    expect(told.filter(({ at }) => Date.parse(at) < startedAt)).toEqual([]);
  }, wait);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('an actor that runs nowhere, and a NATS that is away, are told', async () => {
  await expect(logs('nobody')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('runs actor nobody') });
  const away = [main, 'logs', 'web', '--nats-url', 'nats://127.0.0.1:1'];
  await expect(promisify(execFile)(process.execPath, away)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nats://127.0.0.1:1 does not answer'),
  });
});
