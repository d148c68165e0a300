import type { LoadedComponent } from '@kasmcloud/wasm';

/** The actors that answer on this host, by lattice and id: a call between two of them does not leave the process. */
export class ActorRegistry {
  readonly #actors = new Map<string, LoadedComponent>();

  get(lattice: string, id: string): LoadedComponent | undefined {
    return this.#actors.get(`${lattice}/${id}`);
  }

  put(lattice: string, id: string, component: LoadedComponent): void {
    this.#actors.set(`${lattice}/${id}`, component);
    this.forgetNear(lattice);
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
