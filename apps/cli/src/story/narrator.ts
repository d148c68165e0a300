/** Tells people what happens, on stderr; stdout is left to machines. */
export class Narrator {
  readonly #write: (text: string) => void;
  readonly #startedAt = performance.now();

  constructor(write: (text: string) => void = (text) => void process.stderr.write(text)) {
    this.#write = write;
  }

  /** A headline. */
  part(text: string): void {
    this.#write(`\n${text}\n`);
  }

  /** Something that happens now, with the time since the start. */
  say(text: string): void {
    const time = ((performance.now() - this.#startedAt) / 1000).toFixed(1).padStart(6);
    this.#write(`  ${time} s  ${text.replaceAll('\n', `\n${' '.repeat(15)}`)}\n`);
  }

  /** Text as it is. */
  show(text: string): void {
    this.#write(`${text}\n`);
  }
}
