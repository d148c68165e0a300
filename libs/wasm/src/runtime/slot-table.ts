/*
 * The slots of one component in memory that every thread sees: how many are taken, how many there are, how many calls of
 * the main thread wait for one, and then, by worker, how many it took itself. The last is for when a worker is ended.
 */
const used = 0;
const size = 1;
const waiting = 2;
const first = 3;

export const slotTable = (slots: number, workers: number): Int32Array => {
  const table = new Int32Array(new SharedArrayBuffer((first + workers) * Int32Array.BYTES_PER_ELEMENT));
  table[size] = slots;
  return table;
};

export const resizeTable = (table: Int32Array, slots: number): void => void Atomics.store(table, size, slots);

export const slotsOf = (table: Int32Array): number => Atomics.load(table, size);

/** Takes a slot, if one is free. */
export const takeSlot = (table: Int32Array): boolean => {
  for (;;) {
    const taken = Atomics.load(table, used);
    if (taken >= Atomics.load(table, size)) return false;
    if (Atomics.compareExchange(table, used, taken, taken + 1) === taken) return true;
  }
};

export const freeSlot = (table: Int32Array): void => void Atomics.sub(table, used, 1);

export const noteWaiting = (table: Int32Array, more: 1 | -1): void => void Atomics.add(table, waiting, more);

/** For a worker: takes a slot for a call of its own, when none of the main thread's waits for it. */
export const takeOwnSlot = (table: Int32Array, worker: number): boolean => {
  if (Atomics.load(table, waiting) > 0 || !takeSlot(table)) return false;
  Atomics.add(table, first + worker, 1);
  return true;
};

/** For a worker: whether a call of the main thread waits for the slot that came free. */
export const freeOwnSlot = (table: Int32Array, worker: number): boolean => {
  Atomics.sub(table, first + worker, 1);
  freeSlot(table);
  return Atomics.load(table, waiting) > 0;
};

/** Whether the next call might find no slot. */
export const isShort = (table: Int32Array): boolean =>
  Atomics.load(table, waiting) > 0 || Atomics.load(table, used) >= Atomics.load(table, size);

/** A worker was ended: what it had taken is free. */
export const freeSlotsOf = (table: Int32Array, worker: number): void => {
  Atomics.sub(table, used, Atomics.exchange(table, first + worker, 0));
};

/** How many slots workers have taken themselves. */
export const ownSlots = (table: Int32Array): number => {
  let taken = 0;
  for (let worker = first; worker < table.length; worker += 1) taken += Atomics.load(table, worker);
  return taken;
};

/** How many slots there are, how many are taken, and how many calls of the main thread wait for one. */
export const usedSlots = (
  table: Int32Array,
): { readonly instances: number; readonly running: number; readonly waiting: number } => ({
  instances: slotsOf(table),
  running: Atomics.load(table, used),
  waiting: Atomics.load(table, waiting),
});
