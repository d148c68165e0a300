import type { LatticeConnection } from '@kasmcloud/lattice';
import {
  controlSubject,
  decodeAcknowledgement,
  decodeInventoryReply,
  encodeJson,
  type HostInventory,
} from '@kasmcloud/wire';
import type { Running } from './step.ts';
import { annotationsFor, type Wanted } from './wanted.ts';

/** The host answered, and the answer is no. The message is the host's own. */
export class HostRefusedError extends Error {
  override readonly name = 'HostRefusedError';
}

export interface CommandsOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
}

const DEADLINE_MS = 5_000;

/** Commands to one legacy host over the control interface. They throw HostRefusedError, or what the connection throws. */
export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  async inventory(host: string, signal: AbortSignal): Promise<HostInventory | undefined> {
    const { lattice, connection } = this.#options;
    const subject = controlSubject.hostGet(lattice, host);
    const { data } = await connection.request(subject, new Uint8Array(0), { timeoutMs: DEADLINE_MS, signal });
    return decodeInventoryReply(data).response;
  }

  /** Starts what does not run, or gives a running component other room. `config` are names on the lattice. */
  async run(host: string, wanted: Wanted, config: readonly string[], signal: AbortSignal): Promise<void> {
    const { lattice } = this.#options;
    const { kind, id, image, instances, limits } = wanted;
    const common = { host_id: host, annotations: annotationsFor(wanted), config };
    if (kind === 'provider') {
      const command = { ...common, provider_id: id, provider_ref: image };
      return this.#send(controlSubject.providerStart(lattice, host), command, signal);
    }
    const command = {
      ...common,
      component_id: id,
      component_ref: image,
      count: instances,
      ...(Object.keys(limits).length > 0 && { component_limits: limits }),
      allow_update: false,
    };
    return this.#send(controlSubject.componentScale(lattice, host), command, signal);
  }

  async stop(host: string, { kind, id, image }: Running, signal: AbortSignal): Promise<void> {
    const { lattice } = this.#options;
    if (kind === 'provider')
      return this.#send(controlSubject.providerStop(lattice, host), { host_id: host, provider_id: id }, signal);
    // Hosts fetch the image even to stop it, and take no notice when that fails.
    const command = { host_id: host, component_id: id, component_ref: image ?? '', count: 0 };
    return this.#send(controlSubject.componentScale(lattice, host), command, signal);
  }

  /** Puts a label on the host, or without a value takes it away. */
  async label(host: string, key: string, value: string | undefined, signal: AbortSignal): Promise<void> {
    const { lattice } = this.#options;
    if (value === undefined) return this.#send(controlSubject.labelDel(lattice, host), { key }, signal);
    return this.#send(controlSubject.labelPut(lattice, host), { key, value }, signal);
  }

  async #send(subject: string, command: object, signal: AbortSignal): Promise<void> {
    const { connection } = this.#options;
    const { data } = await connection.request(subject, encodeJson(command), { timeoutMs: DEADLINE_MS, signal });
    const { success, message } = decodeAcknowledgement(data);
    if (!success) throw new HostRefusedError(message === '' ? 'the host refused without a reason' : message);
  }
}
