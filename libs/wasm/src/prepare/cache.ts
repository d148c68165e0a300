import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltFile } from './build.ts';

/** Lists the files of an entry with their SHA-256; an entry without it, or with other content, is not used. */
const listName = 'files.json';

/**
 * The files of a cache entry; undefined when there is none or it is damaged (a crash, a full disk, a curious hand):
 * what cannot be trusted is built again.
 */
export const readEntry = async (folder: string): Promise<readonly BuiltFile[] | undefined> => {
  try {
    const list: unknown = JSON.parse(await readFile(join(folder, listName), 'utf8'));
    if (!isDigests(list)) return undefined;
    const files = await Promise.all(
      Object.keys(list).map(async (name): Promise<BuiltFile> => [name, await readFile(join(folder, name))]),
    );
    return files.every(([name, content]) => list[name] === sha256(content)) ? files : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Puts an entry in place at once: a reader sees all of it or nothing. Where another process was faster, and its entry is
 * whole, its files stay, because a thread may already run them; a damaged entry is replaced.
 */
export const writeEntry = async (folder: string, files: readonly BuiltFile[]): Promise<void> => {
  const temp = `${folder}.${randomUUID()}`;
  // What is in here is executed: nobody else may write it.
  await mkdir(temp, { recursive: true, mode: 0o700 });
  try {
    await Promise.all(files.map(([name, content]) => writeFile(join(temp, name), content)));
    const list = Object.fromEntries(files.map(([name, content]) => [name, sha256(content)]));
    await writeFile(join(temp, listName), JSON.stringify(list));
    await replace(temp, folder);
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
};

const replace = async (temp: string, folder: string): Promise<void> => {
  try {
    await rename(temp, folder);
  } catch (cause) {
    if ((await readEntry(folder)) !== undefined) return;
    await rm(folder, { recursive: true, force: true });
    await rename(temp, folder).catch(() => {
      throw cause;
    });
  }
};

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

const isDigests = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.entries(value).every(([name, digest]) => isFile(name, digest));

const isFile = (name: string, digest: unknown): boolean => /^[\w.-]+$/.test(name) && typeof digest === 'string';
