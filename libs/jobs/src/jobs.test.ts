import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterJob } from '@kasmcloud/wire';
import { expect, test } from 'vitest';
import { JobDeadlineError, JobPayloadError, PermanentJobError, QueueNameError } from './errors.ts';
import { job, nameOf, producerOf, row, until, RedisForTests } from './jobs.fixture.ts';
import type { JobFailure } from './worker.ts';

const redis = new RedisForTests();

test('a job is worked once and leaves nothing behind', async () => {
  const jobs = redis.connect();
  const seen: string[] = [];
  jobs.worker(row(), async (payload, { attempt, signal }) => {
    seen.push(`${nameOf(payload)} ${attempt} ${signal.aborted}`);
  });
  const producer = await producerOf(jobs);
  await producer.add(job('a'));
  await producer.add(job('b'));
  await until(() => seen.length === 2);
  expect(seen).toEqual(['a 1 false', 'b 1 false']);
  await until(async () => (await producer.counts()).active === 0);
  expect(await producer.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
  const left = (await redis.admin.keys(`${redis.prefix}:*`)).filter(
    (key) => !/:(meta|id|events|stalled-check|marker|stalled)$/.test(key),
  );
  expect(left).toEqual([]);
});

test('a job that waits takes in its twins; two installations on one Redis do not meet', async () => {
  const jobs = redis.connect();
  const other = redis.connect({ prefix: `${redis.prefix}other` });
  const [producer, otherProducer] = [await producerOf(jobs), await producerOf(other)];
  for (let index = 0; index < 5; index += 1) await producer.add(job());
  await producer.add(job('second'));
  await otherProducer.add(job());
  expect((await producer.counts()).waiting).toBe(2);
  expect((await otherProducer.counts()).waiting).toBe(1);
});

test('a job added while its twin runs is not lost: one more run follows', async () => {
  const jobs = redis.connect();
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let runs = 0;
  let together = 0;
  jobs.worker(
    row(),
    async () => {
      together += 1;
      expect(together).toBe(1);
      await gates[runs++]?.promise;
      together -= 1;
    },
    { concurrency: 4 },
  );
  const producer = await producerOf(jobs);
  await producer.add(job());
  await until(() => runs === 1);
  for (let index = 0; index < 5; index += 1) await producer.add(job());
  expect(await producer.counts()).toMatchObject({ waiting: 0, active: 1 });
  gates[0]?.resolve();
  await until(() => runs === 2);
  gates[1]?.resolve();
  await until(async () => (await producer.counts()).active === 0);
  await sleep(100);
  expect(runs).toBe(2);
  await producer.add(job());
  await until(() => runs === 3);
});

test('a job that fails is tried again, later and later, and then finally fails with its reason', async () => {
  const jobs = redis.connect();
  const failures: JobFailure<ClusterJob>[] = [];
  const at: number[] = [];
  jobs.worker(
    row(),
    async (_payload, { attempt }) => {
      at.push(performance.now());
      throw new Error(`refused ${attempt}`);
    },
    { backoff: { minMs: 100, maxMs: 1_000 }, onFailed: (failure) => void failures.push(failure) },
  );
  const producer = await producerOf(jobs, row({ attempts: 4 }));
  await producer.add(job());
  await until(() => failures.length === 1);
  expect(failures).toMatchObject([
    { queue: 'cluster-eu-1', attempts: 4, payload: job(), reason: { message: 'refused 4' } },
  ]);
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  expect(waits.map((wait, index) => wait >= 50 * 2 ** index)).toEqual([true, true, true]);
  expect(await producer.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
  await producer.add(job());
  await until(() => at.length === 5);
});

test('news of a job that waits for its next attempt hurries it, a sweep does not', async () => {
  const jobs = redis.connect();
  const attempts: number[] = [];
  jobs.worker(
    row(),
    async (_payload, { attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('not yet');
    },
    { backoff: { minMs: 60_000 } },
  );
  const producer = await producerOf(jobs);
  await producer.add(job());
  await until(async () => (await producer.counts()).delayed === 1);
  await producer.add(job());
  await sleep(200);
  expect(attempts).toEqual([1]);
  await producer.add(job(), { hurry: true });
  await until(() => attempts.length === 2);
  expect(attempts).toEqual([1, 2]);
});

const refuse = async (): Promise<never> => {
  throw new PermanentJobError('the cluster is gone');
};

test('a permanent failure is not tried again', async () => {
  const jobs = redis.connect();
  const failures: JobFailure<ClusterJob>[] = [];
  jobs.worker(row(), refuse, { onFailed: (failure) => void failures.push(failure) });
  const producer = await producerOf(jobs);
  await producer.add(job());
  await until(() => failures.length === 1);
  expect(failures[0]).toMatchObject({ attempts: 1, payload: job() });
  expect(failures[0]?.reason).toBeInstanceOf(PermanentJobError);
});

test('a payload of another shape is refused by the producer and by the worker, and says why', async () => {
  const jobs = redis.connect();
  const failures: JobFailure<ClusterJob>[] = [];
  const seen: string[] = [];
  const poison = { kind: 'placement', cluster: 'eu-1' } as unknown as ClusterJob;
  const careless = await producerOf(
    jobs,
    row({ schema: { parse: (input) => input as ClusterJob }, dedupeId: () => 'poison' }),
  );
  jobs.worker(row(), async (payload) => void seen.push(nameOf(payload)), {
    onFailed: (failure) => void failures.push(failure),
  });
  const producer = await producerOf(jobs);
  await expect(producer.add(poison)).rejects.toThrow(JobPayloadError);
  await careless.add(poison);
  await until(() => failures.length === 1);
  expect(failures[0]?.reason).toBeInstanceOf(JobPayloadError);
  expect(failures[0]?.reason.message).toMatch(/^queue cluster-eu-1, job \d+: payload refused: .*namespace/s);
  expect(failures[0]).not.toHaveProperty('payload');
  await producer.add(job());
  await until(() => seen.length === 1);
});

test('a handler has a deadline, whether it heeds its signal or not', async () => {
  const jobs = redis.connect();
  const failures: JobFailure<ClusterJob>[] = [];
  jobs.worker(
    row(),
    async (payload, { signal }) => {
      if (nameOf(payload) === 'deaf') await new Promise<never>(() => {});
      await sleep(60_000, undefined, { signal });
    },
    { deadlineMs: 50, concurrency: 2, onFailed: (failure) => void failures.push(failure) },
  );
  const producer = await producerOf(jobs, row({ attempts: 1 }));
  await producer.add(job('deaf'));
  await producer.add(job('polite'));
  await until(() => failures.length === 2);
  expect(failures.map(({ reason }) => reason)).toEqual([new JobDeadlineError(50), new JobDeadlineError(50)]);
  expect(failures.map(({ payload }) => payload && nameOf(payload))).toEqual(['polite', 'deaf']);
});

test('concurrency and rate are bounded', async () => {
  const jobs = redis.connect();
  let together = 0;
  let most = 0;
  const at: number[] = [];
  jobs.worker(
    row(),
    async () => {
      at.push(performance.now());
      most = Math.max(most, ++together);
      await sleep(20);
      together -= 1;
    },
    { concurrency: 3, rateLimit: { max: 5, perMs: 300 } },
  );
  const producer = await producerOf(jobs);
  await Promise.all(Array.from({ length: 12 }, (_, index) => producer.add(job(`j${index}`))));
  await until(() => at.length === 12);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
  expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(500);
});

test('a job whose worker was killed is given to another', async () => {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    import { Redis } from 'ioredis';
    import { Worker } from 'bullmq';
    const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
    new Worker('cluster-eu-1', async () => { console.log('running'); await new Promise(() => {}); },
      { connection, prefix: process.env.PREFIX, lockDuration: 500, stalledInterval: 500 });
  `,
    ],
    {
      env: { ...process.env, REDIS_URL: redis.server.url, PREFIX: redis.prefix },
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const jobs = redis.connect();
  const producer = await producerOf(jobs);
  await producer.add(job());
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const seen: number[] = [];
  jobs.worker(row(), async (_payload, { attempt }) => void seen.push(attempt), { lockMs: 500 });
  await until(() => seen.length === 1, 10_000);
  await until(async () => (await producer.counts()).active === 0);
  expect(seen).toEqual([1]);
});

test('closing lets a job end; one that does not is aborted, and another worker takes it', async () => {
  const [first, second] = [redis.connect(), redis.connect()];
  const log: string[] = [];
  first.worker(
    row(),
    async (payload, { signal }) => {
      log.push(`start ${nameOf(payload)}`);
      await sleep(nameOf(payload) === 'quick' ? 200 : 60_000, undefined, { signal });
      log.push(`end ${nameOf(payload)}`);
    },
    { concurrency: 2 },
  );
  const producer = await producerOf(second);
  await producer.add(job('quick'));
  await producer.add(job('slow'));
  await until(() => log.length === 2);
  const begin = performance.now();
  await first.close();
  expect(performance.now() - begin).toBeLessThan(2_000);
  expect(log).toEqual(['start quick', 'start slow', 'end quick']);
  second.worker(row(), async (payload, { attempt }) => void log.push(`again ${nameOf(payload)} ${attempt}`));
  await until(() => log.length > 3);
  expect(log.slice(3), 'with all of its attempts').toEqual(['again slow 1']);
});

test.for(['a:b', '', 'a b', 'ä'])('the queue name %j is refused', (queue) => {
  const jobs = redis.connect();
  expect(() => jobs.producer(row({ queue }))).toThrow(QueueNameError);
  expect(() => jobs.worker(row({ queue }), async () => {})).toThrow(QueueNameError);
});
