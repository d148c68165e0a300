/** The rules of one object took more work than they may. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

const maxSteps = 1_000_000;
const maxMs = 2_000;

/**
 * Bounds the work that the rules of one object do: steps of their loops, and the time, since a single step over a long
 * text is not free. Rules without loops are bounded by their size.
 */
export class Meter {
  private steps = 0;
  private deadline = 0;

  start(): void {
    this.steps = 0;
    this.deadline = performance.now() + maxMs;
  }

  /** @throws BudgetError */
  step(): void {
    this.steps++;
    if (this.steps > maxSteps || (this.steps % 128 === 0 && performance.now() > this.deadline)) {
      throw new BudgetError(
        'validation failed due to running out of cost budget, no further validation rules will be run',
      );
    }
  }
}
