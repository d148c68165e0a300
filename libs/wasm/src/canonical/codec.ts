import type { Context } from './context.ts';

/** The types of core WebAssembly. */
export type CoreType = 'i32' | 'i64' | 'f32' | 'f64';

/** What core WebAssembly passes: a bigint for i64. */
export type CoreValue = number | bigint;

/**
 * How values of one type pass between JavaScript and a guest (Component Model, CanonicalABI.md). In JavaScript: camelCase
 * fields, `{tag, val}` for variants and results, kebab-case enums, objects of booleans for flags, `undefined` for none
 * (`{tag: 'some' | 'none'}` where the option holds an option), bigint for 64 bits, typed arrays for lists of numbers.
 */
export interface Codec {
  /** Bytes in memory, and their alignment. */
  readonly size: number;
  readonly align: number;
  /** What it is flattened to in parameters and results. */
  readonly flat: readonly CoreType[];
  /** Reads from memory; the caller has checked that `size` bytes are there. */
  load(cx: Context, at: number): unknown;
  store(cx: Context, value: unknown, at: number): void;
  /** Reads as many core values as `flat` says, from `at` on. */
  lift(cx: Context, values: readonly CoreValue[], at: number): unknown;
  /** Appends the core values. @throws TypeError when the value is not of the type */
  lower(cx: Context, value: unknown, out: CoreValue[]): void;
}

export const alignTo = (at: number, align: number): number => Math.ceil(at / align) * align;

/** The value is not of its WIT type: our own fault, or that of whoever called. */
export const mismatch = (want: string, value: unknown): TypeError =>
  new TypeError(`${want} is needed, not ${value === null ? 'null' : typeof value}`);
