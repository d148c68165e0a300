import { openBucket, type Bucket, type LatticeConnection } from '@kasmcloud/lattice';
import { configBucket, ctlDone, ctlOk, decodeConfig, encodeJson, type CtlResponse } from '@kasmcloud/wire';
import type { Told } from '../speak/changes.ts';

export interface SecretReferencesOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  /** JetStream domain of the lattice's buckets. */
  readonly domain: string | undefined;
  readonly tell: (told: Told) => void;
  /** Whom events about the lattice as a whole come from. */
  readonly source: () => string;
}

const DEADLINE_MS = 2_000;

/**
 * References to secrets (`wash secrets`), which look like config: they say where a backend keeps a secret, and only wasmCloud
 * hosts use them. They stay in the lattice's bucket and are nothing in Kubernetes.
 */
export class SecretReferences {
  readonly #options: SecretReferencesOptions;

  constructor(options: SecretReferencesOptions) {
    this.#options = options;
  }

  async get(name: string, signal: AbortSignal): Promise<CtlResponse<Record<string, string>>> {
    const entry = await (await this.#bucket(signal)).get(name, signal);
    return entry?.value === undefined ? ctlDone('Configuration not found') : ctlOk(decodeConfig(entry.value));
  }

  async put(name: string, data: Record<string, string>, signal: AbortSignal): Promise<CtlResponse<never>> {
    const { tell, source } = this.#options;
    await (await this.#bucket(signal)).put(name, encodeJson(data), signal);
    tell({ name: 'config_set', source: source(), data: { config_name: name } });
    return ctlDone('successfully put config');
  }

  async delete(name: string, signal: AbortSignal): Promise<CtlResponse<never>> {
    const { tell, source } = this.#options;
    await (await this.#bucket(signal)).purge(name, signal);
    tell({ name: 'config_deleted', source: source(), data: { config_name: name } });
    return ctlDone('successfully deleted config');
  }

  async #bucket(signal: AbortSignal): Promise<Bucket> {
    const { lattice, connection, domain } = this.#options;
    const deadline = { timeoutMs: DEADLINE_MS, signal, ...(domain !== undefined && { domain }) };
    return openBucket(connection, configBucket(lattice), deadline);
  }
}
