import type { HttpHeader } from '@kasmcloud/wrpc';
import type { BodyPart } from './protocol.ts';

type Trailers = readonly HttpHeader[] | undefined;

/** A body that a guest writes, as its reader sees it. Reading gives the guest room for more; leaving early stops it. */
export class GuestBody implements AsyncIterable<Uint8Array> {
  readonly trailers: Promise<Trailers>;
  readonly #taken: (bytes: number) => void;
  readonly #unwanted: () => void;
  readonly #trailers = Promise.withResolvers<Trailers>();
  #chunks: Uint8Array[] = [];
  #end: 'open' | 'closed' | Error = 'open';
  #changed: PromiseWithResolvers<void> | undefined;

  constructor(taken: (bytes: number) => void, unwanted: () => void) {
    this.#taken = taken;
    this.#unwanted = unwanted;
    this.trailers = this.#trailers.promise;
    // Many readers never ask for trailers, and learn of the failure by the body.
    this.trailers.catch(() => undefined);
  }

  push(part: BodyPart): void {
    switch (part.kind) {
      case 'chunk':
        if (this.#end === 'open') this.#chunks.push(part.bytes);
        this.#wake();
        return;
      case 'end':
        this.#trailers.resolve(part.trailers);
        this.#close('closed');
        return;
      case 'broken':
        this.end(new Error(part.reason));
    }
  }

  /** The call is over: nothing comes any more. */
  end(error: Error | undefined): void {
    if (this.#end !== 'open') return;
    const reason = error ?? new Error('the body has no end');
    this.#trailers.reject(reason);
    this.#close(reason);
  }

  /** Nobody reads on: what the guest writes from now on fails. */
  leave(): void {
    this.#chunks = [];
    if (this.#end !== 'open') return;
    this.#close('closed');
    this.#trailers.reject(new Error('the body was left before its end'));
    this.#unwanted();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          if (this.#end === 'open') this.#taken(chunk.length);
          yield chunk;
        } else if (this.#end === 'closed') return;
        else if (this.#end !== 'open') throw this.#end;
        else await (this.#changed ??= Promise.withResolvers<void>()).promise;
      }
    } finally {
      this.leave();
    }
  }

  #close(end: 'closed' | Error): void {
    if (this.#end === 'open') this.#end = end;
    this.#wake();
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
