import type { FileHandle } from 'node:fs/promises';
import { Notice } from '../gate.ts';
import type { Sink, Source } from './io.ts';

const CHUNK_BYTES = 64 * 1024;

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** A file from an offset to its end, one chunk ahead of the reader. */
export class FileSource implements Source {
  readonly #file: FileHandle;
  readonly #changed = new Notice();
  #at: number;
  #chunk: Uint8Array = new Uint8Array();
  #end: 'open' | 'closed' | Error = 'open';
  #isReading = false;

  constructor(file: FileHandle, at: number) {
    this.#file = file;
    this.#at = at;
    this.#ahead();
  }

  get end(): 'open' | 'closed' | Error {
    return this.#chunk.length > 0 ? 'open' : this.#end;
  }

  take(limit: number): Uint8Array {
    const bytes = this.#chunk.subarray(0, limit);
    this.#chunk = this.#chunk.subarray(bytes.length);
    if (this.#chunk.length === 0) this.#ahead();
    return bytes;
  }

  isReady(): boolean {
    return this.#chunk.length > 0 || this.#end !== 'open';
  }

  wait(): Promise<void> {
    return this.#changed.next();
  }

  #ahead(): void {
    if (this.#isReading || this.#end !== 'open') return;
    this.#isReading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      const { bytesRead, buffer } = await this.#file.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, this.#at);
      this.#at += bytesRead;
      this.#chunk = buffer.subarray(0, bytesRead);
      if (bytesRead === 0) this.#end = 'closed';
    } catch (error) {
      this.#end = errorOf(error);
    }
    this.#isReading = false;
    this.#changed.notify();
  }
}

/** A file from an offset on, or at its end, one write at a time. */
export class FileSink implements Sink {
  readonly #file: FileHandle;
  readonly #changed = new Notice();
  #at: number | undefined;
  #end: 'open' | 'closed' | Error = 'open';
  #isWriting = false;

  /** `at`: undefined to write at the end, wherever that is. */
  constructor(file: FileHandle, at: number | undefined) {
    this.#file = file;
    this.#at = at;
  }

  get end(): 'open' | 'closed' | Error {
    return this.#end;
  }

  get room(): number {
    return this.#isWriting ? 0 : CHUNK_BYTES;
  }

  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#isWriting = true;
    void this.#write(bytes);
  }

  isReady(): boolean {
    return !this.#isWriting || this.#end !== 'open';
  }

  wait(): Promise<void> {
    return this.#changed.next();
  }

  /** Resolves when what was put is written, or cannot be. */
  async settled(): Promise<void> {
    while (this.#isWriting) await this.#changed.next();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      const at = this.#at ?? (await this.#file.stat()).size;
      for (let done = 0; done < bytes.length;) {
        done += (await this.#file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      }
      if (this.#at !== undefined) this.#at += bytes.length;
    } catch (error) {
      this.#end = errorOf(error);
    }
    this.#isWriting = false;
    this.#changed.notify();
  }
}
