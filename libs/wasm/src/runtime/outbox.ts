/** So many do not wait for the end of the turn: the other thread can be at work on them already. */
const enough = 4;

/**
 * Messages that leave together: all that a turn of the event loop gives rise to is one message of the port, which costs
 * about as much as any single one of them would.
 */
export class Outbox<T> {
  readonly #send: (messages: readonly T[]) => void;
  readonly #refused: (message: T, error: unknown) => void;
  #messages: T[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  /** `refused` is told of each message that cannot be sent: a function or a handle among its values. */
  constructor(send: (messages: readonly T[]) => void, refused: (message: T, error: unknown) => void) {
    this.#send = send;
    this.#refused = refused;
  }

  post(message: T): void {
    if (this.#messages.push(message) >= enough) return this.flush();
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Sends what there is now. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#messages.length === 0) return;
    const messages = this.#messages;
    this.#messages = [];
    try {
      this.#send(messages);
    } catch {
      for (const message of messages) this.#sendAlone(message);
    }
  }

  #sendAlone(message: T): void {
    try {
      this.#send([message]);
    } catch (error) {
      this.#refused(message, error);
    }
  }
}
