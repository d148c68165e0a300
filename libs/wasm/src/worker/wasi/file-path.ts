import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { WitError } from '../../error.ts';

/** wasi:filesystem error-code by errno. */
const codes: Readonly<Record<string, string>> = {
  EACCES: 'access',
  EBUSY: 'busy',
  EDQUOT: 'quota',
  EEXIST: 'exist',
  EFBIG: 'file-too-large',
  EINVAL: 'invalid',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  EMFILE: 'insufficient-memory',
  ENAMETOOLONG: 'name-too-long',
  ENFILE: 'insufficient-memory',
  ENOENT: 'no-entry',
  ENOMEM: 'insufficient-memory',
  ENOSPC: 'insufficient-space',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  EPERM: 'not-permitted',
  EROFS: 'read-only',
  EXDEV: 'cross-device',
};

const errnoOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** What the system refuses is an error that the guest can handle. */
export const told = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof WitError) throw error;
    throw new WitError(codes[errnoOf(error)] ?? 'io');
  }
};

/**
 * Where a path of the guest leads, from a folder that it may be in. It never leads out of the folder: not by `..`, not from
 * the root, and not over a symbolic link, which nothing is reached by. `ofLink`: the last part may be a link.
 * @throws WitError of an error-code
 */
export const locate = async (folder: string, path: string, { ofLink = false } = {}): Promise<string> => {
  if (path.includes('\0')) throw new WitError('illegal-byte-sequence');
  if (path.startsWith('/')) throw new WitError('not-permitted');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) throw new WitError('not-permitted');
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  let at = folder;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    if (ofLink && index === parts.length - 1) return at;
    if (await isLink(at)) throw new WitError('loop');
  }
  return at;
};

const isLink = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    // What is not there, or cannot be seen, fails by itself when it is used.
    return false;
  }
};
