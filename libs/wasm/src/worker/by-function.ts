/** Something for functions of interfaces. Not by one name for both: to make that takes longer than to look twice. */
export class ByFunction<T> {
  readonly #interfaces = new Map<string, Map<string, T>>();

  get(instance: string, func: string): T | undefined {
    return this.#interfaces.get(instance)?.get(func);
  }

  set(instance: string, func: string, value: T): void {
    const functions = this.#interfaces.get(instance);
    if (functions === undefined) this.#interfaces.set(instance, new Map([[func, value]]));
    else functions.set(func, value);
  }

  clear(): void {
    this.#interfaces.clear();
  }
}
