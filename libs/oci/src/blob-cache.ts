import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface BlobCacheOptions {
  readonly folder: string;
  /** The most that is kept; what is pinned is kept beyond it. */
  readonly maxBytes: number;
}

/**
 * Blobs on disk under their digests. A blob is written under another name, flushed and renamed, so that what bears a
 * digest is whole after a crash; it is still checked whenever it is read. One process uses a folder.
 */
export class BlobCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** How often each digest is pinned. */
  readonly #pins = new Map<string, number>();

  constructor({ folder, maxBytes }: BlobCacheOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** The bytes, or undefined when they are not here. A blob that does not match its digest is removed. */
  async read(digest: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(digest);
    const bytes = await readFile(path).catch(absent);
    if (bytes === undefined) return undefined;
    if (digestOf(bytes) !== digest) {
      await rm(path, { force: true });
      return undefined;
    }
    const now = new Date();
    // Eviction goes by the time of use; a blob evicted meanwhile was read all the same.
    await utimes(path, now, now).catch(absent);
    return bytes;
  }

  /** Where the beginning of a blob is kept while it is downloaded; it outlives the process. */
  async partialPath(digest: string): Promise<string> {
    const path = join(this.#folder, 'partial', hexOf(digest));
    await mkdir(dirname(path), { recursive: true });
    return path;
  }

  /** Takes a file over as the blob of a digest, which the caller has checked. */
  async adopt(path: string, digest: string): Promise<void> {
    const target = this.#pathOf(digest);
    await mkdir(dirname(target), { recursive: true });
    await flush(path);
    await rename(path, target);
    await flush(dirname(target));
    await this.#evict(hexOf(digest));
  }

  /** Keeps a digest from eviction; each pin is undone by one `unpin`. */
  pin(digest: string): void {
    this.#pins.set(hexOf(digest), (this.#pins.get(hexOf(digest)) ?? 0) + 1);
  }

  unpin(digest: string): void {
    const left = (this.#pins.get(hexOf(digest)) ?? 0) - 1;
    if (left > 0) this.#pins.set(hexOf(digest), left);
    else this.#pins.delete(hexOf(digest));
  }

  /** What was noted under a key, or undefined. */
  async note(key: string): Promise<unknown> {
    const text = await readFile(this.#notePath(key), 'utf8').catch(absent);
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  /** Notes a JSON value under a key, in the place of what was there. */
  async putNote(key: string, value: unknown): Promise<void> {
    const path = this.#notePath(key);
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${randomUUID()}`;
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(JSON.stringify(value));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await flush(dirname(path));
  }

  /** Removes the longest unused blobs until the rest fits; never a pinned one, nor the newest. */
  async #evict(newest: string): Promise<void> {
    const folder = dirname(this.#pathOf(`sha256:${newest}`));
    const found = await Promise.all(
      (await readdir(folder)).map(async (name) => ({ name, info: await stat(join(folder, name)).catch(absent) })),
    );
    const blobs = found.flatMap(({ name, info }) =>
      info === undefined ? [] : [{ name, size: info.size, usedAt: info.mtimeMs }],
    );
    let total = blobs.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of blobs.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.#maxBytes) return;
      if (name === newest || this.#pins.has(name)) continue;
      await rm(join(folder, name), { force: true });
      total -= size;
    }
  }

  #pathOf(digest: string): string {
    return join(this.#folder, 'blobs', 'sha256', hexOf(digest));
  }

  #notePath(key: string): string {
    return join(this.#folder, 'references', `${createHash('sha256').update(key).digest('hex')}.json`);
  }
}

/** `sha256:` and 64 hex digits. */
export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The part that is a file name; anything else would be a path of someone's choosing. */
function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new TypeError(`${digest} is not a sha256 digest`);
  return hex;
}

async function flush(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** For a file that may be missing. */
function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
