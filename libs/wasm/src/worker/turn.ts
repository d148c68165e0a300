import { noteAtWork } from '../runtime/at-work.ts';

interface Waiting {
  readonly component: number;
  readonly go: () => void;
}

/**
 * Whose guests run in this turn of the event loop: those of one component alone. By the next turn what they answered has
 * left the thread, so that a guest of another component that never returns takes none of it along.
 */
export class Turn {
  readonly #table: Int32Array;
  readonly #flush: () => Promise<void> | undefined;
  #component = 0;
  #last = 0;
  #waiting: Waiting[] = [];

  /** `table`: see `at-work.ts`; `flush` sends all that this thread has to say to anybody, and resolves when it has left. */
  constructor(table: Int32Array, flush: () => Promise<void> | undefined) {
    this.#table = table;
    this.#flush = flush;
  }

  /** Undefined when guests of the component may run now; otherwise resolves when they may. First come, first served. */
  enter(component: number): Promise<void> | undefined {
    if (this.#component === component) return undefined;
    if (this.#component === 0) return this.#begin(component);
    return new Promise((go) => this.#waiting.push({ component, go }));
  }

  #begin(component: number): Promise<void> | undefined {
    const leaving = component === this.#last ? undefined : this.#flush();
    this.#last = component;
    this.#component = component;
    noteAtWork(this.#table, component);
    // By then everything that follows at once from what guests did is done.
    setImmediate(() => this.#end());
    return leaving;
  }

  #end(): void {
    this.#component = 0;
    noteAtWork(this.#table, 0);
    const next = this.#waiting[0]?.component;
    if (next === undefined) return;
    const leaving = this.#begin(next);
    const mayGo = Map.groupBy(this.#waiting, (one) => one.component === next);
    this.#waiting = mayGo.get(false) ?? [];
    for (const { go } of mayGo.get(true) ?? []) {
      if (leaving === undefined) go();
      else void leaving.then(go);
    }
  }
}
