/** A store cannot do what it was asked; the message is what the guest sees. */
export class BlobError extends Error {
  override readonly name = 'BlobError';
}

export interface BlobId {
  readonly container: string;
  readonly object: string;
}

export interface ContainerInfo {
  /** Seconds since the epoch. */
  readonly createdAt: bigint;
}

export interface BlobInfo extends ContainerInfo {
  readonly size: bigint;
}

/** Bytes `start` to `end` of an object, both included, as wasi:blobstore counts; an `end` past the last byte is the last. */
export interface ByteRange {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * What backs wasi:blobstore. Every method rejects with BlobError, or with a fault that traps the guest. A container that
 * there is not is an error of everything but `hasContainer`, `createContainer` and `deleteContainer`.
 */
export interface BlobStore {
  hasContainer(name: string, signal: AbortSignal): Promise<boolean>;
  /** One that is there stays as it is. */
  createContainer(name: string, signal: AbortSignal): Promise<void>;
  /** With all that is in it. */
  deleteContainer(name: string, signal: AbortSignal): Promise<void>;
  clearContainer(name: string, signal: AbortSignal): Promise<void>;
  containerInfo(name: string, signal: AbortSignal): Promise<ContainerInfo>;
  /** Names of all objects, some at a time. */
  list(container: string, signal: AbortSignal): Promise<AsyncIterable<readonly string[]>>;
  hasObject(id: BlobId, signal: AbortSignal): Promise<boolean>;
  objectInfo(id: BlobId, signal: AbortSignal): Promise<BlobInfo>;
  /** Fails at once when there is no such object, and later when its bytes cannot be read. */
  read(id: BlobId, range: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Creates or replaces an object. Nothing is kept of data that fails. */
  write(id: BlobId, data: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Objects that are not there are passed over. */
  deleteObjects(container: string, objects: readonly string[], signal: AbortSignal): Promise<void>;
  copyObject(from: BlobId, to: BlobId, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export const noContainer = (name: string): BlobError => new BlobError(`there is no container ${name}`);
export const noObject = ({ container, object }: BlobId): BlobError =>
  new BlobError(`there is no object ${object} in container ${container}`);

/** Where in an object of `size` bytes a range lies: `[from, to)`. @throws BlobError when it ends before it begins */
export function within({ start, end }: ByteRange, size: number): { readonly from: number; readonly to: number } {
  if (end < start) throw new BlobError(`the range ends at ${end}, before it begins at ${start}`);
  const last = BigInt(size);
  return { from: Number(start < last ? start : last), to: Number(end < last ? end + 1n : last) };
}

/** The part of a stream that a range means. Reading ends with the range. */
export async function* cut(
  data: AsyncIterable<Uint8Array>,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<Uint8Array> {
  let at = 0;
  if (to <= from) return;
  for await (const chunk of data) {
    const part = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at >= to) return;
  }
}

/** Lists a listing, some at a time. */
export async function* inPages(names: readonly string[], size = 1_000): AsyncGenerator<readonly string[]> {
  for (let at = 0; at < names.length; at += size) yield names.slice(at, at + size);
}

export const secondsOf = (time: Date | string | undefined): bigint =>
  BigInt(Math.max(0, Math.floor(new Date(time ?? 0).getTime() / 1000)));
