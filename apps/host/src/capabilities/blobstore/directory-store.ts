import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, opendir, realpath, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  BlobError,
  noContainer,
  noObject,
  secondsOf,
  within,
  type BlobId,
  type BlobInfo,
  type BlobStore,
  type ByteRange,
  type ContainerInfo,
} from './store.ts';

/** Begins the names of files that are being written: they are no objects yet. */
const UNFINISHED = '.kasmcloud-';
const PAGE = 1_000;

/** Objects as files: a container is a folder in the root, and an object a file below it. Nothing outside is reached. */
export class DirectoryBlobStore implements BlobStore {
  readonly #root: string;

  /** `root` must exist. */
  constructor(root: string) {
    this.#root = root;
  }

  async hasContainer(name: string): Promise<boolean> {
    const found = await lstat(this.#folder(name)).catch(absent);
    return found?.isDirectory() === true;
  }

  async createContainer(name: string): Promise<void> {
    await mkdir(this.#folder(name), { recursive: true });
  }

  async deleteContainer(name: string): Promise<void> {
    if (await this.hasContainer(name)) await rm(this.#folder(name), { recursive: true, force: true });
  }

  async clearContainer(name: string): Promise<void> {
    const folder = await this.#container(name);
    for await (const entry of await opendir(folder)) {
      await rm(join(folder, entry.name), { recursive: true, force: true });
    }
  }

  async containerInfo(name: string): Promise<ContainerInfo> {
    return { createdAt: secondsOf((await lstat(await this.#container(name))).birthtime) };
  }

  async list(container: string): Promise<AsyncIterable<readonly string[]>> {
    return pages(await this.#container(container));
  }

  async hasObject(id: BlobId): Promise<boolean> {
    const found = await lstat(await this.#file(id)).catch(absent);
    return found?.isFile() === true;
  }

  async objectInfo(id: BlobId): Promise<BlobInfo> {
    const found = await lstat(await this.#file(id)).catch(absent);
    if (found?.isFile() !== true) throw noObject(id);
    return { createdAt: secondsOf(found.mtime), size: BigInt(found.size) };
  }

  async read(id: BlobId, range: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const path = await this.#file(id);
    // A link, even one that was made this moment, is not followed; nor does a pipe hold us up.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(absent);
    if (file === undefined) throw noObject(id);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw noObject(id);
      const { from, to } = within(range, found.size);
      if (to > from) return file.createReadStream({ start: from, end: to - 1 });
      await file.close();
      return ReadableStream.from<Uint8Array>([]);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Whoever reads it meanwhile has the old object to its end. */
  async write(id: BlobId, data: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await this.#replace(id, async (path) => {
      const file = await open(path, 'wx');
      await pipeline(data, file.createWriteStream({ flush: true }), { signal });
    });
  }

  async deleteObjects(container: string, objects: readonly string[]): Promise<void> {
    await this.#container(container);
    for (const object of objects) await unlink(await this.#file({ container, object })).catch(absent);
  }

  async copyObject(from: BlobId, to: BlobId): Promise<void> {
    await this.objectInfo(from);
    const source = await this.#file(from);
    await this.#replace(to, (path) => copyFile(source, path, constants.COPYFILE_EXCL));
  }

  async close(): Promise<void> {}

  async #replace(id: BlobId, fill: (path: string) => Promise<void>): Promise<void> {
    const folder = await this.#container(id.container);
    const path = await this.#file(id);
    const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`);
    try {
      await fill(unfinished);
      await mkdir(dirname(path), { recursive: true });
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      const isTaken = codeOf(error) === 'EISDIR' || codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR';
      throw isTaken
        ? new BlobError(`${id.object} cannot be an object: others have it as a folder, or a part of it`)
        : error;
    }
  }

  #folder(container: string): string {
    if (!isName(container) || container.includes('/')) {
      throw new BlobError(`a container in a directory is named like a folder, without slashes: ${container}`);
    }
    return join(this.#root, container);
  }

  async #container(name: string): Promise<string> {
    if (!(await this.hasContainer(name))) throw noContainer(name);
    return this.#folder(name);
  }

  /** The path of an object, of which no folder on the way is a link. */
  async #file({ container, object }: BlobId): Promise<string> {
    const folder = await this.#container(container);
    if (!object.split('/').every(isName))
      throw new BlobError(`an object in a directory is named like a file: ${object}`);
    const path = join(folder, object);
    await refuseLinks(folder, dirname(path));
    return path;
  }
}

const isName = (part: string): boolean =>
  part !== '' && part !== '.' && part !== '..' && !/[\\\0]/.test(part) && !part.startsWith(UNFINISHED);

/** @throws BlobError when the way from one folder to another leads elsewhere */
async function refuseLinks(from: string, to: string): Promise<void> {
  const known = await realpath(to).catch(absent);
  if (known === undefined) {
    if (to !== from) await refuseLinks(from, dirname(to));
    return;
  }
  const base = await realpath(from);
  if (known !== join(base, to.slice(from.length)) && known !== base) {
    throw new BlobError('symbolic links are not followed');
  }
}

async function* pages(folder: string): AsyncGenerator<readonly string[]> {
  let page: string[] = [];
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (!entry.isFile() || entry.name.startsWith(UNFINISHED)) continue;
    page.push(
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, '/'),
    );
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Undefined for what is not there; any other error is thrown on. */
const absent = (error: unknown): undefined => {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO') return undefined;
  throw error;
};
