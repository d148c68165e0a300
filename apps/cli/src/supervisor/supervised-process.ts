import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../user-error.ts';
import type { LogFile } from './log-file.ts';
import { signalGroup } from './orphans.ts';

/** What to run, and how one knows that it serves. */
export interface ProcessSpec {
  /** Unique; the name of its log. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The port it serves on, told in the state file. */
  readonly port?: number;
  /** True once it answers; asked again and again until the deadline. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>;
  /** Milliseconds that it may take to answer after a start. */
  readonly readyWithinMs: number;
}

/** A process did not answer in time after its start. */
export class NotReadyError extends UserError {
  override readonly name = 'NotReadyError';

  constructor(processName: string, withinMs: number, log: LogFile) {
    super(`${processName} did not answer within ${withinMs / 1000} s; the end of ${log.path}:\n${log.tail(5)}`);
  }
}

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** A process that ran this long starts over with the first delay. */
  readonly forgetAfterMs: number;
}

const RESTART: Backoff = { firstMs: 100, maxMs: 10_000, forgetAfterMs: 10_000 };
const GRACE_MS = 5_000;

/** How long to wait before a restart, for a process that ended `failures` times in a row before. */
export const restartDelayMs = (failures: number, { firstMs, maxMs }: Backoff): number =>
  Math.min(firstMs * 2 ** Math.min(failures, 30), maxMs);

/** One child process that is started again whenever it ends, until it is stopped. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #log: LogFile;
  readonly #backoff: Backoff;
  readonly #changed: () => void;
  #child: ChildProcess | undefined;
  #wanted = false;
  #held = false;
  #restarts = 0;
  #failures = 0;
  #startedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed called whenever the pid or the number of restarts is another */
  constructor(spec: ProcessSpec, log: LogFile, changed: () => void, backoff: Backoff = RESTART) {
    this.spec = spec;
    this.#log = log;
    this.#changed = changed;
    this.#backoff = backoff;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    this.#wanted = true;
    this.#spawn();
  }

  /** Waits until the process answers. Throws NotReadyError after the spec's deadline. */
  async ready(signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.timeout(this.spec.readyWithinMs);
    const either = AbortSignal.any([signal, deadline]);
    while (this.#child === undefined || !(await this.#answers(either))) {
      signal.throwIfAborted();
      if (deadline.aborted) throw new NotReadyError(this.spec.name, this.spec.readyWithinMs, this.#log);
      await sleep(25);
    }
  }

  /** Ends the process and leaves it down until `release`. */
  hold(end: NodeJS.Signals): void {
    this.#held = true;
    this.#signal(end);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.#wanted && this.#child === undefined) this.#spawn();
  }

  /** Stops for good: SIGTERM, and SIGKILL after five seconds. Resolves when the process and its group are gone. */
  async stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    this.#signal('SIGTERM');
    const escalate = setTimeout(() => this.#signal('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(escalate);
    this.#log.close();
  }

  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.spec.isReady(signal);
    } catch {
      return false;
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, signal);
  }

  #spawn(): void {
    const { program, args, env } = this.spec;
    this.#startedAtMs = performance.now();
    // A group of its own: Ctrl-C in the terminal reaches only us, who then stop everything in order.
    const child = spawn(program, args, {
      stdio: ['ignore', this.#log.descriptor, this.#log.descriptor],
      detached: true,
      env: { ...process.env, ...env },
    });
    this.#child = child;
    const end = (): void => {
      if (this.#child === child) this.#ended(child.pid);
    };
    child.once('exit', end);
    child.once('error', end);
    this.#changed();
  }

  #ended(pid: number | undefined): void {
    // What it started must not outlive it.
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    this.#child = undefined;
    if (this.#wanted && !this.#held) {
      if (performance.now() - this.#startedAtMs > this.#backoff.forgetAfterMs) this.#failures = 0;
      this.#timer = setTimeout(() => this.#restart(), restartDelayMs(this.#failures, this.#backoff));
      this.#failures += 1;
    }
    this.#changed();
  }

  #restart(): void {
    if (!this.#wanted || this.#held || this.#child !== undefined) return;
    this.#restarts += 1;
    this.#spawn();
  }
}
