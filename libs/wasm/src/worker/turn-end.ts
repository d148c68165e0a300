/** Something that gathers, in a turn of the event loop, what leaves together. */
export interface Gathering {
  /** Lets go of what it has, if it has something still. */
  flush(): void;
}

/**
 * Those that have gathered something in this turn. One immediate is set for all of them and never cleared: to set and clear
 * one for each costs more than small guests do.
 */
export class TurnEnd<T extends Gathering> {
  #gathering: T[] = [];
  #isScheduled = false;

  /** To be called once for what it lets go of once. */
  add(one: T): void {
    this.#gathering.push(one);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  flush(): void {
    const gathering = this.#gathering;
    if (gathering.length === 0) return;
    this.#gathering = [];
    for (const one of gathering) one.flush();
  }
}
