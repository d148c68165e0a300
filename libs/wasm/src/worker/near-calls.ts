import { WitError } from '../error.ts';
import type { Instance } from './instance.ts';
import type { InstancePool } from './pool.ts';

type Arguments = readonly unknown[];

/** A call that one component makes of another in the same worker, on behalf of a call that the main thread gave. */
class NearCall {
  readonly #pool: InstancePool;
  #instance: Instance | undefined;
  #isOver = false;

  /** The pool's slot is taken already. */
  constructor(pool: InstancePool) {
    this.#pool = pool;
  }

  /** @throws WitError for the error case of a result, and an error when the callee traps */
  async run(call: number, instance: string, func: string, args: Arguments): Promise<unknown> {
    try {
      const callee = this.#pool.takeIdle() ?? (await this.#pool.make());
      this.#instance = callee;
      const outcome = await callee.run(call, { kind: 'function', instance, func, args });
      if (outcome.kind === 'trap') callee.abandon();
      if (outcome.kind === 'trap') throw new Error(`${instance}.${func} trapped: ${outcome.message}`);
      if (!this.#isOver) this.#pool.keep(callee);
      if (outcome.kind === 'error') throw new WitError(outcome.payload);
      return outcome.value;
    } finally {
      this.#end();
    }
  }

  /** The call that it is for is over: its instance may be in the middle of something, and never goes on. */
  abandon(): void {
    this.#instance?.abandon();
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pool.freeSlot();
  }
}

/** The near calls of one worker, by the call that they are for. */
export class NearCalls {
  readonly #running = new Map<number, Set<NearCall>>();

  /** Runs a call in a pool whose slot was taken. */
  async run(call: number, pool: InstancePool, instance: string, func: string, args: Arguments): Promise<unknown> {
    const near = new NearCall(pool);
    const all = this.#running.get(call) ?? new Set();
    this.#running.set(call, all.add(near));
    try {
      return await near.run(call, instance, func, args);
    } finally {
      all.delete(near);
      if (all.size === 0) this.#running.delete(call);
    }
  }

  abandon(call: number): void {
    for (const near of this.#running.get(call) ?? []) near.abandon();
    this.#running.delete(call);
  }
}
