import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeAtomically } from './atomic-file.ts';

/** The file is there and is not what this host wrote: another format, another key, or damage. It says which. */
export class SealedFileError extends Error {
  override readonly name = 'SealedFileError';
  readonly path: string;

  constructor(path: string, what: string, options?: ErrorOptions) {
    super(`${path} ${what}`, options);
    this.path = path;
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Grows with every change of what is written, so that an older host refuses what it would misread. */
const HEADER = Buffer.from('kasmcloud-host-state 1\n');

/**
 * One text in a file that only who has the secret can read or change: AES-256-GCM. Readers see it as it was or whole,
 * whenever the writer or the machine ends.
 */
export class SealedFile {
  readonly #path: string;
  readonly #secret: () => Promise<string>;

  /** `secret` is asked for at each use. */
  constructor(path: string, secret: () => Promise<string>) {
    this.#path = path;
    this.#secret = secret;
  }

  /** Undefined when there is no file. @throws SealedFileError; what the file system throws */
  async read(): Promise<string | undefined> {
    const bytes = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return bytes === undefined ? undefined : this.#open(bytes, await this.#key());
  }

  /** Not to be called again before it resolved. */
  async write(text: string): Promise<void> {
    await writeAtomically(this.#path, seal(text, await this.#key()));
  }

  async #key(): Promise<Buffer> {
    return Buffer.from(hkdfSync('sha256', await this.#secret(), '', HEADER, 32));
  }

  #open(bytes: Buffer, key: Buffer): string {
    if (!bytes.subarray(0, HEADER.length).equals(HEADER)) {
      throw new SealedFileError(this.#path, `is of another format than "${HEADER.toString().trim()}"`);
    }
    const nonceAt = HEADER.length;
    const tagAt = nonceAt + NONCE_BYTES;
    const sealedAt = tagAt + TAG_BYTES;
    try {
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(nonceAt, tagAt), {
        authTagLength: TAG_BYTES,
      });
      cipher.setAAD(HEADER).setAuthTag(bytes.subarray(tagAt, sealedAt));
      return Buffer.concat([cipher.update(bytes.subarray(sealedAt)), cipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SealedFileError(this.#path, 'is damaged, or was sealed with the key of another host', { cause });
    }
  }
}

function seal(text: string, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(HEADER);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([HEADER, nonce, cipher.getAuthTag(), sealed]);
}
