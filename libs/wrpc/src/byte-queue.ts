/** Bytes that arrive in chunks of any size and leave in pieces of any size, in order. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #head = 0;
  /** Read position in the first chunk. */
  #at = 0;
  #length = 0;
  #taken = 0;

  /** Bytes that can be taken now. */
  get length(): number {
    return this.#length;
  }

  /** Bytes taken since the beginning. */
  get taken(): number {
    return this.#taken;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next byte. The caller has checked `length`. */
  byte(): number {
    const chunk = this.#chunks[this.#head];
    const value = chunk?.[this.#at];
    if (value === undefined) throw new RangeError('byte taken from an empty queue');
    this.#advance(1);
    return value;
  }

  /** A copy of the next `count` bytes. The caller has checked `length`. */
  take(count: number): Uint8Array {
    const out = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const piece = this.takeSome(count - filled);
      out.set(piece, filled);
      filled += piece.length;
    }
    return out;
  }

  /** The next `count` bytes, as a view where they lie in one chunk. The caller has checked `length`. */
  peel(count: number): Uint8Array {
    const left = (this.#chunks[this.#head]?.length ?? 0) - this.#at;
    return count > 0 && count <= left ? this.takeSome(count) : this.take(count);
  }

  /** A view of what lies in the first chunk, `limit` bytes at most. The caller has checked `length`. */
  takeSome(limit: number): Uint8Array {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) throw new RangeError('bytes taken from an empty queue');
    const piece = chunk.subarray(this.#at, this.#at + limit);
    this.#advance(piece.length);
    return piece;
  }

  #advance(count: number): void {
    this.#at += count;
    this.#length -= count;
    this.#taken += count;
    if (this.#at < (this.#chunks[this.#head]?.length ?? 0)) return;
    this.#head++;
    this.#at = 0;
    // Shifting the array for every chunk would be quadratic; dropping the dead half now and then is not.
    if (this.#head > 64 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }
}
