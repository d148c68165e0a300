import { ByteWriter } from './byte-writer.ts';
import { Decoder } from './decode.ts';
import { Reader, type DecodeLimits, type Step } from './reader.ts';
import type { WitType } from './wit-type.ts';

/**
 * Decodes the chunks of a stream's own subject. Bytes of a `stream<u8>` come out as they arrive, without waiting for the
 * end of a chunk; elements of other types come out chunk by chunk. `maxBytes` holds per chunk of such elements,
 * `maxElements` per call of `push`. Every method throws WrpcDecodeError; after that the decoder is of no more use.
 */
export class StreamDecoder {
  readonly #of: WitType;
  readonly #reader: Reader;
  readonly #work: Step<void>;
  #bytes = new ByteWriter();
  #chunks: unknown[][] = [];
  #withinChunk = false;
  #ended = false;

  constructor(of: WitType | undefined, limits: DecodeLimits = {}) {
    this.#of = of ?? { kind: 'tuple', of: [] };
    this.#reader = new Reader(limits);
    this.#work = this.#read();
  }

  /** The chunk without elements, which ends the stream, was read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes the next bytes; gives the elements that they complete: one array of bytes, or the arrays of elements. */
  push(bytes: Uint8Array): readonly (Uint8Array | unknown[])[] {
    if (this.#ended) return [];
    this.#reader.queue.push(bytes);
    this.#reader.restartElements();
    this.#ended = this.#work.next().done === true;
    if (this.#of.kind !== 'u8') {
      const chunks = this.#chunks;
      this.#chunks = [];
      return chunks;
    }
    const ready = this.#bytes.finish();
    if (ready.length === 0) return [];
    this.#bytes = new ByteWriter();
    return [ready];
  }

  /** The peer will send nothing more. This ends the stream also without the closing chunk, unless a chunk was cut. */
  end(): void {
    if (this.#withinChunk) throw this.#reader.fault('the bytes end within a chunk of the stream');
    this.#ended = true;
  }

  *#read(): Step<void> {
    const { queue } = this.#reader;
    const decoder = new Decoder(this.#reader, undefined);
    for (;;) {
      while (queue.length === 0) yield;
      this.#withinChunk = true;
      this.#reader.restartBytes();
      const count = yield* this.#reader.unsigned(32);
      if (this.#of.kind === 'u8') yield* this.#copy(count);
      else if (count > 0) {
        // Not one expression: #chunks is another array after a yield.
        const elements = yield* decoder.elements(this.#of, count);
        this.#chunks.push(elements);
      }
      this.#withinChunk = false;
      if (count === 0) return;
    }
  }

  *#copy(count: number): Step<void> {
    const { queue } = this.#reader;
    for (let left = count; left > 0;) {
      while (queue.length === 0) yield;
      const piece = queue.takeSome(left);
      left -= piece.length;
      this.#bytes.raw(piece);
    }
  }
}
