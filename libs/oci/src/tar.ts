/** A file of a tar archive. */
export interface TarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
const ascii = new TextDecoder('latin1');

/** Bytes that are no tar archive, or an incomplete one. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

/** Whether the bytes begin as a tar archive of POSIX or GNU does. */
export const isTar = (bytes: Uint8Array): boolean => ascii.decode(bytes.subarray(257, 262)) === 'ustar';

/** The regular files of an archive; links and folders are passed over. @throws TarError */
export function readTar(bytes: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    if (!isTar(header)) throw new TarError(`there is no tar header at byte ${at}`);
    const size = octal(header.subarray(124, 136), at);
    const from = at + BLOCK;
    if (from + size > bytes.length) throw new TarError(`it ends within ${textOf(header.subarray(0, 100))}`);
    const type = header[156];
    // '0', or nothing in old archives.
    if (type === 0x30 || type === 0) {
      files.push({ name: textOf(header.subarray(0, 100)), bytes: bytes.subarray(from, from + size) });
    }
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new TarError('it has no end');
}

function octal(field: Uint8Array, at: number): number {
  const text = textOf(field).trim();
  if (!/^[0-7]{1,11}$/.test(text)) throw new TarError(`the header at byte ${at} has no size`);
  return Number.parseInt(text, 8);
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return ascii.decode(end < 0 ? field : field.subarray(0, end));
}
