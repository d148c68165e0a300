import { createHash } from 'node:crypto';
import { builtin, labels, leases, SYSTEM_NAMESPACE, type KubeObject } from '@kasmcloud/kube-api';
import { LeaseWatcher, renewLease, Store, withoutManagedFields, type KubeClient, type Lease } from '@kasmcloud/kube';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { Clock, Random } from '@kasmcloud/reconcile';

export interface ReplicasOptions {
  readonly hub: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique for each process. */
  readonly identity: string;
  readonly leaseMs: number;
  /** Who does not reach NATS is no use to any lattice. */
  readonly connection: LatticeConnection;
  /** Other replicas live than before. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

type StoredLease = KubeObject & Lease;

/** A replica that is silent for so long is forgotten. */
const FORGET_MS = 60_000;

/** The repeaters that live, each with a Lease of its own on the hub, and which of them each lattice falls to. */
export class Replicas {
  /** What was seen of the Leases of repeaters, by name. */
  readonly watcher = new LeaseWatcher();
  readonly #options: ReplicasOptions;
  readonly #leases: Store<StoredLease>;
  readonly #name: string;
  readonly #stop = new AbortController();
  readonly #renewing: Promise<void>;
  #cancelTick: (() => void) | undefined;
  #living: readonly string[] = [];

  constructor(options: ReplicasOptions) {
    this.#options = options;
    const { hub, clock, random, identity, onError } = options;
    this.#name = leases.repeaterReplica(createHash('sha256').update(identity).digest('hex').slice(0, 16));
    this.#leases = new Store<StoredLease>({
      client: hub,
      clock,
      random,
      onError,
      kind: builtin.Lease,
      namespace: SYSTEM_NAMESPACE,
      labelSelector: labels.repeater,
      keep: (object) => withoutManagedFields(object as StoredLease),
    });
    this.#leases.onChange((key, _, lease) => {
      this.watcher.observe(key.slice(SYSTEM_NAMESPACE.length + 1), lease, clock.steady());
      this.#judge();
    });
    this.#leases.onReachable((isReachable) => {
      if (isReachable) this.watcher.restart(clock.steady());
    });
    this.#renewing = this.#renew();
    this.#tick();
  }

  /** Whom a lattice falls to: of the replicas that live always the same one, and to each its share. */
  keeperOf(lattice: string): string | undefined {
    const ranked = this.#living.map((holder) => ({ holder, rank: rankOf(holder, lattice) }));
    return ranked.toSorted((a, b) => (a.rank < b.rank ? 1 : -1))[0]?.holder;
  }

  /** Takes this replica out of the count. */
  async close(): Promise<void> {
    const { hub, onError } = this.#options;
    this.#stop.abort();
    this.#cancelTick?.();
    await this.#renewing;
    await this.#leases.close();
    await hub.delete(builtin.Lease, this.#name, SYSTEM_NAMESPACE).catch(onError);
  }

  /** Lives for others while NATS is reached. */
  async #renew(): Promise<void> {
    const { hub, clock, identity, leaseMs, connection, onError } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const down = new AbortController();
      const end = connection.onStatus((status) => {
        if (status !== 'connected') down.abort();
      });
      if (connection.isConnected)
        await renewLease(
          {
            client: hub,
            clock,
            namespace: SYSTEM_NAMESPACE,
            name: this.#name,
            holder: identity,
            durationSeconds: Math.ceil(leaseMs / 1_000),
            everyMs: leaseMs / 4,
            labels: { [labels.repeater]: 'replica' },
            onFailure: onError,
          },
          AbortSignal.any([signal, down.signal]),
        );
      end();
      await clock.sleep(leaseMs / 8, signal);
    }
  }

  /** Leases grow stale without anybody telling. */
  #tick(): void {
    const { clock, leaseMs } = this.#options;
    this.#judge();
    this.#cancelTick = clock.after(leaseMs / 8, () => this.#tick());
  }

  #judge(): void {
    const { clock, hub, identity, onChange, onError } = this.#options;
    const living: string[] = [];
    for (const { metadata, spec } of this.#leases.list()) {
      if (metadata.labels?.[labels.repeater] !== 'replica') continue;
      const state = this.watcher.state(metadata.name, clock.steady());
      const holder = spec?.holderIdentity;
      // That its own Lease comes late is no reason to fall silent: should others follow, the Leases of lattices tell.
      if (holder !== undefined && (holder === identity || state?.kind === 'fresh')) living.push(holder);
      if (state?.kind === 'stale' && state.sinceMs > FORGET_MS)
        void hub.delete(builtin.Lease, metadata.name, SYSTEM_NAMESPACE, { uid: metadata.uid }).catch(onError);
    }
    living.sort((a, b) => (a < b ? -1 : 1));
    if (living.join('\n') === this.#living.join('\n')) return;
    this.#living = living;
    onChange();
  }
}

/** Rendezvous hashing: when a replica comes or goes, only lattices that it gets or had change hands. */
const rankOf = (holder: string, lattice: string): string =>
  createHash('sha256').update(`${holder}\n${lattice}`).digest('hex');
