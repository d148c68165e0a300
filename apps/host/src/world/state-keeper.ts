import type { Logger } from '@kasmcloud/observe';
import type { Clock } from '@kasmcloud/reconcile';
import { readState, writeState, type KeptState } from './kept-state.ts';
import { SealedFile, SealedFileError } from './sealed-file.ts';

export interface StateKeeperOptions {
  readonly file: SealedFile;
  readonly clock: Clock;
  readonly log: Logger;
  /** What is to be kept; undefined while that is not known. */
  readonly state: () => KeptState | undefined;
}

/** Changes are gathered for this long. */
const GATHER_MS = 250;
/** A disk that refuses is tried again after this. */
const RETRY_MS = 5_000;

/** Keeps the last state on disk: written soon after it changed, one write at a time. */
export class StateKeeper {
  readonly #options: StateKeeperOptions;
  readonly #stop = new AbortController();
  #written: string | undefined;
  #touched = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(options: StateKeeperOptions) {
    this.#options = options;
  }

  /** What was kept; undefined when that is nothing, or of no use. */
  async read(): Promise<KeptState | undefined> {
    const { file, log } = this.#options;
    try {
      const text = await file.read();
      return text === undefined ? undefined : readState(text);
    } catch (error) {
      const isRefused = error instanceof SealedFileError;
      log.warn({ err: error }, isRefused ? 'kept state refused, started empty' : 'kept state not read, started empty');
      return undefined;
    }
  }

  /** From now on what is touched is written. */
  start(): void {
    this.#running ??= this.#run();
  }

  touch(): void {
    this.#touched.resolve();
  }

  /** Writes what is not written yet, and ends. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.touch();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      await this.#touched.promise;
      await clock.sleep(GATHER_MS, signal);
      this.#touched = Promise.withResolvers();
      try {
        await this.#write();
      } catch (error) {
        log.warn({ err: error }, 'state not kept: this host could not start again without its API server');
        await clock.sleep(RETRY_MS, signal);
        this.touch();
      }
      if (signal.aborted) return;
    }
  }

  async #write(): Promise<void> {
    const state = this.#options.state();
    if (state === undefined) return;
    const text = writeState(state);
    if (text === this.#written) return;
    await this.#options.file.write(text);
    this.#written = text;
  }
}
