import type { ResourceType } from './abi-type.ts';
import { GuestFault } from './trap.ts';

/** The borrowed handles that a guest was given for one call, and has to let go of before it returns. */
export interface BorrowScope {
  borrowed: number;
}

interface Entry {
  readonly resource: ResourceType;
  /** What the handle stands for: an object of the host, or the number by which the defining component knows it. */
  readonly stands: unknown;
  /** The call that lent it; undefined for an owned one. */
  readonly lender: BorrowScope | undefined;
}

/** More handles than any component has use for: past it a guest traps instead of filling the host's memory. */
const maxHandles = 1_000_000;

/** The handles of one component instance (Component Model, CanonicalABI.md: resource state). 0 is never one. */
export class HandleTable {
  readonly #entries: (Entry | undefined)[] = [undefined];
  readonly #free: number[] = [];

  add(resource: ResourceType, stands: unknown, lender?: BorrowScope): number {
    const entry = { resource, stands, lender };
    const index = this.#free.pop();
    if (lender !== undefined) lender.borrowed += 1;
    if (index !== undefined) {
      this.#entries[index] = entry;
      return index;
    }
    if (this.#entries.length > maxHandles) throw new GuestFault(`it holds more than ${maxHandles} handles`);
    return this.#entries.push(entry) - 1;
  }

  /** What a handle stands for, whether owned or borrowed. */
  get(index: number, resource: ResourceType): unknown {
    return this.#entry(index, resource).stands;
  }

  /** Takes an owned handle out, to hand over what it stands for. */
  take(index: number, resource: ResourceType): unknown {
    const { stands, lender } = this.#entry(index, resource);
    if (lender !== undefined) throw new GuestFault(`handle ${index} is borrowed and cannot be handed over`);
    this.#remove(index);
    return stands;
  }

  /** Drops a handle. Resolves with what an owned one stood for. */
  drop(index: number, resource: ResourceType): { readonly owned: unknown } | undefined {
    const { stands, lender } = this.#entry(index, resource);
    this.#remove(index);
    if (lender === undefined) return { owned: stands };
    lender.borrowed -= 1;
    return undefined;
  }

  #entry(index: number, resource: ResourceType): Entry {
    const entry = this.#entries[index];
    if (entry === undefined) throw new GuestFault(`${index} is not a handle`);
    if (entry.resource !== resource) throw new GuestFault(`handle ${index} is of another resource`);
    return entry;
  }

  #remove(index: number): void {
    this.#entries[index] = undefined;
    this.#free.push(index);
  }
}
