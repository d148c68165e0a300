import { constants, type BigIntStats, type Dir } from 'node:fs';
import { lstat, lutimes, mkdir, open, opendir, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import { WitError } from '../../error.ts';
import { PREOPENS, type Folder } from '../../runtime/protocol.ts';
import type { Guest } from '../guest.ts';
import type { Interfaces } from '../interface.ts';
import { crypto } from './crypto.ts';
import { locate, told } from './file-path.ts';
import { FileSink, FileSource } from './file-streams.ts';
import { InputStream, OutputStream } from './io.ts';

/** The most files that one instance has open. */
const maxOpen = 256;
const maxRead = 1024 * 1024;

type Flags = Readonly<Record<string, boolean>>;

interface Time {
  readonly tag: 'no-change' | 'now' | 'timestamp';
  readonly val?: { readonly seconds: bigint; readonly nanoseconds: number };
}

type Opened =
  | { readonly kind: 'directory'; readonly isReadOnly: boolean }
  | { readonly kind: 'file'; readonly file: FileHandle; readonly flags: Flags };

const refuse = (code: string): never => {
  throw new WitError(code);
};

const typeOf = (stats: Pick<BigIntStats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): string => {
  if (stats.isFile()) return 'regular-file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symbolic-link' : 'unknown';
};

const timeOf = (nanoseconds: bigint): { seconds: bigint; nanoseconds: number } => ({
  seconds: nanoseconds / 1_000_000_000n,
  nanoseconds: Number(nanoseconds % 1_000_000_000n),
});

const statOf = (stats: BigIntStats): unknown => ({
  type: typeOf(stats),
  linkCount: stats.nlink,
  size: stats.size,
  dataAccessTimestamp: timeOf(stats.atimeNs),
  dataModificationTimestamp: timeOf(stats.mtimeNs),
  statusChangeTimestamp: timeOf(stats.ctimeNs),
});

const hashOf = ({ dev, ino }: BigIntStats): unknown => {
  const digest = crypto().createHash('sha256').update(`${dev} ${ino}`).digest();
  return { lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8) };
};

const secondsOf = ({ tag, val }: Time, now: number, unchanged: bigint): number => {
  if (tag === 'no-change') return Number(unchanged) / 1e9;
  return tag === 'now' || val === undefined ? now : Number(val.seconds) + val.nanoseconds / 1e9;
};

/** wasi:filesystem/types.directory-entry-stream. Links and what begins elsewhere are not in it. */
class DirectoryEntryStream {
  readonly #folder: Dir;

  constructor(folder: Dir) {
    this.#folder = folder;
  }

  async readDirectoryEntry(): Promise<unknown> {
    const entry = await told(this.#folder.read());
    return entry === null ? undefined : { type: typeOf(entry), name: entry.name };
  }

  [Symbol.dispose](): void {
    void this.#folder.close().catch(() => undefined);
  }
}

/** Files for one instance: what its links give it, and nothing outside (`locate`). Links in either sense cannot be made. */
export const filesystem = (guest: Guest): Interfaces => {
  let openFiles = 0;

  /** wasi:filesystem/types.descriptor. */
  class Descriptor {
    readonly #path: string;
    readonly #opened: Opened;

    constructor(path: string, opened: Opened) {
      this.#path = path;
      this.#opened = opened;
    }

    readViaStream(offset: bigint): InputStream {
      return new InputStream(new FileSource(this.#file('read'), Number(offset)));
    }

    writeViaStream(offset: bigint): OutputStream {
      return new OutputStream(new FileSink(this.#file('write'), Number(offset)));
    }

    appendViaStream(): OutputStream {
      return new OutputStream(new FileSink(this.#file('write'), undefined));
    }

    advise(): void {}

    async syncData(): Promise<void> {
      if (this.#opened.kind === 'file') await told(this.#opened.file.datasync());
    }

    async sync(): Promise<void> {
      if (this.#opened.kind === 'file') await told(this.#opened.file.sync());
    }

    getFlags(): Flags {
      const none = { fileIntegritySync: false, dataIntegritySync: false, requestedWriteSync: false };
      if (this.#opened.kind === 'directory') {
        return { ...none, read: true, write: false, mutateDirectory: !this.#opened.isReadOnly };
      }
      const { read = false, write = false } = this.#opened.flags;
      return { ...none, read, write, mutateDirectory: false };
    }

    getType(): string {
      return this.#opened.kind === 'file' ? 'regular-file' : 'directory';
    }

    async setSize(size: bigint): Promise<void> {
      await told(this.#file('write').truncate(Number(size)));
    }

    async setTimes(access: Time, modification: Time): Promise<void> {
      this.#mayChange();
      await this.#touch(this.#path, access, modification);
    }

    async read(length: bigint, offset: bigint): Promise<[bytes: Uint8Array, isEnd: boolean]> {
      const wanted = Number(length < maxRead ? length : maxRead);
      const file = this.#file('read');
      const { bytesRead, buffer } = await told(file.read(new Uint8Array(wanted), 0, wanted, Number(offset)));
      return [buffer.subarray(0, bytesRead), bytesRead === 0 && wanted > 0];
    }

    async write(bytes: Uint8Array, offset: bigint): Promise<bigint> {
      const { bytesWritten } = await told(this.#file('write').write(bytes, 0, bytes.length, Number(offset)));
      return BigInt(bytesWritten);
    }

    async readDirectory(): Promise<DirectoryEntryStream> {
      return new DirectoryEntryStream(await told(opendir(this.#folder())));
    }

    async createDirectoryAt(path: string): Promise<void> {
      await told(mkdir(await this.#changing(path)));
    }

    async stat(): Promise<unknown> {
      return statOf(await this.#stats());
    }

    async statAt(_: Flags, path: string): Promise<unknown> {
      return statOf(await told(lstat(await locate(this.#folder(), path), { bigint: true })));
    }

    async setTimesAt(_: Flags, path: string, access: Time, modification: Time): Promise<void> {
      await this.#touch(await this.#changing(path), access, modification);
    }

    linkAt(): never {
      return refuse('not-permitted');
    }

    async openAt(_: Flags, path: string, how: Flags, flags: Flags): Promise<Descriptor> {
      const isReadOnly = this.#isReadOnly();
      const at = await locate(this.#folder(), path);
      const changes = how['create'] === true || how['truncate'] === true || flags['write'] === true;
      if (isReadOnly && changes) return refuse('read-only');
      const found = await lstat(at).catch(() => undefined);
      if (found?.isDirectory() === true) {
        if (how['exclusive'] === true && how['create'] === true) return refuse('exist');
        if (changes && how['directory'] !== true) return refuse('is-directory');
        return new Descriptor(at, { kind: 'directory', isReadOnly: isReadOnly || flags['mutateDirectory'] !== true });
      }
      if (how['directory'] === true) return refuse(found === undefined ? 'no-entry' : 'not-directory');
      // A pipe or a device would hold the host up, or be one of its own.
      if (found?.isFile() === false) return refuse('not-permitted');
      if (openFiles >= maxOpen) return refuse('insufficient-memory');
      openFiles += 1;
      try {
        const file = await told(open(at, openMode(how, flags), 0o644));
        guest.gate.whenClosed(file, () => void file.close().catch(() => undefined));
        return new Descriptor(at, { kind: 'file', file, flags });
      } catch (error) {
        openFiles -= 1;
        throw error;
      }
    }

    readlinkAt(): never {
      return refuse('not-permitted');
    }

    async removeDirectoryAt(path: string): Promise<void> {
      await told(rmdir(await this.#changing(path)));
    }

    async renameAt(path: string, to: Descriptor, newPath: string): Promise<void> {
      const [from, target] = [await this.#changing(path), await to.#changing(newPath)];
      await told(rename(from, target));
    }

    symlinkAt(): never {
      return refuse('not-permitted');
    }

    async unlinkFileAt(path: string): Promise<void> {
      this.#mayChange();
      await told(unlink(await locate(this.#folder(), path, { ofLink: true })));
    }

    isSameObject(other: Descriptor): boolean {
      return this.#path === other.#path;
    }

    async metadataHash(): Promise<unknown> {
      return hashOf(await this.#stats());
    }

    async metadataHashAt(_: Flags, path: string): Promise<unknown> {
      return hashOf(await told(lstat(await locate(this.#folder(), path), { bigint: true })));
    }

    [Symbol.dispose](): void {
      if (this.#opened.kind === 'directory') return;
      openFiles -= 1;
      guest.gate.end(this.#opened.file);
    }

    #file(flag: 'read' | 'write'): FileHandle {
      if (this.#opened.kind === 'directory') return refuse('is-directory');
      return this.#opened.flags[flag] === true ? this.#opened.file : refuse('bad-descriptor');
    }

    #folder(): string {
      return this.#opened.kind === 'directory' ? this.#path : refuse('not-directory');
    }

    #isReadOnly(): boolean {
      return this.#opened.kind === 'directory' ? this.#opened.isReadOnly : this.#opened.flags['write'] !== true;
    }

    #mayChange(): void {
      if (this.#isReadOnly()) refuse('read-only');
    }

    async #changing(path: string): Promise<string> {
      this.#mayChange();
      return locate(this.#folder(), path);
    }

    #stats(): Promise<BigIntStats> {
      return told(lstat(this.#path, { bigint: true }));
    }

    async #touch(path: string, access: Time, modification: Time): Promise<void> {
      const { atimeNs, mtimeNs } = await told(lstat(path, { bigint: true }));
      const now = Date.now() / 1000;
      await told(lutimes(path, secondsOf(access, now, atimeNs), secondsOf(modification, now, mtimeNs)));
    }
  }

  const directories = async (): Promise<[Descriptor, string][]> => {
    const folders = (await guest.invoke(PREOPENS, 'get-directories', [])) as readonly Folder[];
    return folders.map(({ path, guestPath, isReadOnly }) => [
      new Descriptor(path, { kind: 'directory', isReadOnly }),
      guestPath,
    ]);
  };

  return {
    'wasi:filesystem/preopens': {
      // Who has no caller has no link: a component that asks while it starts gets none, at once.
      getDirectories: () => (guest.isInCall ? directories() : []),
    },
    'wasi:filesystem/types': { Descriptor, DirectoryEntryStream, filesystemErrorCode: () => undefined },
  };
};

const openMode = (how: Flags, flags: Flags): number => {
  const access = flags['write'] === true ? (flags['read'] === true ? constants.O_RDWR : constants.O_WRONLY) : 0;
  return (
    access |
    // Not even a link that was made this moment is followed; nor is a pipe waited for.
    constants.O_NOFOLLOW |
    constants.O_NONBLOCK |
    (how['create'] === true ? constants.O_CREAT : 0) |
    (how['exclusive'] === true ? constants.O_EXCL : 0) |
    (how['truncate'] === true ? constants.O_TRUNC : 0)
  );
};
