import type { ServerResponse } from 'node:http';
import type { HttpHeader } from '@kasmcloud/wrpc';
import type { BodyPart, ResponseHead } from '../runtime/protocol.ts';
import { TurnEnd } from '../worker/turn-end.ts';
import { isHopByHop } from './head.ts';
import { refusalHeaders, type Refusal } from './refusal.ts';

const smallBytes = 4096;

/** Writers of this thread that have something to write. */
const waiting = new TurnEnd<ResponseWriter>();

/** Writes what all writers of this thread have now. */
export const flushAnswers = (): void => waiting.flush();

/**
 * Writes the answer to one request. What is there by the end of the turn leaves together: an answer that is whole by then
 * has a length, any other is streamed. The writer of the body hears how much the client took.
 */
export class ResponseWriter {
  readonly #response: ServerResponse;
  readonly #taken: (bytes: number) => void;
  #head: ResponseHead | undefined;
  #parts: BodyPart[] = [];
  #untold = 0;
  #isWaiting = false;
  #listensForDrain = false;

  constructor(response: ServerResponse, taken: (bytes: number) => void) {
    this.#response = response;
    this.#taken = taken;
  }

  /** Whether there is an answer, or nobody left to give one to. */
  get hasBegun(): boolean {
    return this.#head !== undefined || this.#response.headersSent || this.#response.destroyed;
  }

  begin(head: ResponseHead, parts: readonly BodyPart[] = []): void {
    if (this.hasBegun) return;
    this.#head = head;
    this.push(parts);
  }

  push(parts: readonly BodyPart[]): void {
    for (const part of parts) this.#parts.push(part);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    waiting.add(this);
  }

  refuse(refusal: Refusal): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    // The only honest end of a body that broke off.
    if (this.hasBegun) this.#response.destroy();
    else {
      this.begin({ status: refusal.status, headers: refusalHeaders(refusal) });
      this.push([{ kind: 'chunk', bytes: Buffer.from(`${refusal.text}\n`) }, { kind: 'end' }]);
      this.flush();
    }
  }

  /** Writes what there is now. */
  flush(): void {
    this.#isWaiting = false;
    const head = this.#head;
    const parts = this.#parts;
    this.#parts = [];
    if (head === undefined || this.#response.destroyed) return;
    if (this.#response.headersSent) return this.#write(parts);
    const whole = wholeOf(parts);
    const headers = fieldsOf(head.headers);
    if (whole === undefined) {
      this.#response.writeHead(head.status, headers);
      this.#response.flushHeaders();
      return this.#write(parts);
    }
    if (lacksLength(this.#response.req.method, head)) headers.push('content-length', String(whole.length));
    this.#response.writeHead(head.status, headers);
    if (whole.length > smallBytes) this.#response.end(whole);
    // As text it goes out in one piece with the head.
    else this.#response.end(textOf(whole), 'latin1');
  }

  #write(parts: readonly BodyPart[]): void {
    for (const part of parts) {
      if (part.kind === 'broken') this.#response.destroy();
      else if (part.kind === 'end') {
        if (part.trailers !== undefined)
          this.#response.addTrailers(part.trailers.map(([name, value]): [string, string] => [name, value]));
        this.#response.end();
      } else {
        this.#untold += part.bytes.length;
        if (this.#response.write(part.bytes)) this.#tell();
        else this.#tellWhenDrained();
      }
    }
  }

  #tellWhenDrained(): void {
    if (this.#listensForDrain) return;
    this.#listensForDrain = true;
    this.#response.on('drain', () => this.#tell());
  }

  #tell(): void {
    const bytes = this.#untold;
    this.#untold = 0;
    if (bytes > 0) this.#taken(bytes);
  }
}

const room = Buffer.alloc(smallBytes);

/** The bytes as characters, by way of a buffer that is there: one of their own would cost more than to copy them. */
const textOf = (bytes: Uint8Array): string => {
  room.set(bytes);
  return room.toString('latin1', 0, bytes.length);
};

/** The body, when these parts are all of it and there are no trailers. */
const wholeOf = (parts: readonly BodyPart[]): Uint8Array | undefined => {
  const [first, second] = parts;
  // Most answers are one chunk.
  if (first?.kind === 'chunk' && second?.kind === 'end' && second.trailers === undefined) return first.bytes;
  const last = parts.at(-1);
  if (last?.kind !== 'end' || last.trailers !== undefined) return undefined;
  return Buffer.concat(parts.flatMap((part) => (part.kind === 'chunk' ? [part.bytes] : [])));
};

/** Whether the length of the body is still to be told, and may be (RFC 9110 §8.6). */
const lacksLength = (method: string | undefined, { status, headers }: ResponseHead): boolean =>
  method !== 'HEAD' &&
  status >= 200 &&
  status !== 204 &&
  status !== 304 &&
  !headers.some(([name]) => name.toLowerCase() === 'content-length');

/** Names and values in turn, as node:http takes them; several of one name stay several. */
const fieldsOf = (headers: readonly HttpHeader[]): string[] => {
  const fields: string[] = [];
  for (const [name, value] of headers) if (!isHopByHop(name.toLowerCase())) fields.push(name, value);
  return fields;
};
