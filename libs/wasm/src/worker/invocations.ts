import { WitError } from '../error.ts';
import type { Outcome } from '../runtime/protocol.ts';

interface Invocation {
  readonly call: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Imports that the main thread serves, and the guests that wait for them. */
export class Invocations {
  readonly #waiting = new Map<number, Invocation>();
  #last = 0;

  /** `ask` is given the number by which its outcome comes back. Rejects with WitError for an error that the interface names. */
  open(call: number, ask: (invocation: number) => void): Promise<unknown> {
    this.#last += 1;
    const invocation = this.#last;
    return new Promise((resolve, reject) => {
      ask(invocation);
      this.#waiting.set(invocation, { call, resolve, reject });
    });
  }

  /** What a guest of a call still waits for has nobody to come back to. */
  forget(call: number): void {
    if (this.#waiting.size === 0) return;
    for (const [invocation, one] of this.#waiting) if (one.call === call) this.#waiting.delete(invocation);
  }

  returned(invocation: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(invocation);
    this.#waiting.delete(invocation);
    if (waiting === undefined) return;
    switch (outcome.kind) {
      case 'value':
        waiting.resolve(outcome.value);
        return;
      case 'error':
        waiting.reject(new WitError(outcome.payload));
        return;
      case 'trap':
        waiting.reject(new Error(outcome.message));
    }
  }
}
