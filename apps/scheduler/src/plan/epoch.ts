/** 2³²: decisions that one term of leadership may number. */
const TERM_SIZE = 2 ** 32;

/** Numbers decisions: leader term × 2³² + counter, so that a later leader's always win (DESIGN §3). */
export class EpochCounter {
  readonly #term: number;
  #counter = 0;

  /** `term`: `leaseTransitions` of the leader Lease, at most 2²⁰ so that an epoch stays a safe integer. */
  constructor(term: number) {
    if (!Number.isInteger(term) || term < 0 || term >= 2 ** 20)
      throw new RangeError(`leader term ${term} is out of range`);
    this.#term = term;
  }

  next(): number {
    this.#counter += 1;
    return this.#term * TERM_SIZE + this.#counter;
  }
}

/** The term in which a decision was numbered. */
export const termOf = (epoch: number): number => Math.floor(epoch / TERM_SIZE);
