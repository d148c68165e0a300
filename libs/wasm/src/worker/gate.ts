/**
 * What an instance can wait for inside its worker. Once closed, none of its waits ends any more: an instance whose caller
 * gave up must not run on, and a guest that never resumes is garbage.
 */
export class Gate {
  #closed = false;
  readonly #timers = new Set<NodeJS.Timeout>();

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Resolves after that time; never, once closed. Times past what a timer can count are as good as never. */
  delay(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) return;
      const timer = setTimeout(
        () => {
          this.#timers.delete(timer);
          resolve();
        },
        Math.min(milliseconds, 2 ** 31 - 1),
      );
      this.#timers.add(timer);
    });
  }
}

/** Wakes whoever waits, each time something changed. */
export class Notice {
  #waiting: PromiseWithResolvers<void> | undefined;

  notify(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }

  next(): Promise<void> {
    this.#waiting ??= Promise.withResolvers<void>();
    return this.#waiting.promise;
  }
}
