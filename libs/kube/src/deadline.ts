/**
 * A signal that aborts with its parent or after `ms`, whichever comes first, and lets go of both when disposed.
 * `AbortSignal.any` would keep a link on the parent for as long as the parent lives, which for a service is for ever.
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #parent: AbortSignal | undefined;
  readonly #follow = (): void => this.#controller.abort(this.#parent?.reason);
  #passed = false;

  constructor(ms: number, parent?: AbortSignal) {
    this.#parent = parent;
    this.#timer = setTimeout(() => {
      this.#passed = true;
      this.#controller.abort();
    }, ms);
    if (parent?.aborted === true) this.#follow();
    else parent?.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when the time ran out, false when the parent aborted or nothing happened. */
  get passed(): boolean {
    return this.#passed;
  }

  /** Resolves or rejects with `work`, unless the signal aborts first: then rejects with its reason. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(this.signal.reason);
    if (this.signal.aborted) stop();
    this.signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work, ended]);
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  }

  /** The time no longer matters; the parent still does. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stop();
    this.#parent?.removeEventListener('abort', this.#follow);
  }
}
