import { StoreError, type KeyValueStore } from './store.ts';

/** How many keys of one batch are under way at once. */
const BATCH_WIDTH = 32;

type Pair = readonly [key: string, value: Uint8Array];

/** Runs a function of wrpc:keyvalue, with arguments as its type has them. @throws {StoreError} and faults of the store */
export async function runKeyvalue(
  store: KeyValueStore,
  func: string,
  [bucket, ...rest]: readonly unknown[],
  signal: AbortSignal,
): Promise<unknown> {
  // Arguments come from the bindings or the decoder, which have built exactly what the type of the function says.
  const name = bucket as string;
  const [key] = rest as [string];
  switch (func) {
    case 'get':
      return store.get(name, key, signal);
    case 'set':
      return store.set(name, key, rest[1] as Uint8Array, signal);
    case 'delete':
      return store.delete(name, key, signal);
    case 'exists':
      return store.exists(name, key, signal);
    case 'list-keys':
      return store.listKeys(name, rest[0] as bigint | undefined, signal);
    case 'increment':
      return store.increment(name, key, rest[1] as bigint, signal);
    case 'get-many':
      return each(rest[0] as readonly string[], async (one) => {
        const value = await store.get(name, one, signal);
        return value && [one, value];
      });
    case 'set-many':
      await each(rest[0] as readonly Pair[], ([one, value]) => store.set(name, one, value, signal));
      return undefined;
    case 'delete-many':
      await each(rest[0] as readonly string[], (one) => store.delete(name, one, signal));
      return undefined;
    default:
      throw new StoreError({ tag: 'other', val: `${func} is not a function of wasi:keyvalue` });
  }
}

/** The results in order; a few at a time. */
async function each<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += BATCH_WIDTH) {
    results.push(...(await Promise.all(items.slice(at, at + BATCH_WIDTH).map(act))));
  }
  return results;
}
