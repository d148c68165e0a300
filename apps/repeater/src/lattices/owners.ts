import { leases, SYSTEM_NAMESPACE } from '@kasmcloud/kube-api';
import { runLeaderElection, type KubeClient, type LeaderElectionOptions } from '@kasmcloud/kube';
import type { Clock, Random } from '@kasmcloud/reconcile';

export interface OwnersOptions {
  readonly hub: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique for each process. */
  readonly identity: string;
  readonly leaseMs: number;
  /** Does the owner's work in one lattice until its signal aborts. */
  readonly own: (lattice: string, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

interface Candidacy {
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

/** Takes part in the election of one owner for each lattice: several repeaters share the lattices between them. */
export class Owners {
  readonly #options: OwnersOptions;
  readonly #candidacies = new Map<string, Candidacy>();
  readonly #ending = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(options: OwnersOptions) {
    this.#options = options;
  }

  /** Stands for these lattices from now on, and for no others. */
  set(lattices: ReadonlySet<string>): void {
    if (this.#isClosed) return;
    for (const [lattice, { stop, over }] of this.#candidacies) {
      if (lattices.has(lattice)) continue;
      this.#candidacies.delete(lattice);
      stop.abort();
      this.#ending.set(lattice, over);
    }
    for (const lattice of lattices) {
      if (!this.#candidacies.has(lattice)) this.#candidacies.set(lattice, this.#stand(lattice));
    }
  }

  /** Gives every lattice back, and stands for none again. */
  async close(): Promise<void> {
    this.set(new Set());
    this.#isClosed = true;
    await Promise.all(this.#ending.values());
  }

  #stand(lattice: string): Candidacy {
    const { hub, clock, random, identity, leaseMs, own, onError } = this.#options;
    const stop = new AbortController();
    const { signal } = stop;
    const election: LeaderElectionOptions = {
      client: hub,
      clock,
      random,
      identity,
      onError,
      namespace: SYSTEM_NAMESPACE,
      name: leases.repeaterLattice(lattice),
      durationSeconds: Math.ceil(leaseMs / 1_000),
      renewDeadlineMs: leaseMs * (2 / 3),
      retryMs: leaseMs / 8,
      lead: async (leadership) => own(lattice, leadership.signal),
    };
    // A lattice that comes back while its last candidacy ends waits for that: one process must not stand twice.
    const before = this.#ending.get(lattice);
    const over = (async () => {
      await before;
      await runLeaderElection(election, signal);
    })();
    return { stop, over };
  }
}
