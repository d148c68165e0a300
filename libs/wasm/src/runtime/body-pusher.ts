import type { HttpHeader } from '@kasmcloud/wrpc';
import { bodyWindow, maxChunk, type BodyPart } from './protocol.ts';

/** Sends a body into a guest, never more ahead of it than the window. */
export class BodyPusher {
  readonly #send: (part: BodyPart) => void;
  #window = bodyWindow;
  #more = Promise.withResolvers<void>();
  #isOver = false;

  constructor(send: (part: BodyPart) => void) {
    this.#send = send;
  }

  /** Sends everything, then the trailers; a failure of the body is told to the guest. Never rejects. */
  async push(body: AsyncIterable<Uint8Array>, trailers?: Promise<readonly HttpHeader[] | undefined>): Promise<void> {
    try {
      for await (const chunk of body) {
        for (let at = 0; at < chunk.length; at += maxChunk) {
          while (this.#window <= 0 && !this.#isOver) await this.#more.promise;
          if (this.#isOver) return;
          // A copy: what is cloned is the whole buffer under a view, and a server's chunks share one.
          const bytes = chunk.slice(at, at + maxChunk);
          this.#window -= bytes.length;
          this.#send({ kind: 'chunk', bytes });
        }
        if (this.#isOver) return;
      }
      this.#send({ kind: 'end', trailers: await trailers });
    } catch (error) {
      this.#send({ kind: 'broken', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The guest took that many bytes. */
  taken(bytes: number): void {
    this.#window += bytes;
    this.#wake();
  }

  /** Nobody takes any more: the body is left. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  #wake(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }
}
