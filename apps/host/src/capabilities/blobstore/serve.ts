import { serve, serverSpan, type CallContext, type ServedFunction } from '@kasmcloud/lattice';
import type { FuncType } from '@kasmcloud/wrpc';
import type { CapabilityParts, Origin } from '../capability.ts';
import { runBlobstore } from './run.ts';
import { BlobError, type BlobId, type BlobStore } from './store.ts';
import {
  plainFunctions,
  plainType,
  streamingFunctions,
  streamingType,
  wireInstance,
  type StreamEnd,
  type StreamingFunction,
  type WireVersion,
} from './wire.ts';

type Run = (args: readonly unknown[], call: CallContext) => Promise<unknown>;
type Find = (origin: Origin, signal: AbortSignal) => Promise<BlobStore>;

const versions: readonly WireVersion[] = ['0.2.0', '0.1.0'];

/** Answers actors on other hosts, in both versions of wrpc:blobstore. */
export function serveBlobstore(parts: CapabilityParts, find: Find): ServedFunction[] {
  const { connection, lattice, id: target, callTimeoutMs: timeoutMs, tracer, log } = parts;
  const storeOf = ({ sourceId: source = '', linkName, signal }: CallContext): Promise<BlobStore> =>
    find({ source, linkName }, signal);
  return versions.flatMap((version) => {
    const instance = wireInstance(version);
    const one = (func: string, type: FuncType, run: Run): ServedFunction => {
      const address = { lattice, target, instance, func };
      return serve(
        connection,
        address,
        type,
        (args, call) => result(() => tracer.run(serverSpan(address, call), () => run(args, call))),
        { timeoutMs, onError: (error) => log.debug({ err: error, target, func }, 'call failed') },
      );
    };
    return [
      ...plainFunctions.map((func) =>
        one(func, plainType(func), async (args, call) => runBlobstore(await storeOf(call), func, args, call.signal)),
      ),
      ...streamingFunctions.map((func) =>
        one(func, streamingType(version, func), async (args, call) =>
          stream(version, func, await storeOf(call), args, call.signal),
        ),
      ),
    ];
  });
}

/** The value of a function with streams, boxed: that of a write is a promise, which an async function would await. */
async function stream(
  version: WireVersion,
  func: StreamingFunction,
  store: BlobStore,
  args: readonly unknown[],
  signal: AbortSignal,
): Promise<Boxed> {
  // Arguments come from the decoder, which has built exactly what the type of the function says.
  switch (func) {
    case 'list-container-objects': {
      const [name, limit, offset] = args as [string, bigint | undefined, bigint | undefined];
      return ending(version, sliced(await store.list(name, signal), offset ?? 0n, limit));
    }
    case 'get-container-data': {
      const [id, start, end] = args as [BlobId, bigint, bigint];
      return ending(version, await store.read(id, { start, end }, signal));
    }
    case 'write-container-data': {
      const [id, data] = args as [BlobId, AsyncIterable<Uint8Array>];
      const written = store.write(id, data, signal);
      if (version === '0.2.0') return new Boxed(endOf(written));
      await written;
      return new Boxed(undefined);
    }
  }
}

class Boxed {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

type Result = { readonly tag: 'ok'; readonly val: unknown } | { readonly tag: 'err'; readonly val: string };

async function result(run: () => Promise<unknown>): Promise<Result> {
  try {
    const value = await run();
    return { tag: 'ok', val: value instanceof Boxed ? value.value : value };
  } catch (error) {
    if (error instanceof BlobError) return { tag: 'err', val: error.message };
    throw error;
  }
}

/** A stream, and in 0.2.0 the future of how it ended. */
function ending<T>(version: WireVersion, source: AsyncIterable<T>): Boxed {
  if (version === '0.1.0') return new Boxed(source);
  const over = Promise.withResolvers<void>();
  return new Boxed([told(source, over), endOf(over.promise)]);
}

async function* told<T>(source: AsyncIterable<T>, over: PromiseWithResolvers<void>): AsyncGenerator<T> {
  try {
    yield* source;
    over.resolve();
  } catch (error) {
    over.reject(error);
  } finally {
    // Left before its end, by whoever reads it.
    over.reject(new BlobError('the stream was left'));
  }
}

/** Only what the guest may see: a fault is told without its message. */
const endOf = (work: Promise<void>): Promise<StreamEnd> =>
  work.then(
    () => ({ tag: 'ok' }),
    (error: unknown) => ({ tag: 'err', val: error instanceof BlobError ? error.message : 'the store failed' }),
  );

async function* sliced(
  pages: AsyncIterable<readonly string[]>,
  offset: bigint,
  limit: bigint | undefined,
): AsyncGenerator<readonly string[]> {
  let skip = Number(offset);
  let left = Number(limit ?? Number.MAX_SAFE_INTEGER);
  for await (const page of pages) {
    const names = page.slice(skip, skip + left);
    skip = Math.max(0, skip - page.length);
    left -= names.length;
    if (names.length > 0) yield names;
    if (left <= 0) return;
  }
}
