import type { HttpHeader } from '@kasmcloud/wrpc';
import { WitError } from '../../error.ts';

// RFC 9110 §5.6.2 and §5.5.
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Fields that belong to a connection, not to a message: a guest that sets them could desynchronise it. */
const forbidden = new Set(['connection', 'host', 'http2-settings', 'keep-alive', 'proxy-connection', 'te', 'trailer']);
for (const name of ['proxy-authenticate', 'proxy-authorization', 'transfer-encoding', 'upgrade']) forbidden.add(name);

/** The most that the fields of one message take: names, values, and the 32 bytes for each that HTTP/2 counts too. */
const maxBytes = 64 * 1024;
const sizeOf = ([name, value]: Entry): number => name.length + value.length + 32;

const headerError = (tag: 'invalid-syntax' | 'forbidden' | 'immutable'): WitError => new WitError({ tag });

type Entry = readonly [name: string, value: Uint8Array];

/** wasi:http/types.fields: names without regard to case, values as bytes, in order. */
export class Fields {
  #entries: Entry[] = [];
  #bytes = 0;
  #immutable = false;

  static fromList(entries: readonly Entry[]): Fields {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  /** What the host received: not to be changed, and without the guest's rules. */
  static received(headers: readonly HttpHeader[]): Fields {
    const fields = new Fields();
    fields.#entries = headers.map(([name, value]) => [name.toLowerCase(), Buffer.from(value, 'latin1')]);
    fields.#immutable = true;
    return fields;
  }

  get(name: string): Uint8Array[] {
    const wanted = name.toLowerCase();
    return this.#entries.filter(([own]) => own.toLowerCase() === wanted).map(([, value]) => value);
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase();
    return this.#entries.some(([own]) => own.toLowerCase() === wanted);
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#check(name, values);
    this.delete(name);
    for (const value of values) this.append(name, value);
  }

  delete(name: string): void {
    this.#check(name, []);
    const wanted = name.toLowerCase();
    this.#entries = this.#entries.filter(([own]) => own.toLowerCase() !== wanted);
    this.#bytes = this.#entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  }

  append(name: string, value: Uint8Array): void {
    this.#check(name, [value]);
    this.#bytes += sizeOf([name, value]);
    if (this.#bytes > maxBytes) throw new Error(`header fields take more than ${maxBytes} bytes`);
    this.#entries.push([name, value]);
  }

  entries(): Entry[] {
    return [...this.#entries];
  }

  clone(): Fields {
    const fields = new Fields();
    fields.#entries = this.entries();
    fields.#bytes = this.#bytes;
    return fields;
  }

  /** For the wire, once the guest has handed the fields over. */
  freeze(): HttpHeader[] {
    this.#immutable = true;
    return this.#entries.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
  }

  #check(name: string, values: readonly Uint8Array[]): void {
    if (this.#immutable) throw headerError('immutable');
    if (!token.test(name) || values.some((value) => !isValue(value))) throw headerError('invalid-syntax');
    if (forbidden.has(name.toLowerCase())) throw headerError('forbidden');
  }
}

/** Without control characters but the tab: a line break would start another header. */
const isValue = (value: Uint8Array): boolean => value.every((byte) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09);
