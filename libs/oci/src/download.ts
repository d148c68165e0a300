import { open, readFile, rm, stat } from 'node:fs/promises';
import { digestOf, type BlobCache } from './blob-cache.ts';
import { BrokenError, chunksOf } from './body.ts';
import { OciError } from './error.ts';
import type { Descriptor } from './manifest.ts';

/** Asks for a blob from a byte on. */
export type BlobSource = (offset: number, signal: AbortSignal) => Promise<Response>;

export interface DownloadOptions {
  readonly image: string;
  readonly signal: AbortSignal;
  /** How long the bytes may stop coming. */
  readonly stallMs: number;
}

/** Breaks in a row, with nothing gained between them, after which a download is given up. */
const MAX_BREAKS = 5;

/**
 * Brings a blob into the cache. A download that breaks off goes on where it was, also after a restart of the process.
 *
 * @throws {OciError} DigestMismatch, TooLarge, and what the source throws
 */
export async function download(
  blob: Descriptor,
  source: BlobSource,
  cache: BlobCache,
  options: DownloadOptions,
): Promise<Uint8Array> {
  const path = await cache.partialPath(blob.digest);
  let startedAt = await sizeOf(path);
  let reached = startedAt;
  for (let breaks = 0; ;) {
    try {
      await append(path, blob, source, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof BrokenError)) throw error;
      const have = await sizeOf(path);
      breaks = have > reached ? 1 : breaks + 1;
      reached = Math.max(reached, have);
      if (breaks > MAX_BREAKS) throw unreachable(options.image, error);
      continue;
    }
    const bytes = await readFile(path);
    if (digestOf(bytes) === blob.digest) {
      await cache.adopt(path, blob.digest);
      return bytes;
    }
    await rm(path);
    if (startedAt === 0) {
      const message = `the registry sent ${bytes.length} bytes with digest ${digestOf(bytes)} for ${blob.digest}`;
      throw new OciError('DigestMismatch', options.image, message);
    }
    // What an earlier download left was not the beginning of this blob.
    startedAt = 0;
  }
}

const unreachable = (image: string, cause: BrokenError): OciError =>
  new OciError('Unreachable', image, `the download broke off ${MAX_BREAKS + 1} times in a row: ${cause.message}`, {
    cause,
  });

/** Writes what is missing of the blob behind what is there. @throws BrokenError when less came than was told */
async function append(
  path: string,
  { digest, size }: Descriptor,
  source: BlobSource,
  { image, signal, stallMs }: DownloadOptions,
): Promise<void> {
  let have = await sizeOf(path);
  if (have === size && size > 0) return;
  if (have > size) have = 0;
  const response = await source(have, signal);
  const offset = offsetOf(response);
  if (offset === 0) have = 0;
  else if (offset !== have) {
    await response.body?.cancel();
    await rm(path, { force: true });
    throw new BrokenError(`asked from byte ${have}, the registry answered from byte ${offset}`);
  }
  const file = await open(path, have === 0 ? 'w' : 'a');
  try {
    for await (const chunk of chunksOf(response, signal, stallMs)) {
      have += chunk.length;
      if (have > size) {
        throw new OciError('DigestMismatch', image, `the registry sends more than the ${size} bytes told of ${digest}`);
      }
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
  if (have < size) throw new BrokenError(`${have} of ${size} bytes came`);
}

/** Where the body begins: 0 unless the registry took the range (RFC 9110 §14.4). */
function offsetOf(response: Response): number {
  if (response.status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
