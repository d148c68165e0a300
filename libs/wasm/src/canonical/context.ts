import type { Encoding } from '../definition/definition.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { BorrowScope, HandleTable } from './handle-table.ts';
import { GuestFault } from './trap.ts';

/** Whether a component instance may call out, may be called, or has failed. Shared by all of its functions. */
export interface InstanceState {
  readonly number: number;
  readonly table: HandleTable;
  mayLeave: boolean;
  entered: boolean;
}

type Realloc = (old: number, oldSize: number, align: number, size: number) => number;

/** The most bytes of one string or list: lengths are signed in many guests. */
const maxBytes = 0x7fff_ffff;

/** What values are read from and written to: one component instance with the options of one canonical function. */
export class Context {
  readonly instance: InstanceState;
  readonly encoding: Encoding;
  readonly #memory: GuestMemory;
  readonly #realloc: Realloc | undefined;
  /** Of the call under way into the guest. */
  scope: BorrowScope = { borrowed: 0 };

  constructor(instance: InstanceState, encoding: Encoding, memory: GuestMemory, realloc: Realloc | undefined) {
    this.instance = instance;
    this.encoding = encoding;
    this.#memory = memory;
    this.#realloc = realloc;
  }

  get view(): DataView<ArrayBuffer> {
    return this.#memory.view;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.bytes;
  }

  get chars(): Buffer<ArrayBuffer> {
    return this.#memory.chars;
  }

  /** See `GuestMemory`. */
  ascii(from: number, to: number): string | undefined {
    return this.#memory.ascii(from, to);
  }

  /** To be called whenever the guest has run: its memory may have grown. */
  refresh(): void {
    this.#memory.refresh();
  }

  /** Room in the guest's memory. The guest may not call out while it makes some. */
  allocate(align: number, size: number): number {
    const realloc = this.#realloc;
    if (realloc === undefined) throw new TypeError('a value needs memory in a component that has no realloc');
    if (size > maxBytes) throw new GuestFault(`a value of ${size} bytes does not fit in its memory`);
    this.instance.mayLeave = false;
    const at = realloc(0, 0, align, size) >>> 0;
    this.instance.mayLeave = true;
    this.refresh();
    this.check(at, align, size);
    return at;
  }

  /** @throws GuestFault when a guest's pointer does not lead to that many bytes of its memory. */
  check(at: number, align: number, size: number): void {
    if (at % align !== 0) throw new GuestFault(`pointer ${at} is not aligned to ${align}`);
    if (at + size > this.bytes.length) throw new GuestFault(`${size} bytes at ${at} are not within its memory`);
  }

  /** Checks a list or string before it is read. */
  checkMany(at: number, align: number, count: number, each: number): void {
    if (count * each > maxBytes) throw new GuestFault(`a list of ${count * each} bytes is too long`);
    this.check(at, align, count * each);
  }
}
