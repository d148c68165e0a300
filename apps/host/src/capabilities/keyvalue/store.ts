/** An error case of wasi:keyvalue. */
export type StoreErrorCase =
  { readonly tag: 'no-such-store' | 'access-denied' } | { readonly tag: 'other'; readonly val: string };

/** A store cannot do what it was asked; `payload` is what the guest sees. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly payload: StoreErrorCase;

  constructor(payload: StoreErrorCase, options?: ErrorOptions) {
    super(payload.tag === 'other' ? payload.val : payload.tag, options);
    this.payload = payload;
  }
}

export interface KeyPage {
  readonly keys: readonly string[];
  /** Where the next page begins; undefined after the last. */
  readonly cursor: bigint | undefined;
}

/** What backs wasi:keyvalue. Every method rejects with StoreError, or with a fault that traps the guest. */
export interface KeyValueStore {
  get(bucket: string, key: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  set(bucket: string, key: string, value: Uint8Array, signal: AbortSignal): Promise<void>;
  delete(bucket: string, key: string, signal: AbortSignal): Promise<void>;
  exists(bucket: string, key: string, signal: AbortSignal): Promise<boolean>;
  listKeys(bucket: string, cursor: bigint | undefined, signal: AbortSignal): Promise<KeyPage>;
  /** Adds to a decimal number, 0 when there is none, and returns the sum. */
  increment(bucket: string, key: string, delta: bigint, signal: AbortSignal): Promise<bigint>;
  close(): Promise<void>;
}

const MOST = 2n ** 64n - 1n;

/** The sum that an increment stores, as text. @throws {StoreError} when the value is no number or the sum too large */
export function incremented(key: string, value: Uint8Array | undefined, delta: bigint): bigint {
  const text = value === undefined ? '0' : Buffer.from(value).toString('utf8');
  const sum = /^\d{1,20}$/.test(text) ? BigInt(text) + delta : undefined;
  if (sum === undefined) throw new StoreError({ tag: 'other', val: `the value of ${key} is not a decimal number` });
  if (sum > MOST) throw new StoreError({ tag: 'other', val: `the sum in ${key} does not fit in 64 bits` });
  return sum;
}

/** Most keys that one page has. */
export const PAGE_KEYS = 1_000;

/** The page of a sorted listing that begins at a cursor, which counts keys. */
export function pageOf(keys: readonly string[], cursor: bigint | undefined): KeyPage {
  const from = Number(cursor ?? 0n);
  const next = from + PAGE_KEYS;
  return { keys: keys.slice(from, next), cursor: next < keys.length ? BigInt(next) : undefined };
}
