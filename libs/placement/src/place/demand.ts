import type { Amounts } from '../model/snapshot.ts';

/** What is free of one resource. */
export interface Stock {
  /** By number of the host. */
  readonly free: Float64Array;
  /** Less than that is scarce. */
  ample: number;
}

/** What one replica takes of a host, as parallel lists: amounts above 0 and the stocks that they come from. */
export interface Demand {
  readonly resources: readonly string[];
  readonly amounts: Float64Array;
  readonly stocks: readonly Stock[];
}

/**
 * An amount that is asked for, as the ledger can count it. What is no number asks for everything. Sums are exact up to
 * 2⁵³ (9 TB in thousandths of a byte), and beyond that to less than a byte for each replica.
 */
export const countable = (amount: number | undefined): number => {
  if (amount === undefined) return 0;
  return Number.isNaN(amount) ? MOST : Math.min(Math.max(amount, -MOST), MOST);
};

/** An amount that a host offers; what is no number offers nothing. */
export const offerable = (amount: number | undefined): number => (Number.isNaN(amount) ? 0 : countable(amount));

const MOST = 2 ** 62;

export function demandOf(amounts: Amounts, stockOf: (resource: string) => Stock): Demand {
  const resources = Object.keys(amounts).filter((name) => countable(amounts[name]) > 0);
  return {
    resources,
    amounts: Float64Array.from(resources, (name) => countable(amounts[name])),
    stocks: resources.map(stockOf),
  };
}

/** How many replicas fit into what is free on a host, at most `most`; 0 where it is overcommitted. */
export function roomOn({ amounts, stocks }: Demand, host: number, most: number): number {
  if (most <= 0) return 0;
  let room = most;
  for (let i = 0; i < stocks.length; i++) {
    const free = stocks[i]?.free[host] ?? 0;
    const amount = amounts[i] ?? 1;
    // A division costs more than all the rest: most hosts have room to spare.
    if (free < room * amount) room = Math.floor(free / amount);
  }
  return room < 0 ? 0 : room;
}

/** The same for every host at once, a resource at a time. */
export function roomsInto(rooms: Int32Array, { amounts, stocks }: Demand, most: number): void {
  rooms.fill(most);
  for (const [i, stock] of stocks.entries()) {
    const amount = amounts[i] ?? 1;
    for (let host = 0; host < rooms.length; host++) {
      const free = stock.free[host] ?? 0;
      const room = rooms[host] ?? 0;
      if (free < room * amount) rooms[host] = free > 0 ? Math.floor(free / amount) : 0;
    }
  }
}
