/*
 * How much linear memory the instances of one component have, in memory that all threads see: pages, by thread. Each thread
 * writes its own place; the main thread clears that of one that ended.
 */

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65_536;

export const memoryTable = (threads: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(threads * Int32Array.BYTES_PER_ELEMENT));

/** For a thread: it has so many bytes more, or less. */
export const noteMemory = (table: Int32Array, thread: number, bytes: number): void =>
  void Atomics.add(table, thread, bytes / PAGE);

/** A thread was ended with all that it had. */
export const clearMemory = (table: Int32Array, thread: number): void => void Atomics.store(table, thread, 0);

/** Bytes, over all threads. */
export const readMemory = (table: Int32Array): number => {
  let pages = 0;
  for (let thread = 0; thread < table.length; thread += 1) pages += Atomics.load(table, thread);
  return pages * PAGE;
};
