import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RedisUnavailableError } from './errors.ts';
import { job, nameOf, producerOf, row, until, RedisForTests } from './jobs.fixture.ts';

const redis = new RedisForTests();

test('a Redis that is emptied loses jobs, and nothing else: what is added again is worked', async () => {
  const jobs = redis.connect();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  jobs.worker(row(), async (payload) => {
    seen.push(nameOf(payload));
    if (nameOf(payload) === 'running') await gate.promise;
  });
  const producer = await producerOf(jobs);
  await producer.add(job('running'));
  await producer.add(job('waiting'));
  await until(() => seen.length === 1);
  await redis.admin.flushall();
  gate.resolve();
  await sleep(100);
  await producer.add(job('waiting'));
  await producer.add(job('running'));
  await until(() => seen.length === 3, 10_000);
  expect(seen).toEqual(['running', 'waiting', 'running']);
});

test('Redis is killed and comes back: producers fail at once, silence is told, work goes on', async () => {
  const jobs = redis.connect({ silentAfterMs: 600 });
  const told: string[] = [];
  jobs.onAvailability((now) => told.push(now));
  const seen: string[] = [];
  jobs.worker(row(), async (payload) => void seen.push(nameOf(payload)));
  const producer = await producerOf(jobs);
  await producer.add(job('before'));
  await until(() => seen.length === 1);
  expect(jobs.isAvailable()).toBe(true);

  await redis.server.stop('SIGKILL');
  const begin = performance.now();
  await expect(producer.add(job())).rejects.toThrow(RedisUnavailableError);
  expect(performance.now() - begin).toBeLessThan(2_000);
  await until(() => told.length === 1);
  expect({ told, available: jobs.isAvailable() }).toEqual({ told: ['silent'], available: false });
  expect(jobs.silentForMs()).toBeGreaterThan(600);
  await expect(producer.add(job())).rejects.toThrow(/^queue cluster-eu-1: Redis has not answered for \d+ ms$/);

  await redis.server.restart();
  await until(() => jobs.isAvailable());
  expect(told).toEqual(['silent', 'available']);
  await producer.add(job('after'));
  await until(() => seen.includes('after'), 10_000);
});

test('Redis that hangs counts as silent, and costs a producer two seconds', async () => {
  const jobs = redis.connect();
  const producer = await producerOf(jobs);
  redis.server.pause();
  try {
    const begin = performance.now();
    await expect(producer.add(job())).rejects.toThrow(RedisUnavailableError);
    expect(performance.now() - begin).toBeLessThan(2_200);
    await until(() => !jobs.isAvailable());
  } finally {
    redis.server.resume();
  }
  await until(() => jobs.isAvailable());
  await expect(producer.add(job())).resolves.toBeUndefined();
});

test('a process may start before Redis, and end without it, within two seconds', async () => {
  await redis.server.stop('SIGKILL');
  const early = redis.connect({ silentAfterMs: 300 });
  const seen: string[] = [];
  early.worker(row(), async (payload) => void seen.push(nameOf(payload)));
  const producer = early.producer(row());
  await expect(producer.add(job())).rejects.toThrow(RedisUnavailableError);
  await until(() => !early.isAvailable());
  const never = redis.connect();
  never.worker(row(), async () => {});
  const begin = performance.now();
  await never.close();
  expect(performance.now() - begin).toBeLessThan(2_000);
  await redis.server.restart();
  await until(() =>
    producer.add(job()).then(
      () => true,
      () => false,
    ),
  );
  await until(() => seen.length === 1);
});

test('a process that closed its queues ends by itself, also without Redis', async () => {
  const script = `
    import { Jobs } from './index.ts';
    const jobs = new Jobs({ url: 'redis://127.0.0.1:1' });
    const row = { queue: 'x', schema: { parse: (input) => input }, dedupeId: () => 'x' };
    jobs.worker(row, async () => {});
    jobs.producer(row);
    setTimeout(() => jobs.close(), 300);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: 'ignore',
  });
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(15_000) }).finally(() =>
    child.kill('SIGKILL'),
  );
  expect(code).toBe(0);
});
