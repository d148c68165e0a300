/** How many texts of at most so many characters are kept: as many as an integer has bits. */
const textsKept = 32;
const longestKept = 64;

/** Where a text is kept: by its length and three of its letters, which tell the keys of one guest apart. */
const placeOf = (bytes: Uint8Array, from: number, to: number): number => {
  const length = to - from;
  const [first = 0, middle = 0, last = 0] = [bytes[from], bytes[from + (length >> 1)], bytes[to - 1]];
  return (length * 7 + first * 31 + middle + last * 17) & (textsKept - 1);
};

const isText = (text: string, bytes: Uint8Array, from: number, to: number): boolean => {
  if (text.length !== to - from) return false;
  for (let at = from; at < to; at++) if (text.charCodeAt(at - from) !== bytes[at]) return false;
  return true;
};

/** The engine's one string of these characters. Whatever is looked up by another string is looked for by this one first. */
const interned = (text: string): string => {
  // Without a prototype it is a table from the start, and the text leaves nothing behind.
  const table = Object.create(null) as Record<string, undefined>;
  table[text] = undefined;
  return Object.keys(table)[0] ?? text;
};

/** A memory as the host reads and writes it. All functions of an instance that share a memory share its views. */
export class GuestMemory {
  readonly #memory: { readonly buffer: ArrayBuffer } | undefined;
  view: DataView<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes, for the engine's own conversions from and to text. */
  chars: Buffer<ArrayBuffer>;

  /** Short texts that were read. */
  #texts: string[] | undefined;
  /** A bit for each of their places. */
  #interned = 0;

  constructor(memory: { readonly buffer: ArrayBuffer } | undefined) {
    this.#memory = memory;
    const buffer = memory?.buffer ?? new ArrayBuffer(0);
    this.view = new DataView(buffer);
    this.bytes = new Uint8Array(buffer);
    this.chars = Buffer.from(buffer);
  }

  /**
   * The text of these bytes; undefined when they are not all ASCII. Guests pass few texts, keys and names, again and again:
   * a short one is the same string as the last time, found at a third of what it costs to make it.
   */
  ascii(from: number, to: number): string | undefined {
    const { bytes } = this;
    this.#texts ??= Array.from({ length: textsKept }, () => '');
    const place = placeOf(bytes, from, to);
    const kept = this.#texts[place] ?? '';
    if (isText(kept, bytes, from, to)) {
      // Only what comes again: to intern costs more than to read.
      return ((this.#interned >>> place) & 1) === 1 ? kept : this.#keep(place, interned(kept), 1);
    }
    for (let at = from; at < to; at++) if ((bytes[at] ?? 0) >= 0x80) return undefined;
    const text = this.chars.toString('latin1', from, to);
    return to - from > longestKept ? text : this.#keep(place, text, 0);
  }

  #keep(place: number, text: string, isInterned: 0 | 1): string {
    if (this.#texts !== undefined) this.#texts[place] = text;
    this.#interned = (this.#interned & ~(1 << place)) | (isInterned << place);
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
