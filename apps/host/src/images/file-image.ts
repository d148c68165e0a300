import { hash } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImageError, type Image } from './image-error.ts';

export interface FileImageOptions {
  readonly allowFile: boolean;
  /** Folder that images must be inside, links followed; absent: anywhere. */
  readonly root: string | undefined;
  readonly maxBytes: number;
}

const SCHEME = 'file://';
const SMALL_BYTES = 256 * 1024;

export const isFileImage = (reference: string): boolean => reference.startsWith(SCHEME);

/**
 * Reads the image of a `file:///path`, with an optional `@sha256:…` that is checked.
 *
 * @throws {ImageError}
 */
export async function readFileImage(reference: string, options: FileImageOptions): Promise<Image> {
  if (!options.allowFile) {
    throw new ImageError('NotSupported', `image ${reference}: file:// images are off; set KASMCLOUD_ALLOW_FILE=true`);
  }
  const [location = '', pinned] = reference.split('@sha256:', 2);
  const bytes = await readFileWithin(location, reference, options);
  const digest = `sha256:${hash('sha256', bytes)}`;
  if (pinned !== undefined && digest !== `sha256:${pinned}`) {
    throw new ImageError('DigestMismatch', `image ${reference}: the file has digest ${digest}`);
  }
  return { bytes, digest };
}

async function readFileWithin(
  location: string,
  reference: string,
  { root, maxBytes }: FileImageOptions,
): Promise<Uint8Array> {
  try {
    const path = root === undefined ? fileURLToPath(location) : await pathWithin(root, location, reference);
    const file = await open(path);
    try {
      // What is asked of an open file is at hand: to wait for it takes longer.
      const { size } = fstatSync(file.fd);
      if (size > maxBytes) {
        throw new ImageError(
          'ImagePullFailed',
          `image ${reference}: ${size} bytes is more than the limit of ${maxBytes}`,
        );
      }
      return await readWhole(file, size);
    } finally {
      // Nobody waits for that.
      file.close().catch(() => undefined);
    }
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ImageError('ImagePullFailed', `image ${reference}: ${why}`, { cause });
  }
}

/** The path with its links followed. @throws ImageError when it leads out of the folder */
async function pathWithin(root: string, location: string, reference: string): Promise<string> {
  const [folder, path] = await Promise.all([realpath(root), realpath(fileURLToPath(location))]);
  if (!isOutside(folder, path)) return path;
  throw new ImageError('NotSupported', `image ${reference}: the file is outside of KASMCLOUD_FILE_ROOT`);
}

/** In one step where the file is as large as it said; a small one is read here, which takes less than to have it read. */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  const bytesRead =
    size <= SMALL_BYTES ? readSync(file.fd, bytes, 0, size, 0) : (await file.read(bytes, 0, size, 0)).bytesRead;
  if (bytesRead < size) throw new Error(`the file has ${bytesRead} bytes, and had ${size} a moment ago`);
  return bytes;
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way.startsWith('..') || isAbsolute(way);
}
