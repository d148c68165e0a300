import type { NatsConnection } from '@nats-io/nats-core';
import { NatsConnectionImpl } from '@nats-io/nats-core/internal';
import type { EncodedHeaders } from './headers.ts';

interface Waiting {
  readonly subject: string;
  readonly payload: Uint8Array | undefined;
  readonly reply: string | undefined;
  readonly headers: EncodedHeaders | undefined;
}

/** More bytes than this do not wait: the server can be at work on them already. */
const ENOUGH_BYTES = 65_536;

/**
 * Messages that leave at the end of a turn of the event loop, all in one write: what many calls have to say comes up in as many
 * microtasks, and the client underneath would write for each. They are given to it as one piece: it makes four of each, and
 * puts all of them together again.
 */
export class SendQueue {
  readonly #nats: NatsConnectionImpl;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(nats: NatsConnection) {
    if (!(nats instanceof NatsConnectionImpl))
      throw new TypeError('the connection is not of the client that is known here');
    this.#nats = nats;
  }

  push(message: Waiting): void {
    this.#waiting.push(message);
    this.#bytes += message.payload?.length ?? 0;
    if (this.#bytes >= ENOUGH_BYTES) return this.flush();
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Hands over what there is now. */
  flush(): void {
    const waiting = this.#take();
    // Calls hear of a connection that was closed.
    if (waiting.length === 0 || this.#nats.isClosed()) return;
    const { protocol } = this.#nats;
    protocol.outMsgs += waiting.length;
    for (const message of waiting) protocol.outBytes += sizeOf(message);
    protocol.sendCommand(frameOf(waiting));
  }

  /** The connection broke: calls of which these are part are lost, and are not to begin when it is back. */
  clear(): void {
    this.#take();
  }

  #take(): readonly Waiting[] {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    return waiting;
  }
}

/** What a message ends with. */
const CR = 0x0d;
const LF = 0x0a;

/** Messages as they go over the wire (https://docs.nats.io/reference/reference-protocols/nats-protocol). */
const frameOf = (messages: readonly Waiting[]): Uint8Array => {
  const lines = messages.map(lineOf);
  let size = Buffer.byteLength(lines.join(''));
  for (const message of messages) size += sizeOf(message) + 2;
  const frame = Buffer.allocUnsafe(size);
  let at = 0;
  const add = (part: Uint8Array): void => {
    frame.set(part, at);
    at += part.length;
  };
  for (const [index, { headers, payload }] of messages.entries()) {
    at += frame.write(lines[index] ?? '', at);
    if (headers !== undefined) add(headers.encode());
    if (payload !== undefined) add(payload);
    frame[at++] = CR;
    frame[at++] = LF;
  }
  return frame;
};

const lineOf = (message: Waiting): string => {
  const { subject, reply, headers } = message;
  const to = reply === undefined ? subject : `${subject} ${reply}`;
  const size = sizeOf(message);
  return headers === undefined ? `PUB ${to} ${size}\r\n` : `HPUB ${to} ${headers.byteLength} ${size}\r\n`;
};

const sizeOf = ({ headers, payload }: Waiting): number => (headers?.byteLength ?? 0) + (payload?.length ?? 0);
