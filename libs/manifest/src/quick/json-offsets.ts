import type { FieldPath } from '../problem.ts';

/** A field or an item: where it begins, with its name if it has one, and where its value does. */
interface Child {
  readonly offset: number;
  readonly value: number;
}

/** Finds fields in a text that is known to be good JSON. A list or an object is gone through once, when it is asked for. */
export class JsonOffsets {
  readonly #text: string;
  readonly #children = new Map<number, ReadonlyMap<string, Child>>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Offset of the field at `path`; of its nearest ancestor that exists, when it is missing. */
  of(path: FieldPath): number {
    let at = this.#next(0);
    let offset = at;
    for (const step of path) {
      const child = this.#childrenOf(at).get(String(step));
      if (child === undefined) return offset;
      ({ offset, value: at } = child);
    }
    return offset;
  }

  #childrenOf(at: number): ReadonlyMap<string, Child> {
    let children = this.#children.get(at);
    if (children === undefined) this.#children.set(at, (children = this.#read(at)));
    return children;
  }

  #read(start: number): Map<string, Child> {
    const children = new Map<string, Child>();
    const text = this.#text;
    const opening = text[start];
    if (opening !== '{' && opening !== '[') return children;
    let at = this.#next(start + 1);
    while (at < text.length && text[at] !== '}' && text[at] !== ']') {
      const offset = at;
      if (opening === '{') at = this.#next(this.#next(this.#end(at)) + ':'.length);
      const name = opening === '{' ? String(JSON.parse(text.slice(offset, this.#end(offset)))) : String(children.size);
      children.set(name, { offset, value: at });
      at = this.#next(this.#end(at));
      if (text[at] === ',') at = this.#next(at + 1);
    }
    return children;
  }

  /** The first unit at or after an offset that is no white space. */
  #next(offset: number): number {
    let at = offset;
    while (at < this.#text.length && ' \t\r\n'.includes(this.#text[at] ?? '')) at += 1;
    return at;
  }

  /** Behind the value that begins at an offset. */
  #end(start: number): number {
    let depth = 0;
    for (let at = start; at < this.#text.length; at++) {
      const unit = this.#text[at];
      if (unit === '"') {
        at = this.#endOfText(at) - 1;
        if (depth === 0) return at + 1;
      } else if (unit === '{' || unit === '[') depth += 1;
      else if (unit === '}' || unit === ']') {
        depth -= 1;
        // A number or a word ends where what it is in does.
        if (depth < 0) return at;
        if (depth === 0) return at + 1;
      } else if (depth === 0 && (unit === ',' || ' \t\r\n'.includes(unit ?? ''))) return at;
    }
    return this.#text.length;
  }

  #endOfText(start: number): number {
    let at = start + 1;
    while (at < this.#text.length && this.#text[at] !== '"') at += this.#text[at] === '\\' ? 2 : 1;
    return at + 1;
  }
}
