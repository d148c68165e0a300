import { setTimeout as sleep } from 'node:timers/promises';
import { masked, type Masks } from './mask.ts';
import type { Wash } from './wash.ts';

const EVENTUALLY_MS = 60_000;
const AGAIN_MS = 500;

export interface Step {
  readonly args: readonly string[];
  /** Asked again until the answer has this: for what a lattice comes to in time. */
  readonly until?: RegExp;
}

/** What was asked of wash and what it said, as text that can be compared with that of another day. */
export class Transcript {
  readonly #wash: Wash;
  readonly #masks: Masks;
  #text = '';

  constructor(wash: Wash, masks: Masks) {
    this.#wash = wash;
    this.#masks = masks;
  }

  get text(): string {
    return this.#text;
  }

  /** Asks, notes, and resolves with the masked answer. */
  async ask({ args, until }: Step): Promise<string> {
    const deadline = performance.now() + EVENTUALLY_MS;
    for (;;) {
      const { code, text } = await this.#wash.run(args);
      if (until === undefined || until.test(text)) return this.#note(args, code, text);
      if (performance.now() > deadline) {
        throw new Error(`wash ${args.join(' ')} did not say ${until} within ${EVENTUALLY_MS / 1000} s, but:\n${text}`);
      }
      await sleep(AGAIN_MS);
    }
  }

  #note(args: readonly string[], code: number, text: string): string {
    const answer = masked(text, this.#masks);
    const failed = code === 0 ? '' : `[exit ${code}]\n`;
    this.#text += `$ ${masked(`wash ${args.join(' ')}`, this.#masks)}\n${answer === '' ? '' : `${answer}\n`}${failed}\n`;
    return answer;
  }
}
