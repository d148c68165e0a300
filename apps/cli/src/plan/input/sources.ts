import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../user-error.ts';

/** One file of manifests, as it was read. */
export interface Source {
  /** Its path as the caller gave it, `stdin` for `-`: problems are told with it. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Folders nested deeper are a loop or a mistake. */
const MAX_DEPTH = 16;
/** What standard input and all files may have together. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads what `-f` names: a file, every `*.yaml`, `*.yml` and `*.json` below a folder (in order of path; names with a
 * leading dot are left out), or `-` for standard input.
 *
 * @throws {UserError}
 */
export async function readSources(
  names: readonly string[],
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<Source[]> {
  const sources: Source[] = [];
  let bytes = 0;
  for (const name of new Set(names)) {
    for (const source of name === '-' ? [await readStream(stdin)] : await readPath(name)) {
      bytes += source.bytes.byteLength;
      if (bytes > MAX_BYTES) throw tooLarge(source.file);
      sources.push(source);
    }
  }
  return sources;
}

async function readStream(stdin: AsyncIterable<Uint8Array | string>): Promise<Source> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.byteLength;
    if (bytes > MAX_BYTES) throw tooLarge('stdin');
    chunks.push(buffer);
  }
  return { file: 'stdin', bytes: Buffer.concat(chunks) };
}

async function readPath(path: string): Promise<Source[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ file: path, bytes: await readFile(path) }];
    const files = await manifestFiles(path, 0);
    if (files.length === 0) throw new UserError(`-f ${path}: there is no *.yaml, *.yml or *.json file in this folder`);
    return await Promise.all(files.map(async (file) => ({ file, bytes: await readFile(file) })));
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw new UserError(`-f ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

async function manifestFiles(folder: string, depth: number): Promise<string[]> {
  if (depth > MAX_DEPTH) return [];
  const entries = (await readdir(folder, { withFileTypes: true }))
    .filter(({ name }) => !name.startsWith('.'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await manifestFiles(path, depth + 1)));
    else if (/\.(ya?ml|json)$/.test(entry.name)) files.push(path);
  }
  return files;
}

const tooLarge = (file: string): UserError => new UserError(`-f ${file}: more than ${MAX_BYTES} bytes are not read`);

const reasonOf = (error: Error): string => {
  if (!('code' in error)) return error.message;
  if (error.code === 'ENOENT') return 'there is no such file or folder';
  return error.code === 'EACCES' ? 'it may not be read' : error.message;
};
