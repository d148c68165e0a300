/**
 * Hosts that changed, in order. Who draws figures from what changes keeps the number of the last change that it has seen,
 * and so pays for what changed since and not for what there is.
 */
export class ChangeLog {
  readonly #hosts: Int32Array;
  #end = 0;

  /** `length`: how many changes are remembered; who slept longer looks at everything. */
  constructor(length: number) {
    this.#hosts = new Int32Array(length);
  }

  /** Number of the next change. */
  get end(): number {
    return this.#end;
  }

  add(host: number): void {
    this.#hosts[this.#end % this.#hosts.length] = host;
    this.#end += 1;
  }

  /** Whether every change from a number on is still known, and they are no more than `most`. */
  remembers(change: number, most: number): boolean {
    return this.#end - change <= Math.min(this.#hosts.length, most);
  }

  /** The host that a change was about; the same host comes up as often as it changed. */
  at(change: number): number {
    return this.#hosts[change % this.#hosts.length] ?? -1;
  }
}
