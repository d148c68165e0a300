import { noteAnswered } from '../runtime/answered.ts';
import type { CallJob, Outcome } from '../runtime/protocol.ts';
import { isShort } from '../runtime/slot-table.ts';
import type { FarCalls } from './far-calls.ts';
import type { InstancePool } from './pool.ts';

interface Answered {
  readonly call: number;
  readonly pool: InstancePool;
}

/**
 * The letters that this thread reads and answers. The main thread finds out about the answers when it looks, and is woken
 * only where it waits for slots.
 */
export class Letters {
  readonly #far: FarCalls;
  readonly #table: Int32Array;
  readonly #wake: () => void;
  #answered: Answered[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  /** `table`: see `answered.ts`; `wake` has the main thread look at it. */
  constructor(far: FarCalls, table: Int32Array, wake: () => void) {
    this.#far = far;
    this.#table = table;
    this.#wake = wake;
  }

  /** Runs a call, and answers it at the end of this turn of the event loop: undefined then. Else as `InstancePool.run`. */
  async run(
    call: number,
    pool: InstancePool,
    { instance, func, letter, trace }: Extract<CallJob, { kind: 'letter' }>,
    starts: () => boolean,
  ): Promise<Outcome | undefined> {
    const type = pool.typeOf(instance, func);
    if (type === undefined) return { kind: 'trap', message: `the component exports no ${instance}.${func}` };
    let args: readonly unknown[];
    try {
      args = this.#far.read(type, letter);
    } catch (error) {
      return { kind: 'trap', message: `its arguments cannot be read: ${String(error)}` };
    }
    const outcome = await pool.run(call, { kind: 'function', instance, func, args, trace }, starts);
    if (outcome === undefined || outcome.kind === 'trap') return outcome;
    try {
      this.#far.answer(type, letter, outcome);
    } catch {
      // The main thread may have a connection, and says what is wrong if it cannot answer either.
      return outcome;
    }
    this.#answered.push({ call, pool });
    this.#scheduled ??= setImmediate(() => void this.flush());
    return undefined;
  }

  /** Sends what there is now. Resolves when it has left the process; undefined when there was nothing. */
  flush(): Promise<void> | undefined {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#answered.length === 0) return undefined;
    const answered = this.#answered;
    this.#answered = [];
    this.#far.flush();
    // The connection writes in a microtask before this one. Only then is it told: the thread may be ended for it.
    return Promise.resolve().then(() => this.#note(answered));
  }

  #note(answered: readonly Answered[]): void {
    for (const { call } of answered) noteAnswered(this.#table, call);
    if (answered.some(({ pool }) => isShort(pool.slots))) this.#wake();
  }
}
