/** How many characters, items or entries a value has, at least and at most. */
export interface Size {
  readonly min: number;
  readonly max: number;
}

export const unknownSize: Size = { min: 0, max: Infinity };

export const add = (a: Size, b: Size): Size => ({ min: a.min + b.min, max: a.max + b.max });

/** The size of what is one or the other. */
export const larger = (a: Size, b: Size): Size => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });

/** A product in which nothing of anything is nothing. */
export const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

/** What it costs to look at so many things, each of which costs a part of one. */
export const scaled = (count: number, factor: number): number => Math.ceil(count * factor);
