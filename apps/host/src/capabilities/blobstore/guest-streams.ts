import { WitError, type StreamResult } from '@kasmcloud/wasm';
import { BlobError, type BlobId, type BlobStore } from './store.ts';

/** Runs a function of wrpc:blobstore that has streams, for a guest of this process. @throws WitError and faults of the store */
export async function readStream(
  store: BlobStore,
  func: string,
  args: readonly unknown[],
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<StreamResult> {
  // Arguments come from the runtime's own wasi:blobstore.
  try {
    switch (func) {
      case 'list-container-objects':
        return { body: lines(await store.list(String(args[0]), signal)) };
      case 'get-container-data': {
        const [id, start, end] = args as [BlobId, bigint, bigint];
        return { body: await store.read(id, { start, end }, signal) };
      }
      case 'write-container-data':
        await store.write(args[0] as BlobId, body, signal);
        return {};
      default:
        throw new TypeError(`wrpc:blobstore has no function ${func} with streams`);
    }
  } catch (error) {
    if (error instanceof BlobError) throw new WitError(error.message);
    throw error;
  }
}

async function* lines(pages: AsyncIterable<readonly string[]>): AsyncGenerator<Uint8Array> {
  for await (const page of pages) yield Buffer.from(page.map((name) => `${JSON.stringify(name)}\n`).join(''));
}
