import { labels, leases, SYSTEM_NAMESPACE } from '@kasmcloud/kube-api';
import { runLeaderElection, type KubeClient, type LeaderElectionOptions } from '@kasmcloud/kube';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { Clock, Random } from '@kasmcloud/reconcile';
import type { Line, Lines } from './line.ts';
import { Replicas } from './replicas.ts';

export interface OwnersOptions {
  readonly hub: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique for each process. */
  readonly identity: string;
  readonly leaseMs: number;
  /** Over which this process reaches NATS at all. */
  readonly connection: LatticeConnection;
  readonly lines: Lines;
  /** Does the owner's work in one lattice until its signal aborts. */
  readonly own: (lattice: string, line: Line, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

interface Candidacy {
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

/**
 * Sees to it that each lattice has one owner, and the replicas about as many each. Which lattice falls to whom every replica
 * works out for itself; the Lease of the lattice keeps two from owning it when they see it differently. Whoever does not
 * reach NATS owns nothing, so that the scheduler knows that silence says nothing of the hosts.
 */
export class Owners {
  readonly #options: OwnersOptions;
  readonly #replicas: Replicas;
  readonly #candidacies = new Map<string, Candidacy>();
  readonly #ending = new Map<string, Promise<void>>();
  #lattices: ReadonlySet<string> = new Set();
  #isClosed = false;

  constructor(options: OwnersOptions) {
    this.#options = options;
    this.#replicas = new Replicas({ ...options, onChange: () => this.#divide() });
  }

  /** The lattices that there are. */
  set(lattices: ReadonlySet<string>): void {
    this.#lattices = lattices;
    this.#divide();
  }

  /** Gives every lattice back, and stands for none again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#divide();
    await Promise.all(this.#ending.values());
    await this.#replicas.close();
  }

  /** Stands for the lattices that fall to this replica, and for no others. */
  #divide(): void {
    const { identity } = this.#options;
    const isMine = (lattice: string): boolean =>
      !this.#isClosed && this.#lattices.has(lattice) && this.#replicas.keeperOf(lattice) === identity;
    for (const [lattice, { stop, over }] of this.#candidacies) {
      if (isMine(lattice)) continue;
      this.#candidacies.delete(lattice);
      stop.abort();
      this.#ending.set(lattice, over);
    }
    for (const lattice of this.#lattices)
      if (isMine(lattice) && !this.#candidacies.has(lattice)) this.#candidacies.set(lattice, this.#stand(lattice));
  }

  #stand(lattice: string): Candidacy {
    const stop = new AbortController();
    // A lattice that comes back while its last candidacy ends waits for that: one process must not stand twice.
    const before = this.#ending.get(lattice);
    const over = (async () => {
      await before;
      await this.#follow(lattice, stop.signal);
    })();
    return { stop, over };
  }

  /** Takes part in the election while the lattice can be reached. */
  async #follow(lattice: string, signal: AbortSignal): Promise<void> {
    const { lines, onError } = this.#options;
    while (!signal.aborted) {
      try {
        const line = await lines.open(lattice, signal);
        try {
          await runLeaderElection(this.#election(lattice, line), AbortSignal.any([signal, line.lost]));
        } finally {
          await line.close();
        }
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
    }
  }

  #election(lattice: string, line: Line): LeaderElectionOptions {
    const { hub, clock, random, identity, leaseMs, own, onError } = this.#options;
    return {
      client: hub,
      clock,
      random,
      identity,
      onError,
      namespace: SYSTEM_NAMESPACE,
      name: leases.repeaterLattice(lattice),
      labels: { [labels.repeater]: 'lattice' },
      watcher: this.#replicas.watcher,
      durationSeconds: Math.ceil(leaseMs / 1_000),
      renewDeadlineMs: leaseMs * (2 / 3),
      retryMs: leaseMs / 4,
      lead: async (leadership) => own(lattice, line, leadership.signal),
    };
  }
}
