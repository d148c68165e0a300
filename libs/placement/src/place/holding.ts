/** Replicas by number of the host, ascending and without zeros. A value: nobody changes one. */
export class Holding {
  static readonly none = new Holding([], []);

  readonly hosts: readonly number[];
  /** By index in {@link hosts}. */
  readonly counts: readonly number[];
  /** All of them together. */
  readonly sum: number;

  /** Takes over lists that are in order already. */
  constructor(hosts: readonly number[], counts: readonly number[]) {
    let sum = 0;
    for (let i = 0; i < counts.length; i++) sum += counts[i] ?? 0;
    this.hosts = hosts;
    this.counts = counts;
    this.sum = sum;
  }

  /** Number of hosts. */
  get size(): number {
    return this.hosts.length;
  }

  /** What one host has. O(log hosts). */
  get(host: number): number {
    const { hosts } = this;
    let low = 0;
    let high = hosts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((hosts[middle] ?? 0) < host) low = middle + 1;
      else high = middle;
    }
    return hosts[low] === host ? (this.counts[low] ?? 0) : 0;
  }

  *[Symbol.iterator](): Generator<[host: number, count: number]> {
    for (let i = 0; i < this.hosts.length; i++) yield [this.hosts[i] ?? -1, this.counts[i] ?? 0];
  }
}

/** A holding in the making, host by host in order. */
export class HoldingList {
  readonly #hosts: number[] = [];
  readonly #counts: number[] = [];

  /** A host behind all that are there. */
  add(host: number, count: number): void {
    if (count === 0) return;
    this.#hosts.push(host);
    this.#counts.push(count);
  }

  holding(): Holding {
    return this.#hosts.length === 0 ? Holding.none : new Holding(this.#hosts, this.#counts);
  }
}

/** Counts in any order; those of one host are added up, and zeros are left out. */
export function holdingOf(pairs: Iterable<readonly [host: number, count: number]>): Holding {
  const sums = new Map<number, number>();
  for (const [host, count] of pairs) sums.set(host, (sums.get(host) ?? 0) + count);
  const hosts = [...sums]
    .filter(([, count]) => count !== 0)
    .map(([host]) => host)
    .toSorted((a, b) => a - b);
  if (hosts.length === 0) return Holding.none;
  return new Holding(
    hosts,
    hosts.map((host) => sums.get(host) ?? 0),
  );
}

/** All of several holdings together. */
export function together(holdings: readonly Holding[]): Holding {
  let all = Holding.none;
  for (const one of holdings) all = one.size === 0 ? all : all.size === 0 ? one : merged(all, one);
  return all;
}

function merged(one: Holding, other: Holding): Holding {
  const list = new HoldingList();
  let i = 0;
  let j = 0;
  while (i < one.size || j < other.size) {
    const left = one.hosts[i] ?? Infinity;
    const right = other.hosts[j] ?? Infinity;
    const count = (left <= right ? (one.counts[i++] ?? 0) : 0) + (right <= left ? (other.counts[j++] ?? 0) : 0);
    list.add(Math.min(left, right), count);
  }
  return list.holding();
}

/** What is left of one when another is taken away; nowhere less than 0. */
export function minus(one: Holding, other: Holding): Holding {
  const left = new HoldingList();
  for (let i = 0; i < one.size; i++) {
    const host = one.hosts[i] ?? -1;
    left.add(host, Math.max(0, (one.counts[i] ?? 0) - other.get(host)));
  }
  return left.holding();
}

/** Tells of every host where the two differ, in order, and by how much. O(hosts of both). */
export function differences(before: Holding, now: Holding, tell: (host: number, change: number) => void): void {
  if (before === now) return;
  let i = 0;
  let j = 0;
  while (i < before.hosts.length || j < now.hosts.length) {
    const left = before.hosts[i] ?? Infinity;
    const right = now.hosts[j] ?? Infinity;
    const host = left < right ? left : right;
    let change = 0;
    if (left === host) change -= before.counts[i++] ?? 0;
    if (right === host) change += now.counts[j++] ?? 0;
    if (change !== 0) tell(host, change);
  }
}
