import type { Narrator } from './narrator.ts';

/** Every step that `--json` reports, in the order of the story. */
export const stepNames = [
  'install',
  'clusters',
  'commit',
  'placed',
  'answering',
  'scaled',
  'host-lost',
  'bad-manifest',
  'reverted',
  'stopped',
] as const;
export type StepName = (typeof stepNames)[number];

export interface StepResult {
  readonly name: StepName;
  readonly ok: boolean;
  readonly ms: number;
}

export interface Summary {
  readonly steps: readonly StepResult[];
  readonly ok: boolean;
}

/** Runs the steps of a story and keeps what came of each. After a step that failed none is run any more. */
export class StepLog {
  readonly #narrator: Narrator;
  readonly #results = new Map<StepName, StepResult>();

  constructor(narrator: Narrator) {
    this.#narrator = narrator;
  }

  /** Takes a step that somebody else has run. */
  record(name: StepName, ok: boolean, ms: number): void {
    this.#results.set(name, { name, ok, ms: Math.round(ms) });
  }

  get failed(): boolean {
    return [...this.#results.values()].some(({ ok }) => !ok);
  }

  /**
   * Runs one step. `run` returns what to say at its end and stops when its signal aborts: in time, or with `signal`.
   * @param startedAt when the step began, for one whose beginning lay before this call
   */
  async run(
    name: StepName,
    withinMs: number,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<string>,
    startedAt = performance.now(),
  ): Promise<void> {
    if (this.failed || signal.aborted) return;
    try {
      const end = await run(AbortSignal.any([signal, AbortSignal.timeout(withinMs)]));
      this.record(name, true, performance.now() - startedAt);
      this.#narrator.say(`✓ ${name}: ${end}`);
    } catch (error) {
      if (signal.aborted) return;
      this.record(name, false, performance.now() - startedAt);
      this.#narrator.say(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** What came of these steps; one that was never reached did not hold. */
  summary(names: readonly StepName[]): Summary {
    const steps = names.map((name) => this.#results.get(name) ?? { name, ok: false, ms: 0 });
    return { steps, ok: steps.every(({ ok }) => ok) };
  }
}
