import { annotations, builtin, isLatticeName, labels } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { ExpiringCache } from '../access/expiring-cache.ts';

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** How long a namespace is believed to be a lattice, or none. */
const TTL_MS = 5_000;

/** `Observe` and `Off` are not served; of `Off` nothing is told either. */
export type WadmMode = 'Serve' | 'Observe' | 'Off';

export interface Lattice {
  readonly name: string;
  readonly mode: WadmMode;
  /** NATS account whose requests are for it, where accounts are told apart. */
  readonly account: string | undefined;
}

/** Which namespaces of the hub are lattices: those that carry the label. What arrives by NATS reaches no other. */
export class Lattices {
  readonly #hub: KubeClient;
  readonly #known: ExpiringCache<Lattice | undefined>;

  constructor(hub: KubeClient, steady: () => number) {
    this.#hub = hub;
    this.#known = new ExpiringCache({ ttlMs: TTL_MS, limit: 1_000, steady });
  }

  async find(name: string, signal: AbortSignal): Promise<Lattice | undefined> {
    if (!NAMESPACE.test(name) || !isLatticeName(name)) return undefined;
    return this.#known.get(name, async () => {
      const namespace = await this.#hub.find(builtin.Namespace, name, undefined, { signal });
      if (namespace?.metadata.labels?.[labels.lattice] === undefined) return undefined;
      const said = namespace?.metadata.annotations;
      return { name, mode: modeOf(said?.[annotations.wadmApi]), account: said?.[annotations.natsAccount] };
    });
  }
}

/** What is neither of the three words is taken for the careful one. */
export function modeOf(text: string | undefined): WadmMode {
  if (text === undefined || text === '' || text === 'Serve') return 'Serve';
  return text === 'Off' ? 'Off' : 'Observe';
}
