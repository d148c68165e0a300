import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { itemsOf, type CapabilityParts } from './capability.ts';

/** The NATS servers that the links of one capability name; without a name it is the lattice's own connection. */
export class Connections {
  readonly #parts: CapabilityParts;
  readonly #others = new Map<string, Promise<LatticeConnection>>();

  constructor(parts: CapabilityParts) {
    this.#parts = parts;
  }

  /** `uris` as in a link's config, separated by commas. @throws NotConnectedError when none of them answers in time */
  async to(uris: string | undefined): Promise<LatticeConnection> {
    if (uris === undefined || uris === '') return this.#parts.connection;
    const known = this.#others.get(uris);
    if (known !== undefined) return known;
    const { lattice, id, callTimeoutMs, log } = this.#parts;
    const name = `kasmcloud-host ${lattice}/${id}`;
    const connecting = connectLattice({ servers: itemsOf(uris), name, timeoutMs: callTimeoutMs, logger: log });
    this.#others.set(uris, connecting);
    connecting.catch(() => this.#others.delete(uris));
    return connecting;
  }

  async close(): Promise<void> {
    const all = [...this.#others.values()];
    this.#others.clear();
    await Promise.all(all.map(async (connecting) => (await connecting.catch(() => undefined))?.close()));
  }
}
