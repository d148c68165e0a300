import { createHash } from 'node:crypto';
import { open, realpath } from 'node:fs/promises';
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
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
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
    const path = await realpath(fileURLToPath(location));
    if (root !== undefined && isOutside(await realpath(root), path)) {
      throw new ImageError('NotSupported', `image ${reference}: the file is outside of KASMCLOUD_FILE_ROOT`);
    }
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > maxBytes) {
        throw new ImageError(
          'ImagePullFailed',
          `image ${reference}: ${size} bytes is more than the limit of ${maxBytes}`,
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ImageError('ImagePullFailed', `image ${reference}: ${why}`, { cause });
  }
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way.startsWith('..') || isAbsolute(way);
}
