import type { ReadableStreamDefaultReader, ReadableStreamReadResult } from 'node:stream/web';
import { OciError } from './error.ts';

/** The bytes stopped coming before their end. */
export class BrokenError extends Error {
  override readonly name = 'BrokenError';
}

/** The chunks of a body as they come. @throws BrokenError when they stop coming; the signal's reason */
export async function* chunksOf(response: Response, signal: AbortSignal, stallMs: number): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await nextChunk(reader, stallMs);
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof BrokenError ? cause : new BrokenError(messageOf(cause), { cause });
  } finally {
    // A body that is left early must not hold its connection.
    await reader.cancel().catch(() => undefined);
  }
}

async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  stallMs: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  const stalled = Promise.withResolvers<never>();
  const timer = setTimeout(() => stalled.reject(new BrokenError(`nothing came for ${stallMs} ms`)), stallMs);
  try {
    return await Promise.race([reader.read(), stalled.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const messageOf = (error: unknown): string => {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
};

/** A whole body. @throws {OciError} TooLarge past `maxBytes`, Unreachable when it breaks off */
export async function readAll(
  response: Response,
  maxBytes: number,
  image: string,
  signal: AbortSignal,
  stallMs: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunksOf(response, signal, stallMs)) {
      size += chunk.length;
      if (size > maxBytes) throw new OciError('TooLarge', image, `its manifest is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof BrokenError) throw new OciError('Unreachable', image, cause.message, { cause });
    throw cause;
  }
  return Buffer.concat(chunks);
}
