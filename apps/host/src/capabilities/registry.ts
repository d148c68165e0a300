import type { Capability } from './capability.ts';

/** The capabilities that this host serves, by lattice and id: a call to one of them does not leave the process. */
export class CapabilityRegistry {
  readonly #capabilities = new Map<string, Capability>();

  get(lattice: string, id: string): Capability | undefined {
    return this.#capabilities.get(`${lattice}/${id}`);
  }

  put(lattice: string, id: string, capability: Capability): void {
    this.#capabilities.set(`${lattice}/${id}`, capability);
  }

  remove(lattice: string, id: string): void {
    this.#capabilities.delete(`${lattice}/${id}`);
  }
}
