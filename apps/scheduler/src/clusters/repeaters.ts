import { builtin, leases, SYSTEM_NAMESPACE, type HostObject, type KubeObject } from '@kasmcloud/kube-api';
import { LeaseWatcher, Store, withoutManagedFields, type KubeClient, type Lease } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';

export interface RepeatersOptions {
  readonly hub: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * Whether the repeaters are there. A wasmCloud 1.x host knows no Kubernetes: a repeater renews its Lease, and while that
 * one is away the Lease says nothing of the host (DESIGN §4.10).
 */
export class Repeaters {
  readonly #leases: Store<KubeObject & Lease>;
  readonly #watcher = new LeaseWatcher();
  readonly #clock: Clock;

  constructor({ hub, clock, random, onError }: RepeatersOptions) {
    this.#clock = clock;
    this.#leases = new Store<KubeObject & Lease>({
      client: hub,
      kind: builtin.Lease,
      namespace: SYSTEM_NAMESPACE,
      clock,
      random,
      onError,
      keep: (object) => withoutManagedFields(object as KubeObject & Lease),
    });
    this.#leases.onChange((key, _, lease) => this.#watcher.observe(key, lease, clock.steady()));
    this.#leases.onReachable((isReachable) => {
      if (isReachable) this.#watcher.restart(clock.steady());
    });
  }

  /** Whether the silence of a host is that of whoever speaks for it: its lattices had owners, and none of them is there. */
  isSilentFor({ spec, status }: HostObject): boolean {
    if (status?.runtime !== 'wasmcloud') return false;
    const states = (spec.lattices ?? [])
      .map((lattice) => this.#watcher.state(keyOf(lattice), this.#clock.steady()))
      .filter((state) => state !== undefined);
    return states.length > 0 && states.every(({ kind }) => kind === 'stale');
  }

  async close(): Promise<void> {
    await this.#leases.close();
  }
}

const keyOf = (lattice: string): string => `${SYSTEM_NAMESPACE}/${leases.repeaterLattice(lattice)}`;
