/** How many texts of at most so many characters are kept; a power of two. */
const textsKept = 32;
const longestKept = 64;

const isText = (text: string, bytes: Uint8Array, from: number, to: number): boolean => {
  if (text.length !== to - from) return false;
  for (let at = from; at < to; at++) if (text.charCodeAt(at - from) !== bytes[at]) return false;
  return true;
};

/** The engine's one string of these characters. Whatever is looked up by another string is looked for by this one first. */
const interned = (text: string): string => Object.keys({ [text]: undefined })[0] ?? text;

/** A memory as the host reads and writes it. All functions of an instance that share a memory share its views. */
export class GuestMemory {
  readonly #memory: { readonly buffer: ArrayBuffer } | undefined;
  view: DataView<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes, for the engine's own conversions from and to text. */
  chars: Buffer<ArrayBuffer>;

  /** Short texts that were read, by a hash of their bytes. */
  #texts: string[] | undefined;

  constructor(memory: { readonly buffer: ArrayBuffer } | undefined) {
    this.#memory = memory;
    const buffer = memory?.buffer ?? new ArrayBuffer(0);
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
    this.chars = Buffer.from(buffer);
  }

  /**
   * The text of these bytes; undefined when they are not all ASCII. Guests pass few texts, keys and names, again and again:
   * a short one is the same string as the last time.
   */
  ascii(from: number, to: number): string | undefined {
    const { bytes } = this;
    let all = 0;
    let hash = to - from;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0x80;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (all >= 0x80) return undefined;
    if (to - from > longestKept) return this.chars.toString('latin1', from, to);
    this.#texts ??= Array.from({ length: textsKept }, () => '');
    const place = (hash ^ (hash >>> 16)) & (textsKept - 1);
    const kept = this.#texts[place] ?? '';
    if (isText(kept, bytes, from, to)) return kept;
    const text = interned(this.chars.toString('latin1', from, to));
    this.#texts[place] = text;
    return text;
  }

  /** A memory that grew has another buffer, and the one before has no bytes: to be called whenever the guest has run. */
  refresh(): void {
    if (this.bytes.length > 0) return;
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || buffer.byteLength === 0) return;
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
    this.chars = Buffer.from(buffer);
  }
}
