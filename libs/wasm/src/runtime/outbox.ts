/**
 * So many do not wait for the end of the turn: the other thread can be at work on them already. While it is, more gather:
 * twice as many each time in the same turn.
 */
const enough = 4;
const most = 64;

/**
 * Messages that leave together: all that a turn of the event loop gives rise to is one message of the port, which costs
 * about as much as any single one of them would.
 */
export class Outbox<T> {
  readonly #send: (messages: readonly T[]) => void;
  readonly #refused: (message: T, error: unknown) => void;
  #messages: T[] = [];
  #enough = enough;
  /** Whether the end of the turn is waited for. */
  #isWaiting = false;

  /** `refused` is told of each message that cannot be sent: a function or a handle among its values. */
  constructor(send: (messages: readonly T[]) => void, refused: (message: T, error: unknown) => void) {
    this.#send = send;
    this.#refused = refused;
  }

  post(message: T): void {
    if (!this.#isWaiting) setImmediate(() => this.#endTurn());
    this.#isWaiting = true;
    if (this.#messages.push(message) < this.#enough) return;
    this.#enough = Math.min(this.#enough * 2, most);
    this.flush();
  }

  #endTurn(): void {
    this.#isWaiting = false;
    this.#enough = enough;
    this.flush();
  }

  /** Sends what there is now. */
  flush(): void {
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
