import { StreamOverflowError } from './error.ts';

/** Messages of one nested subject between their arrival and their reader, in bounded memory. */
export class MessageQueue {
  readonly #limitBytes: number;
  readonly #onOver: () => void;
  #items: Uint8Array[] = [];
  #bytes = 0;
  #over = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param onOver called once, when nothing more will be accepted */
  constructor(limitBytes: number, onOver: () => void) {
    this.#limitBytes = limitBytes;
    this.#onOver = onOver;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** An empty message is the end. */
  push(data: Uint8Array): void {
    if (this.#over) return;
    if (data.length === 0) return this.#finish();
    this.#bytes += data.length;
    if (this.#bytes > this.#limitBytes) {
      this.#items = [];
      return this.fail(new StreamOverflowError(this.#limitBytes));
    }
    this.#items.push(data);
    this.#wake?.();
  }

  /** What has arrived can still be read; then the reader gets the error. */
  fail(error: Error): void {
    if (this.#over) return;
    this.#error = error;
    this.#finish();
  }

  /** The reader wants no more. */
  discard(): void {
    this.#items = [];
    this.#bytes = 0;
    if (!this.#over) this.#finish();
  }

  /** The next message, or undefined at the end. One reader at a time. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#bytes -= item.length;
        return item;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#over) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  #finish(): void {
    this.#over = true;
    this.#wake?.();
    this.#onOver();
  }
}
