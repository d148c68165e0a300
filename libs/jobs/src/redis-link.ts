import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '@kasmcloud/observe';

export type Availability = 'available' | 'silent';

export interface RedisLinkOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  readonly logger: Logger;
  /** Without an answer for so long Redis counts as silent. */
  readonly silentAfterMs: number;
}

const PING_MS = 500;
const COMMAND_TIMEOUT_MS = 1_500;

/** Remembers the blocking connections that BullMQ makes of it, so that they can be ended whatever state they are in. */
class WorkRedis extends Redis {
  readonly copies = new Set<Redis>();

  override duplicate(override?: Partial<RedisOptions>): Redis {
    const copy = super.duplicate(override);
    // An emitter without a listener for errors would end the process.
    copy.on('error', () => {});
    copy.once('end', () => this.copies.delete(copy));
    this.copies.add(copy);
    return copy;
  }
}

/** ioredis tells nobody of the end of a connection that it was about to make again: that one ends by its next attempt. */
const end = (redis: Redis): void => {
  if (redis.status === 'reconnecting') redis.once('connect', () => redis.disconnect());
  else redis.disconnect();
};

/**
 * The connections of one process to one Redis: `commands` fails at once while Redis is away, `work` waits for it, as
 * BullMQ's workers want. Both reconnect for ever.
 */
export class RedisLink {
  readonly commands: Redis;
  readonly work: WorkRedis;
  readonly #log: Logger;
  readonly #silentAfterMs: number;
  readonly #listeners = new Set<(now: Availability) => void>();
  #lastAnswer = performance.now();
  #told: Availability = 'available';
  #pinging = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ url, logger, silentAfterMs }: RedisLinkOptions) {
    this.#log = logger;
    this.#silentAfterMs = silentAfterMs;
    const both = {
      connectTimeout: COMMAND_TIMEOUT_MS,
      // Quick at first, as most restarts are; never slower than a reader would wait.
      retryStrategy: (times: number) => (this.#closed ? null : Math.min(50 * 2 ** Math.min(times, 6), 1_000)),
      // A peer that vanished without a word. Longer than BullMQ's longest blocking read.
      socketTimeout: 15_000,
    } satisfies RedisOptions;
    this.commands = new Redis(url, {
      ...both,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      commandTimeout: COMMAND_TIMEOUT_MS,
    });
    this.work = new WorkRedis(url, { ...both, maxRetriesPerRequest: null });
    for (const redis of [this.commands, this.work]) {
      redis.on('error', (err: Error) => this.#log.debug({ err }, 'redis connection failed'));
    }
    this.commands.on('ready', () => this.#tick());
    this.#tick();
  }

  /** Milliseconds since the last answer; since the start, if there was none yet. */
  silentForMs(): number {
    return performance.now() - this.#lastAnswer;
  }

  isAvailable(): boolean {
    return !this.#closed && this.silentForMs() < this.#silentAfterMs;
  }

  /** Tells each change; returns the function that ends it. */
  onChange(listener: (now: Availability) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What waits for an answer is told that there will be none. Connections are gone within a second. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
    for (const redis of [this.commands, this.work, ...this.work.copies]) end(redis);
  }

  #tick(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), PING_MS);
    this.#tell();
    if (this.#pinging || this.commands.status !== 'ready') return;
    this.#pinging = true;
    const answered = (): void => {
      this.#lastAnswer = performance.now();
      this.#tell();
    };
    this.commands
      .ping()
      .then(answered, (err: unknown) => this.#log.debug({ err }, 'redis did not answer'))
      .finally(() => (this.#pinging = false));
  }

  #tell(): void {
    const now = this.isAvailable() ? 'available' : 'silent';
    if (now === this.#told || this.#closed) return;
    this.#told = now;
    if (now === 'silent') this.#log.warn({ silentForMs: this.silentForMs() }, 'redis is silent');
    else this.#log.info('redis answers again');
    for (const listener of this.#listeners) listener(now);
  }
}
