import type { FuncType, WitType } from '@kasmcloud/wrpc';
import { bool, bytes, fallible, list, option, record, string, tuple, u64 } from '../wit.ts';

/*
 * wasi:keyvalue@0.2.0-draft, and the wrpc:keyvalue@0.2.0-draft that wasmCloud 1.x makes of it on the wire: the bucket is
 * a handle in the one and its name, as the first parameter, in the other.
 */

const error: WitType = {
  kind: 'variant',
  cases: [{ name: 'no-such-store' }, { name: 'access-denied' }, { name: 'other', type: string }],
};
const at = { bucket: string, key: string };
const keyResponse = record({ keys: list(string), cursor: option(u64) });

/** By interface and function as they are on the wire. */
export const keyvalueFunctions = {
  store: {
    get: fallible(at, option(bytes), error),
    set: fallible({ ...at, value: bytes }, undefined, error),
    delete: fallible(at, undefined, error),
    exists: fallible(at, bool, error),
    'list-keys': fallible({ bucket: string, cursor: option(u64) }, keyResponse, error),
  },
  atomics: { increment: fallible({ ...at, delta: u64 }, u64, error) },
  batch: {
    'get-many': fallible({ bucket: string, keys: list(string) }, list(option(tuple(string, bytes))), error),
    'set-many': fallible({ bucket: string, 'key-values': list(tuple(string, bytes)) }, undefined, error),
    'delete-many': fallible({ bucket: string, keys: list(string) }, undefined, error),
  },
} as const satisfies Record<string, Record<string, FuncType>>;

const VERSION = '0.2.0-draft';

export const wireInstance = (iface: string): string => `wrpc:keyvalue/${iface}@${VERSION}`;

/** The wire interface of an import such as `wasi:keyvalue/store@0.2.0-draft`; undefined for any other. */
export function keyvalueInterface(instance: string): keyof typeof keyvalueFunctions | undefined {
  const iface = /^wasi:keyvalue\/([a-z]+)@0\.2\.0-draft$/.exec(instance)?.[1];
  return iface === 'store' || iface === 'atomics' || iface === 'batch' ? iface : undefined;
}

/** `[method]bucket.list-keys` → `list-keys`. */
export const wireFunction = (func: string): string => func.replace('[method]bucket.', '');

/** The type of a function on the wire, or undefined. */
export const wireType = (iface: keyof typeof keyvalueFunctions, func: string): FuncType | undefined =>
  Object.entries(keyvalueFunctions[iface]).find(([name]) => name === func)?.[1];

/** Name of the one function that is not on the wire: a bucket is its name. */
export const OPEN = 'open';
