import type { StringMap } from '../object.ts';
import type { StoredObject } from './stored-text.ts';

/** A label with the value that is asked for. */
export type LabelPair = readonly [label: string, value: string];

/** The objects of one kind, with the ways to find some of them: in the order of their keys, and by what they are labelled. */
export class Bucket {
  readonly #objects = new Map<string, StoredObject>();
  /** Keys in order; undefined until somebody asks for them. */
  #sorted: string[] | undefined;
  /** Keys by label, then by value: of the labels by which somebody has selected. */
  readonly #labelled = new Map<string, Map<string, Set<string>>>();

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(key: string, stored: StoredObject): void {
    const before = this.#objects.get(key);
    this.#objects.set(key, stored);
    if (before === undefined) this.#sorted?.splice(positionIn(this.#sorted, key), 0, key);
    this.#relabel(key, before, stored);
  }

  remove(key: string): void {
    const before = this.#objects.get(key);
    if (before === undefined) return;
    this.#objects.delete(key);
    this.#sorted?.splice(positionIn(this.#sorted, key), 1);
    this.#relabel(key, before, undefined);
  }

  /** In order. */
  keys(): readonly string[] {
    this.#sorted ??= [...this.#objects.keys()].toSorted();
    return this.#sorted;
  }

  /** Keys in order of no fewer objects than those that have all of these labels: all, when there is nothing to narrow by. */
  keysNear(pairs: readonly LabelPair[]): readonly string[] {
    const sets = pairs.map(([label, value]) => this.#valuesOf(label).get(value) ?? none);
    const [first, ...others] = sets;
    if (first === undefined) return this.keys();
    return [...others.reduce((least, set) => (set.size < least.size ? set : least), first)].toSorted();
  }

  #valuesOf(label: string): Map<string, Set<string>> {
    const known = this.#labelled.get(label);
    if (known !== undefined) return known;
    const values = new Map<string, Set<string>>();
    for (const [key, { labels }] of this.#objects) note(values, labelIn(labels, label), key);
    // A label that nobody has costs a look each time, and is not kept: people may ask for any.
    if (values.size > 0) this.#labelled.set(label, values);
    return values;
  }

  #relabel(key: string, before: StoredObject | undefined, after: StoredObject | undefined): void {
    for (const [label, values] of this.#labelled) {
      const [was, is] = [labelIn(before?.labels, label), labelIn(after?.labels, label)];
      if (was === is) continue;
      const left = was === undefined ? undefined : values.get(was);
      left?.delete(key);
      if (left?.size === 0 && was !== undefined) values.delete(was);
      note(values, is, key);
    }
  }
}

const none: ReadonlySet<string> = new Set();

const labelIn = (labels: StringMap | undefined, label: string): string | undefined =>
  labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;

function note(values: Map<string, Set<string>>, value: string | undefined, key: string): void {
  if (value === undefined) return;
  const keys = values.get(value) ?? new Set();
  values.set(value, keys.add(key));
}

/** Where a key is, or belongs, in keys that are in order. */
function positionIn(sorted: readonly string[], key: string): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? '') < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
