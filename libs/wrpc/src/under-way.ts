const SMALLEST = 8;

/**
 * What is under way, by number: little at once, but ever something new. A Map for that never rests: its table is replaced each
 * time it has filled or emptied. One that has been there for some collections keeps every table that followed it, and what was
 * in them, until the next long collection; that was a fifth of what calls between hosts cost.
 */
export class UnderWay<T extends object> {
  /** Of a value, in the same place. Where there is none it means nothing. */
  #keys: number[] = [];
  /** By number, behind others where its place is taken. As many as a power of two, and at most half of them in use. */
  #values: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): T | undefined {
    return this.#size === 0 ? undefined : this.#values[this.#find(key)];
  }

  has(key: number): boolean {
    return this.get(key) !== undefined;
  }

  set(key: number, value: T): void {
    if ((this.#size + 1) * 2 > this.#values.length) this.#grow();
    const place = this.#find(key);
    if (this.#values[place] === undefined) this.#size += 1;
    this.#keys[place] = key;
    this.#values[place] = value;
  }

  /** Whether it was there. */
  delete(key: number): boolean {
    if (!this.has(key)) return false;
    this.#close(this.#find(key));
    this.#size -= 1;
    return true;
  }

  clear(): void {
    this.#keys = [];
    this.#values = [];
    this.#size = 0;
  }

  /** In no order. */
  values(): T[] {
    return this.#values.filter((value) => value !== undefined);
  }

  /** Its place, or the free one where it would be. */
  #find(key: number): number {
    const last = this.#values.length - 1;
    let place = key & last;
    while (this.#values[place] !== undefined && this.#keys[place] !== key) place = (place + 1) & last;
    return place;
  }

  /** Has those that are behind for the sake of others move up. */
  #close(freed: number): void {
    const last = this.#values.length - 1;
    let free = freed;
    for (let place = (free + 1) & last; this.#values[place] !== undefined; place = (place + 1) & last) {
      const key = this.#keys[place] ?? 0;
      const isBehind = ((place - key) & last) >= ((place - free) & last);
      if (!isBehind) continue;
      this.#keys[free] = key;
      this.#values[free] = this.#values[place];
      free = place;
    }
    this.#values[free] = undefined;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const length = Math.max(SMALLEST, values.length * 2);
    this.#keys = Array.from({ length }, () => 0);
    this.#values = Array.from({ length });
    for (const [at, value] of values.entries()) {
      if (value === undefined) continue;
      const place = this.#find(keys[at] ?? 0);
      this.#keys[place] = keys[at] ?? 0;
      this.#values[place] = value;
    }
  }
}
