/** A Redis of their own for the tests of one file, and queues on it that end with each test. */
import { Redis } from 'ioredis';
import { startRedis, type RedisServer } from '@kasmcloud/testing';
import { clusterJob, clusterJobId, clusterQueue, type ClusterJob } from '@kasmcloud/wire';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { JobQueue } from './job-queue.ts';
import { Jobs, type JobsOptions } from './jobs.ts';

let run = 0;

export class RedisForTests {
  readonly #open: Jobs[] = [];
  #server: RedisServer | undefined;
  #admin: Redis | undefined;
  #prefix = '';

  constructor() {
    beforeAll(async () => {
      this.#server = await startRedis();
      this.#admin = new Redis(this.server.url);
      this.#admin.on('error', () => {});
    });
    afterAll(async () => {
      this.admin.disconnect();
      await this.server.close();
    });
    beforeEach(() => {
      run += 1;
      this.#prefix = `test${run}`;
    });
    afterEach(async () => {
      await Promise.all(this.#open.splice(0).map((jobs) => jobs.close()));
    });
  }

  get server(): RedisServer {
    if (this.#server === undefined) throw new TypeError('Redis is not started yet');
    return this.#server;
  }

  get admin(): Redis {
    if (this.#admin === undefined) throw new TypeError('Redis is not started yet');
    return this.#admin;
  }

  get prefix(): string {
    return this.#prefix;
  }

  connect(options: Partial<JobsOptions> = {}): Jobs {
    const jobs = new Jobs({ url: this.server.url, prefix: this.#prefix, ...options });
    this.#open.push(jobs);
    return jobs;
  }
}

export const row = (over: Partial<JobQueue<ClusterJob>> = {}): JobQueue<ClusterJob> => ({
  queue: clusterQueue('eu-1'),
  schema: clusterJob,
  dedupeId: clusterJobId,
  ...over,
});

export const job = (name = 'web'): ClusterJob => ({ kind: 'placement', cluster: 'eu-1', namespace: 'shop', name });

export const nameOf = (payload: ClusterJob): string => (payload.kind === 'placement' ? payload.name : payload.kind);

/** Waits until `check` holds. */
export const until = async (check: () => unknown, timeout = 5_000): Promise<void> => {
  await vi.waitFor(async () => expect(await check()).toBeTruthy(), { timeout, interval: 20 });
};

/** A producer that can be used: the connection stands. */
export const producerOf = async (
  jobs: Jobs,
  definition = row(),
): Promise<ReturnType<typeof jobs.producer<ClusterJob>>> => {
  const producer = jobs.producer(definition);
  await until(() =>
    producer.counts().then(
      () => true,
      () => false,
    ),
  );
  return producer;
};
