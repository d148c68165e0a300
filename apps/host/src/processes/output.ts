import type { Readable } from 'node:stream';
import type { Clock } from '@kasmcloud/reconcile';

/** Read in one second; a process that prints more waits, as it would for a slow terminal. */
const BYTES_A_SECOND = 1_048_576;
/** Written to the log in one second; more are counted instead. */
const LINES_A_SECOND = 100;
const LONGEST_LINE = 4_096;
const WINDOW_MS = 1_000;
/** Lines that are kept for when the process fails. */
const TAIL_LINES = 5;

export interface OutputOptions {
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
  /** Lines of the last second that were not written. */
  readonly onDropped: (lines: number) => void;
}

/** What a process prints, line by line and at a bounded rate, so that one that floods holds up itself and not the host. */
export class Output {
  /** The last lines, oldest first. */
  readonly tail: string[] = [];
  readonly #options: OutputOptions;
  readonly #stream: Readable;
  #partial = '';
  #bytes = 0;
  #lines = 0;
  #dropped = 0;
  #cancel: (() => void) | undefined;

  constructor(stream: Readable, options: OutputOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
    stream.once('close', () => this.#close());
    // A pipe that breaks ends like one that closes.
    stream.once('error', () => undefined);
  }

  #take(text: string): void {
    this.#cancel ??= this.#options.clock.after(WINDOW_MS, () => this.#nextWindow());
    this.#bytes += text.length;
    const lines = (this.#partial + text).split('\n');
    this.#partial = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) this.#line(line);
    if (this.#bytes > BYTES_A_SECOND) this.#stream.pause();
  }

  #line(text: string): void {
    const line = text.trimEnd().slice(0, LONGEST_LINE);
    if (line === '') return;
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) this.tail.shift();
    this.#lines += 1;
    if (this.#lines <= LINES_A_SECOND) this.#options.onLine(line);
    else this.#dropped += 1;
  }

  #nextWindow(): void {
    this.#cancel = undefined;
    if (this.#dropped > 0) this.#options.onDropped(this.#dropped);
    this.#bytes = this.#lines = this.#dropped = 0;
    this.#stream.resume();
  }

  #close(): void {
    this.#cancel?.();
    this.#line(this.#partial);
    this.#partial = '';
    if (this.#dropped > 0) this.#options.onDropped(this.#dropped);
  }
}
