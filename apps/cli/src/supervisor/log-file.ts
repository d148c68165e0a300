import { closeSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Opens a log for appending; what an earlier instance wrote is kept beside it as `<file>.1`. */
export class LogFile {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    try {
      renameSync(path, `${path}.1`);
    } catch {
      // The first instance has nothing to keep.
    }
    this.#descriptor = openSync(path, 'a');
  }

  /** File descriptor for a child's stdout and stderr. */
  get descriptor(): number {
    return this.#descriptor;
  }

  /** The last lines, for a message about what went wrong. */
  tail(lines: number): string {
    return readFileSync(this.path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
