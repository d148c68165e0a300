/** Which random instances a proof tries: the same ones every time, unless the environment names another seed. */
export const seed = Number(process.env['KASMCLOUD_SEED'] ?? 20_260_814);

/**
 * How many times the usual number of instances is tried. Under mutation testing every test runs hundreds of times: a
 * twentieth of the instances finds most mutants.
 */
export const effort = Number(
  process.env['KASMCLOUD_EFFORT'] ?? (process.env['STRYKER_MUTATOR_WORKER'] === undefined ? 1 : 0.05),
);

/** Whole numbers out of a seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(from: number) {
    this.#state = from >>> 0;
  }

  /** 0 ≤ result < 1. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** least ≤ result ≤ most. */
  between(least: number, most: number): number {
    return least + Math.floor(this.roll() * (most - least + 1));
  }

  pick<const T>(list: readonly [T, ...T[]]): T {
    return list[Math.floor(this.roll() * list.length)] ?? list[0];
  }

  numbers(count: number, least: number, most: number): number[] {
    return Array.from({ length: count }, () => this.between(least, most));
  }
}

/** What a proof tried, and where the engine and the oracle disagree. */
export interface Tally {
  readonly instances: number;
  readonly mismatches: readonly string[];
  /** What was measured besides, for the reader. */
  readonly note?: string;
}

/** Compares on so many random instances. `disagreement` tells in what the two differ; undefined when in nothing. */
export function compare(instances: number, from: number, disagreement: (dice: Dice) => object | undefined): Tally {
  const mismatches: string[] = [];
  const tried = Math.max(1, Math.round(instances * effort));
  for (let i = 0; i < tried; i++) {
    const wrong = disagreement(new Dice(from + i * 7919));
    if (wrong !== undefined && mismatches.length < 5) mismatches.push(JSON.stringify(wrong));
  }
  return { instances: tried, mismatches };
}

/** Prints what was tried; returns the mismatches, of which there must be none. */
export function report(title: string, { instances, mismatches, note }: Tally): readonly string[] {
  const tail = note === undefined ? '' : `; ${note}`;
  process.stdout.write(
    `${title}: ${instances.toLocaleString('en')} instances, seed ${seed}, ${mismatches.length} mismatches${tail}\n`,
  );
  return mismatches;
}
