import type { HttpHeader } from '@kasmcloud/wrpc';
import { bodyWindow, maxChunk, type BodyPart } from '../runtime/protocol.ts';
import { Notice } from './gate.ts';
import { TurnEnd } from './turn-end.ts';
import type { Sink, Source } from './wasi/io.ts';

type End = 'open' | 'closed' | Error;

/** A body on its way into the guest. The sender keeps to its window, so what waits here is bounded. */
export class BodyReceiver implements Source {
  trailers: readonly HttpHeader[] | undefined;
  readonly #taken: (bytes: number) => void;
  readonly #changed = new Notice();
  #chunks: Uint8Array[] = [];
  #end: End = 'open';
  #dropped = false;

  /** `taken` is told how many bytes the guest took. */
  constructor(taken: (bytes: number) => void) {
    this.#taken = taken;
  }

  get end(): End {
    return this.#chunks.length > 0 ? 'open' : this.#end;
  }

  push(part: BodyPart): void {
    switch (part.kind) {
      case 'chunk':
        if (this.#dropped) this.#taken(part.bytes.length);
        else if (part.bytes.length > 0) this.#chunks.push(part.bytes);
        break;
      case 'end':
        this.trailers = part.trailers;
        this.#end = 'closed';
        break;
      case 'broken':
        this.#end = new Error(part.reason);
        break;
    }
    this.#changed.notify();
  }

  /** The guest does not want the rest: it flows past. */
  drop(): void {
    this.#dropped = true;
    const bytes = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#chunks = [];
    if (bytes > 0) this.#taken(bytes);
  }

  take(limit: number): Uint8Array {
    const first = this.#chunks.shift();
    if (first === undefined) return new Uint8Array();
    if (first.length > limit) this.#chunks.unshift(first.subarray(limit));
    const bytes = first.subarray(0, limit);
    if (bytes.length > 0) this.#taken(bytes.length);
    return bytes;
  }

  isReady(): boolean {
    return this.#chunks.length > 0 || this.#end !== 'open';
  }

  wait(): Promise<void> {
    return this.#changed.next();
  }
}

/** Bodies of this thread that have something to send. */
const unsent = new TurnEnd<BodySender>();

/** A body on its way out of the guest: as much as the window has room for, sent at the end of the turn. */
export class BodySender implements Sink {
  readonly #changed = new Notice();
  #window = bodyWindow;
  #parts: BodyPart[] = [];
  #send: ((parts: readonly BodyPart[]) => void) | undefined;
  #isWaiting = false;
  #end: End = 'open';

  get end(): End {
    return this.#end;
  }

  get room(): number {
    return Math.min(this.#window, maxChunk);
  }

  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#window -= bytes.length;
    this.#add({ kind: 'chunk', bytes });
  }

  finish(trailers?: readonly HttpHeader[]): void {
    if (this.#end !== 'open') return;
    this.#end = 'closed';
    this.#add({ kind: 'end', trailers });
  }

  /** The guest let go of the body before its end. */
  break(reason: string): void {
    if (this.#end !== 'open') return;
    this.#end = new Error(reason);
    this.#add({ kind: 'broken', reason });
  }

  /** Nobody reads on: what the guest writes from now on fails. */
  unwanted(): void {
    if (this.#end === 'open') this.#end = 'closed';
    this.#changed.notify();
  }

  /** Before, parts are kept; from now on they go to `send`. Returns what was kept. */
  attach(send: (parts: readonly BodyPart[]) => void): readonly BodyPart[] {
    this.#send = send;
    return this.#takeParts();
  }

  /** The reader took that many bytes. */
  taken(bytes: number): void {
    this.#window += bytes;
    this.#changed.notify();
  }

  flush(): void {
    this.#isWaiting = false;
    if (this.#send !== undefined && this.#parts.length > 0) this.#send(this.#takeParts());
  }

  isReady(): boolean {
    return this.#window > 0 || this.#end !== 'open';
  }

  wait(): Promise<void> {
    return this.#changed.next();
  }

  #add(part: BodyPart): void {
    this.#parts.push(part);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    unsent.add(this);
  }

  #takeParts(): readonly BodyPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
