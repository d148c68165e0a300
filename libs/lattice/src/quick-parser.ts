import type { NatsConnection } from '@nats-io/nats-core';
import { Kind, NatsConnectionImpl, Parser, State } from '@nats-io/nats-core/internal';

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const H = 0x48;
/** `MSG `. */
const WORD = [0x4d, 0x53, 0x47, SPACE];

/** Longer numbers are left to the client, which knows what is too much. */
const MOST_DIGITS = 7;

/**
 * The client's parser goes from byte to byte, which costs a short message more than what is done with it. Here messages that
 * are whole in what was read are found by the end of their line; the client's own goes on with everything else.
 */
export class QuickParser extends Parser {
  override parse(bytes: Uint8Array): void {
    let at = 0;
    // In the midst of something it is the other's until the next.
    while (this.state === State.OP_START && at < bytes.length) {
      const end = this.#message(bytes, at);
      if (end === undefined) break;
      at = end;
    }
    if (at < bytes.length) super.parse(at === 0 ? bytes : bytes.subarray(at));
  }

  /** Tells the message that begins there: `MSG subject sid [reply] size`, or `HMSG` with the size of its headers. Where it ends. */
  #message(bytes: Uint8Array, start: number): number | undefined {
    const hasHeaders = bytes[start] === H;
    let from = hasHeaders ? start + 1 : start;
    for (const byte of WORD) if (bytes[from++] !== byte) return undefined;
    const lineEnd = bytes.indexOf(LF, from) - 1;
    if (bytes[lineEnd] !== CR) return undefined;

    const sizeAt = wordBefore(bytes, lineEnd);
    const size = numberIn(bytes, sizeAt, lineEnd);
    const headersAt = hasHeaders ? wordBefore(bytes, sizeAt - 1) : sizeAt;
    const hdr = hasHeaders ? numberIn(bytes, headersAt, sizeAt - 1) : -1;
    const namesEnd = headersAt - 1;
    const subjectEnd = bytes.indexOf(SPACE, from);
    const sidEnd = bytes.indexOf(SPACE, subjectEnd + 1);
    const sid = numberIn(bytes, subjectEnd + 1, sidEnd);
    const dataAt = lineEnd + 2;
    const end = dataAt + size;
    const hasReply = sidEnd < namesEnd;
    if (size < 0 || sid < 0 || hdr > size || hdr >= 0 !== hasHeaders || sidEnd > namesEnd) return undefined;
    if (hasReply && bytes.indexOf(SPACE, sidEnd + 1) !== namesEnd) return undefined;
    if (bytes[end] !== CR || bytes[end + 1] !== LF) return undefined;

    const subject = bytes.subarray(from, subjectEnd);
    const msg = hasReply
      ? { subject, reply: bytes.subarray(sidEnd + 1, namesEnd), sid, hdr, size }
      : { subject, sid, hdr, size };
    this.dispatcher.push({ kind: Kind.MSG, msg, data: bytes.subarray(dataAt, end) });
    return end + 2;
  }
}

/** Where the word begins that ends there. */
const wordBefore = (bytes: Uint8Array, end: number): number => {
  let at = end;
  while (at > 0 && bytes[at - 1] !== SPACE) at -= 1;
  return at;
};

/** Negative where there is none. */
const numberIn = (bytes: Uint8Array, from: number, to: number): number => {
  if (from >= to || to - from > MOST_DIGITS) return -1;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
};

/** Has a connection's messages read so, until it breaks. */
export const quicken = (nats: NatsConnection): void => {
  if (!(nats instanceof NatsConnectionImpl)) return;
  const { protocol } = nats;
  if (protocol.parser.state === State.OP_START) protocol.parser = new QuickParser(protocol);
};
