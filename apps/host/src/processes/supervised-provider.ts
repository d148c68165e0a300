import type { ProviderWish } from '@kasmcloud/lattice';
import { backoffMs } from '@kasmcloud/reconcile';
import type { Orphans } from './orphans.ts';
import { ProviderLife, type LifeOptions } from './provider-life.ts';
import type { Exit } from './provider-process.ts';

/** How long things may take, in milliseconds. */
export interface SupervisionTimes {
  /** Between two questions after its health. */
  readonly healthMs: number;
  /** For one answer. */
  readonly answerMs: number;
  /** Until it first answers. */
  readonly startMs: number;
  /** For its end after it was asked to. */
  readonly stopMs: number;
  /** The first wait after it ended by itself, doubled each time up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export const usualTimes: Omit<SupervisionTimes, 'healthMs' | 'stopMs'> = {
  answerMs: 2_000,
  startMs: 30_000,
  backoffMs: 1_000,
  maxBackoffMs: 300_000,
};

export interface SupervisedOptions extends Omit<LifeOptions, 'onDropped'> {
  readonly times: SupervisionTimes;
  readonly orphans: Orphans;
  readonly random: () => number;
  readonly onChange: () => void;
}

/** How a provider does. `message` is for its condition. */
export interface ProviderState {
  readonly kind: 'Starting' | 'Running' | 'Unhealthy' | 'NotAnswering' | 'CrashLoopBackOff';
  readonly message: string;
}

/** Questions in a row without an answer, after which a process is taken to hang. */
const MAX_SILENCE = 3;
/** A process that ran for so long has not failed at its start: the waits begin anew. */
const STEADY_MS = 60_000;
/** Between two questions while there is no answer. */
const POLL_MS = 200;
/** For how long a flood of output, and how the process before this one ended, is told. */
const LATELY_MS = 60_000;

/** A provider in a process of this host, started again whenever it ends, until it is stopped. */
export class SupervisedProvider {
  readonly #options: SupervisedOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #wish: ProviderWish;
  #life: ProviderLife | undefined;
  #state: ProviderState = { kind: 'Starting', message: 'its process has not answered yet' };
  #restarts = 0;
  #floodedAt: number | undefined;
  #end: { readonly how: string; readonly at: number } | undefined;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#wish = options.wish;
    this.#running = this.#supervise(this.#stop.signal);
  }

  get state(): ProviderState {
    const { kind, message } = this.#state;
    const isLately = (at: number | undefined): boolean =>
      at !== undefined && this.#options.clock.steady() - at < LATELY_MS;
    const flood = 'it floods its output: the host reads 1 MiB and writes down 100 lines a second';
    const parts = [
      message,
      kind !== 'CrashLoopBackOff' && isLately(this.#end?.at) ? `it was started again: ${this.#end?.how}` : '',
      isLately(this.#floodedAt) ? flood : '',
    ];
    return { kind, message: parts.filter((part) => part !== '').join('; ') };
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Tells the process what has changed for it. What changed of its own secrets it learns when it starts again. */
  update(wish: ProviderWish): void {
    this.#wish = wish;
    this.#life?.update(wish);
  }

  /** Asks the process to end, and ends it when it does not. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#life?.end(this.#options.times.stopMs);
    await this.#running;
  }

  async #supervise(signal: AbortSignal): Promise<void> {
    const { clock, random, times, log } = this.#options;
    const backoff = { baseMs: times.backoffMs, maxMs: times.maxBackoffMs, jitter: 0.1 };
    for (let failures = 0; !signal.aborted;) {
      const startedAt = clock.steady();
      const { how, lastWords } = await this.#live(signal);
      if (signal.aborted) return;
      const ranMs = clock.steady() - startedAt;
      failures = ranMs > STEADY_MS ? 1 : failures + 1;
      this.#restarts += 1;
      const waitMs = backoffMs(backoff, failures, random);
      log.warn({ how, lastWords, failures, waitMs: Math.round(waitMs) }, 'provider process ended');
      const again = new Date(clock.now() + waitMs).toISOString();
      const words = lastWords === '' ? '' : `; its last words: ${lastWords}`;
      const ended = `${how}, after ${(ranMs / 1000).toFixed(1)} s`;
      this.#end = { how: ended, at: clock.steady() };
      this.#tell('CrashLoopBackOff', `${ended}, ${failures} in a row, again at ${again}${words}`);
      await clock.sleep(waitMs, signal);
    }
  }

  /** One process from its start to its end. */
  async #live(signal: AbortSignal): Promise<Exit> {
    const { orphans } = this.#options;
    const life = new ProviderLife({ ...this.#options, wish: this.#wish, onDropped: (lines) => this.#flooded(lines) });
    this.#life = life;
    const over = new AbortController();
    if (life.pid !== undefined) await orphans.note(life.pid);
    const watching = this.#watch(life, AbortSignal.any([signal, over.signal]));
    const exit = await life.exited;
    over.abort();
    life.close();
    this.#life = undefined;
    const verdict = await watching;
    if (life.pid !== undefined) await orphans.forget(life.pid);
    return verdict === undefined ? exit : { ...exit, how: verdict };
  }

  /** Asks after its health for as long as it lives. One that hangs is ended; resolves with why, then. */
  async #watch(life: ProviderLife, signal: AbortSignal): Promise<string | undefined> {
    const { clock, times, connection } = this.#options;
    const startedAt = clock.steady();
    let hasAnswered = false;
    for (let silent = 0; !signal.aborted && !life.isOver;) {
      const health = await life.askHealth(times.answerMs, signal).catch(() => undefined);
      if (signal.aborted || life.isOver) return undefined;
      if (health !== undefined) {
        hasAnswered = true;
        silent = 0;
        // What changed while it could not be told.
        life.update(this.#wish);
        this.#tell(health.healthy ? 'Running' : 'Unhealthy', health.message ?? '');
      } else if (connection.isConnected) {
        silent += 1;
        const why = hasAnswered
          ? silent >= MAX_SILENCE && `it hung: ${silent} questions after its health were not answered`
          : clock.steady() - startedAt > times.startMs && `it hung: no answer within ${times.startMs} ms of its start`;
        if (why !== false) {
          life.kill();
          return why;
        }
        if (hasAnswered) this.#tell('NotAnswering', 'a question after its health was not answered');
      }
      await clock.sleep(hasAnswered && silent === 0 ? times.healthMs : POLL_MS, signal);
    }
    return undefined;
  }

  #flooded(lines: number): void {
    const told = this.state.message;
    this.#floodedAt = this.#options.clock.steady();
    this.#options.log.warn({ lines }, 'provider output dropped');
    if (this.state.message !== told) this.#options.onChange();
  }

  #tell(kind: ProviderState['kind'], message: string): void {
    const before = this.#state;
    this.#state = { kind, message };
    if (before.kind !== kind || before.message !== message) this.#options.onChange();
  }
}
