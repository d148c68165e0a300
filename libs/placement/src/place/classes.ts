import { hashText } from '../model/hash.ts';

/**
 * Hosts that no filter can tell apart are one class: a filter is asked once for each class instead of once for each host
 * (Borg's equivalence classes, EuroSys 2015).
 */
export interface Classes {
  /** By number of the host: number of its class. */
  readonly of: Int32Array;
  /** By number of the class: its hosts, ascending. */
  readonly members: readonly Int32Array[];
}

/** What one property is for every host, as numbers: equal numbers, equal values. 0 stands for an absent label. */
export class Column {
  /** By number of the host. */
  readonly ids: Int32Array;
  readonly #values: readonly string[];
  #hosts: number[][] | undefined;

  constructor(ids: Int32Array, values: readonly string[]) {
    this.ids = ids;
    this.#values = values;
  }

  /** Number of values. */
  get size(): number {
    return this.#values.length;
  }

  /** Hosts that have a value, by its number; 0 gives those that have none. */
  hostsOf(id: number): readonly number[] {
    if (this.#hosts === undefined) {
      this.#hosts = [[], ...this.#values.map((): number[] => [])];
      for (let host = 0; host < this.ids.length; host++) this.#hosts[this.ids[host] ?? 0]?.push(host);
    }
    return this.#hosts[id] ?? [];
  }

  /** Hash of a value, by its number, for ties. */
  seedOf(id: number): number {
    return hashText(this.#values[id - 1] ?? '');
  }
}

/** Numbers values in the order in which they are met. */
export function columnOf<T>(hosts: readonly T[], valueOf: (host: T) => string | undefined): Column {
  const known = new Map<string, number>();
  const ids = new Int32Array(hosts.length);
  for (let index = 0; index < hosts.length; index++) {
    const host = hosts[index];
    const value = host === undefined ? undefined : valueOf(host);
    if (value === undefined) continue;
    let id = known.get(value);
    if (id === undefined) known.set(value, (id = known.size + 1));
    ids[index] = id;
  }
  return new Column(ids, [...known.keys()]);
}

/** The coarsest classes within coarser ones, by number of the host, that agree in every column. O(hosts × columns). */
export function classesOf(coarser: Int32Array, columns: readonly Column[]): Classes {
  let of = coarser;
  for (const column of columns) of = refine(of, column.ids);
  const sizes: number[] = [];
  for (const id of of) sizes[id] = (sizes[id] ?? 0) + 1;
  const members = sizes.map((length) => new Int32Array(length));
  const filled = new Int32Array(sizes.length);
  for (let index = 0; index < of.length; index++) {
    const id = of[index] ?? -1;
    const at = filled[id] ?? 0;
    const list = members[id];
    if (list !== undefined) list[at] = index;
    filled[id] = at + 1;
  }
  return { of, members };
}

/** Numbers the pairs of two columns, from 0, in the order in which they are met. */
function refine(a: Int32Array, b: Int32Array): Int32Array {
  const known = new Map<number, number>();
  const ids = new Int32Array(a.length);
  for (let index = 0; index < a.length; index++) {
    const pair = (a[index] ?? 0) * 2 ** 26 + (b[index] ?? 0);
    let id = known.get(pair);
    if (id === undefined) known.set(pair, (id = known.size));
    ids[index] = id;
  }
  return ids;
}
