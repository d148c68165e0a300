import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The programs of providers on disk, each under its digest; gone with the last provider that uses it. */
export class Programs {
  readonly #folder: string;
  readonly #uses = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a file with these bytes that may be executed. Ends with `release`. */
  async take(bytes: Uint8Array): Promise<string> {
    const path = join(this.#folder, createHash('sha256').update(bytes).digest('hex'));
    this.#uses.set(path, (this.#uses.get(path) ?? 0) + 1);
    // Written anew for its first use: whatever was there before may not be whole.
    if ((this.#uses.get(path) ?? 0) === 1 || !(await isThere(path))) await write(this.#folder, path, bytes);
    return path;
  }

  async release(path: string): Promise<void> {
    const uses = (this.#uses.get(path) ?? 1) - 1;
    if (uses > 0) {
      this.#uses.set(path, uses);
      return;
    }
    this.#uses.delete(path);
    await rm(path, { force: true });
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function write(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `.${randomUUID()}`);
  const file = await open(draft, 'wx', 0o700);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
