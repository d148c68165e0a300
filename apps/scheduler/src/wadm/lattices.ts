import { builtin, labels, LATTICE_ACCOUNT } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { ExpiringCache } from '../access/expiring-cache.ts';
import type { User } from '../access/reviews.ts';

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** How long a namespace is believed to be a lattice, or none. */
const TTL_MS = 5_000;

/** Which namespaces of the hub are lattices: those that carry the label. What arrives by NATS reaches no other. */
export class Lattices {
  readonly #hub: KubeClient;
  readonly #known: ExpiringCache<boolean>;

  constructor(hub: KubeClient, steady: () => number) {
    this.#hub = hub;
    this.#known = new ExpiringCache({ ttlMs: TTL_MS, limit: 1_000, steady });
  }

  async has(name: string, signal: AbortSignal): Promise<boolean> {
    if (!NAMESPACE.test(name)) return false;
    return this.#known.get(name, async () => {
      const namespace = await this.#hub.find(builtin.Namespace, name, undefined, { signal });
      const label = namespace?.metadata.labels?.[labels.lattice];
      return label === '' || label === 'true';
    });
  }
}

/** Whom a request over NATS stands for: the lattice's own account, so that the hub's RBAC decides. */
export const latticeUser = (lattice: string): User => ({
  user: `system:serviceaccount:${lattice}:${LATTICE_ACCOUNT}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${lattice}`, 'system:authenticated'],
});
