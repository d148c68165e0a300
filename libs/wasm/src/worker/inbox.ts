/** How long messages are worked off at a stretch. What they led to is sent in between. */
const stretchMs = 1;

/** Messages that came together, in their order. */
export class Inbox<T> {
  readonly #receive: (message: T) => void;
  readonly #isLast: (message: T) => boolean;
  #messages: T[] = [];
  #isWorking = false;

  /** After messages that are `isLast`, others wait for the next turn. */
  constructor(receive: (message: T) => void, isLast: (message: T) => boolean) {
    this.#receive = receive;
    this.#isLast = isLast;
  }

  take(messages: readonly T[]): void {
    for (const message of messages) this.#messages.push(message);
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    let until = performance.now() + stretchMs;
    while (this.#messages.length > 0) {
      const messages = this.#messages;
      this.#messages = [];
      for (const message of messages) {
        this.#receive(message);
        // A guest's stack goes back for the next guest only once its promise was looked at: V8 keeps few of them, and a
        // new one costs more than a small guest does.
        await Promise.resolve();
        if (performance.now() < until && !this.#isLast(message)) continue;
        await new Promise((resolve) => setImmediate(resolve));
        until = performance.now() + stretchMs;
      }
    }
    this.#isWorking = false;
  }
}
