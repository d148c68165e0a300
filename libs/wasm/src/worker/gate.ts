/**
 * What an instance can wait for inside its worker. Once closed, none of its waits ends any more: an instance whose caller
 * gave up must not run on, and a guest that never resumes is garbage.
 */
export class Gate {
  #closed = false;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What has to be given back, and how. */
  readonly #held = new Map<object, () => void>();

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const held of this.#held.keys()) this.end(held);
  }

  /** Has something that the instance holds given back when it ends, if that is not done before. */
  whenClosed(held: object, giveBack: () => void): void {
    this.#held.set(held, giveBack);
    if (this.#closed) this.end(held);
  }

  /** Gives it back now. */
  end(held: object): void {
    const giveBack = this.#held.get(held);
    this.#held.delete(held);
    giveBack?.();
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
