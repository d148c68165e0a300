import type { Msg } from '@nats-io/nats-core';
import { MsgHdrsImpl, MsgImpl } from '@nats-io/nats-core/internal';
import { wrpcHeader } from '@kasmcloud/wire';

export type Headers = Readonly<Record<string, string>>;

/** Headers in the form in which they leave: the client asks for their bytes with every message. */
export class EncodedHeaders extends MsgHdrsImpl {
  readonly #bytes: Uint8Array;

  constructor(headers: Headers) {
    super();
    for (const [name, value] of Object.entries(headers)) this.set(name, value);
    this.#bytes = super.encode();
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  override encode(): Uint8Array {
    return this.#bytes;
  }
}

const plain = new WeakMap<Headers, EncodedHeaders>();
const whole = new WeakMap<Headers, EncodedHeaders>();
const none: Headers = {};

/** Computed once per object: whoever says the same with every message gives the same object. */
export const encodedHeaders = (headers: Headers): EncodedHeaders => remember(plain, headers, {});

/** The same, with the word that the call's parameters are all in its first message. */
export const wholeHeaders = (headers: Headers = none): EncodedHeaders =>
  remember(whole, headers, { [wrpcHeader.whole]: '1' });

const remember = (known: WeakMap<Headers, EncodedHeaders>, headers: Headers, more: Headers): EncodedHeaders => {
  const before = known.get(headers);
  if (before !== undefined) return before;
  const encoded = new EncodedHeaders({ ...headers, ...more });
  known.set(headers, encoded);
  return encoded;
};

type Read = ReadonlyMap<string, string>;

/** What peers say with message after message, by its bytes as text: to read it costs more than all else of a short message. */
const read = new Map<string, Read>();
const MOST_READ = 256;
const LONGEST_READ = 512;

/** The first value of each header of a message. */
export const headersOf = (message: Msg): Read => {
  const text = message instanceof MsgImpl && rawHeaders(message);
  if (text === false || text.length > LONGEST_READ) return firstValues(message);
  const before = read.get(text);
  if (before !== undefined) return before;
  const values = firstValues(message);
  if (read.size >= MOST_READ) read.clear();
  read.set(text, values);
  return values;
};

/** Each byte a character: as different as the bytes are. */
const rawHeaders = ({ _msg: { hdr }, _rdata: { buffer, byteOffset } }: MsgImpl): string =>
  hdr > 0 ? Buffer.from(buffer, byteOffset, hdr).toString('latin1') : '';

const firstValues = ({ headers }: Msg): Read =>
  new Map([...(headers ?? [])].map(([name, values]) => [name, values[0] ?? '']));
