import type { LoadedComponent } from '@kasmcloud/wasm';
import { atMost } from './at-most.ts';

/** An actor that is being started. */
interface Coming extends PromiseWithResolvers<LoadedComponent | undefined> {
  /** When that began, by `performance.now()`. */
  readonly since: number;
  /** How many objects try to start it: one at most will. */
  starts: number;
  isAwaited: boolean;
}

/** The actors that answer on this host, by lattice and id: a call between two of them does not leave the process. */
export class ActorRegistry {
  readonly #actors = new Map<string, LoadedComponent>();
  readonly #coming = new Map<string, Coming>();

  get(lattice: string, id: string): LoadedComponent | undefined {
    return this.#actors.get(`${lattice}/${id}`);
  }

  /** As `get`; an actor that is being started is waited for, so long. Undefined when it does not come to that. */
  async awaited(lattice: string, id: string, withinMs: number): Promise<LoadedComponent | undefined> {
    const coming = this.#coming.get(`${lattice}/${id}`);
    if (coming === undefined) return this.get(lattice, id);
    coming.isAwaited = true;
    return atMost(withinMs, coming.promise);
  }

  /** As `awaited`, but only until so long after the start began. */
  async soon(lattice: string, id: string, ms: number): Promise<LoadedComponent | undefined> {
    const since = this.#coming.get(`${lattice}/${id}`)?.since ?? -Infinity;
    const leftMs = since + ms - performance.now();
    return leftMs > 0 ? this.awaited(lattice, id, leftMs) : undefined;
  }

  /** An actor is being started. The function returned is for when that has come to an end, good or bad. */
  expect(lattice: string, id: string): () => void {
    const key = `${lattice}/${id}`;
    const coming = this.#coming.get(key) ?? newComing();
    this.#coming.set(key, coming);
    coming.starts += 1;
    return () => {
      coming.starts -= 1;
      if (coming.starts > 0) return;
      coming.resolve(undefined);
      if (this.#coming.get(key) === coming) this.#coming.delete(key);
    };
  }

  /** From now on it answers. Returns whether it was waited for. */
  put(lattice: string, id: string, component: LoadedComponent): boolean {
    const key = `${lattice}/${id}`;
    const coming = this.#coming.get(key);
    this.#actors.set(key, component);
    this.#coming.delete(key);
    coming?.resolve(component);
    this.forgetNear(lattice);
    return coming?.isAwaited === true;
  }

  /** Only if it is still this one that answers. */
  remove(lattice: string, id: string, component: LoadedComponent): void {
    if (this.get(lattice, id) !== component) return;
    this.#actors.delete(`${lattice}/${id}`);
    this.forgetNear(lattice);
  }

  /** Who is called by whom may have changed in a lattice. */
  forgetNear(lattice: string): void {
    for (const [key, component] of this.#actors) if (key.startsWith(`${lattice}/`)) component.forgetNear();
  }
}

const newComing = (): Coming => ({
  ...Promise.withResolvers(),
  since: performance.now(),
  starts: 0,
  isAwaited: false,
});
