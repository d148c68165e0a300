import type { Amounts } from '../model/snapshot.ts';

/** What one replica takes of a host, as parallel lists: amounts above 0 and the columns of the ledger that they come from. */
export interface Demand {
  readonly resources: readonly string[];
  readonly amounts: Float64Array;
  readonly columns: readonly Float64Array[];
}

/** Amounts as the ledger can count them: sums of them stay exact. What is no number takes everything. */
export const countable = (amount: number | undefined): number => {
  if (amount === undefined) return 0;
  return Number.isNaN(amount) ? MOST : Math.min(Math.max(amount, -MOST), MOST);
};

const MOST = 2 ** 52;

/** `columnOf` gives what is free of a resource, by number of the host. */
export function demandOf(amounts: Amounts, columnOf: (resource: string) => Float64Array): Demand {
  const resources = Object.keys(amounts).filter((name) => countable(amounts[name]) > 0);
  return {
    resources,
    amounts: Float64Array.from(resources, (name) => countable(amounts[name])),
    columns: resources.map(columnOf),
  };
}

/** How many replicas fit into what is free on a host, at most `most`; 0 where it is overcommitted. */
export function roomOn({ amounts, columns }: Demand, host: number, most: number): number {
  let room = most;
  for (let i = 0; i < columns.length; i++) {
    const free = columns[i]?.[host] ?? 0;
    const amount = amounts[i] ?? 1;
    // A division costs more than all the rest: most hosts have room to spare.
    if (free < room * amount) room = Math.floor(free / amount);
  }
  return room < 0 ? 0 : room;
}

/** The same for every host at once, a resource at a time. */
export function roomsInto(rooms: Int32Array, { amounts, columns }: Demand, most: number): void {
  rooms.fill(most);
  for (const [i, column] of columns.entries()) {
    const amount = amounts[i] ?? 1;
    for (let host = 0; host < rooms.length; host++) {
      const free = column[host] ?? 0;
      const room = rooms[host] ?? 0;
      if (free < room * amount) rooms[host] = free > 0 ? Math.floor(free / amount) : 0;
    }
  }
}
