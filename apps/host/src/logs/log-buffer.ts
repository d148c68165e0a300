import type { LogLine } from '@kasmcloud/wire';

/** What is kept of one actor: the last lines, as far as both limits allow. */
const MOST_LINES = 1_000;
const MOST_CHARACTERS = 128 * 1024;

const sizeOf = ({ context, message }: LogLine): number => context.length + message.length + 64;

/** The last lines of one actor, and who wants to hear of more. */
export class LogBuffer {
  readonly #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();
  #size = 0;

  add(line: LogLine): void {
    this.#lines.push(line);
    this.#size += sizeOf(line);
    while (this.#lines.length > MOST_LINES || (this.#size > MOST_CHARACTERS && this.#lines.length > 1)) {
      const oldest = this.#lines.shift();
      if (oldest !== undefined) this.#size -= sizeOf(oldest);
    }
    for (const listener of this.#listeners) listener(line);
  }

  /** Lines that were logged at `since` or later, at most the last `tail` of them. */
  read({ since = 0, tail }: { readonly since?: number | undefined; readonly tail?: number | undefined }): LogLine[] {
    const lines = this.#lines.filter(({ at }) => at >= since);
    return tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  }

  /** Tells every line from now on; the function returned ends that. */
  listen(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** The buffers of all actors that run here, by lattice and id. An actor that is replaced keeps its own. */
export class LogBuffers {
  readonly #buffers = new Map<string, LogBuffer>();

  get(lattice: string, actor: string): LogBuffer | undefined {
    return this.#buffers.get(`${lattice}/${actor}`);
  }

  open(lattice: string, actor: string): LogBuffer {
    const buffer = this.get(lattice, actor) ?? new LogBuffer();
    this.#buffers.set(`${lattice}/${actor}`, buffer);
    return buffer;
  }

  /** The actor, `lattice/id`, is gone from this host. */
  drop(actor: string): void {
    this.#buffers.delete(actor);
  }
}
