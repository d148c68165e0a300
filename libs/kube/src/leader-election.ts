import { builtin } from '@kasmcloud/kube-api';
import type { Clock, Random } from '@kasmcloud/reconcile';
import type { KubeClient } from './client.ts';
import { AlreadyExistsError, ConflictError, NotFoundError } from './errors.ts';
import { LeaseWatcher, microTime, type Lease, type LeaseSpec } from './lease.ts';

export interface Leadership {
  /** Rises with every new leadership of this Lease: no two leaders ever have the same. At least 1. */
  readonly term: number;
  /** When whoever led before renewed for the last time, by its own clock, in milliseconds since the epoch. */
  readonly beforeMs: number | undefined;
  /** Aborts before anyone else can become leader. */
  readonly signal: AbortSignal;
}

export interface LeaderElectionOptions {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process. */
  readonly identity: string;
  /** Does the leader's work until its signal aborts. Should it end before, leadership is given up and sought again. */
  readonly lead: (leadership: Leadership) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** Told whenever another process, or this one, is seen to lead; undefined while nobody does. */
  readonly onHolder?: (holder: string | undefined) => void;
  /** A term that was in use, wherever it was seen: the next will be higher, even if the Lease was deleted meanwhile. */
  readonly termFloor?: () => number;
  /** Others wait so long after the last renewal that they saw. Default 15. */
  readonly durationSeconds?: number;
  /** The leader gives up after so long without a successful renewal. Less than the duration. Default 10,000. */
  readonly renewDeadlineMs?: number;
  /** What was seen of the Lease before, under its name: who has watched it need not wait for its whole duration again. */
  readonly watcher?: LeaseWatcher;
  /** Of a Lease that has to be created. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Time between two tries or renewals; tries vary by a fifth. Default 2,000. */
  readonly retryMs?: number;
}

/**
 * Takes part in the election of one leader over a `coordination.k8s.io` Lease, until the signal aborts; then gives the
 * Lease back, so that the next leader need not wait. The protocol is that of Kubernetes' own controllers.
 */
export async function runLeaderElection(options: LeaderElectionOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, retryMs = 2_000 } = options;
  const candidate = new Candidate(options);
  while (!signal.aborted) {
    const acquired = await candidate.tryAcquire(signal);
    if (acquired !== undefined) await candidate.lead(acquired, signal);
    await clock.sleep(retryMs * (0.8 + 0.4 * random()), signal);
  }
}

interface Acquired {
  readonly term: number;
  /** As it was written. */
  readonly lease: Lease;
  readonly beforeMs: number | undefined;
  /** Steady time at which the request was begun: others count from later. */
  readonly renewedAt: number;
}

class Candidate {
  readonly #options: LeaderElectionOptions;
  readonly #watcher: LeaseWatcher;
  readonly #durationSeconds: number;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;
  /** For one request: a renewal is two, and a slow answer is no reason to give up. */
  readonly #callMs: number;
  #highestTerm = 0;
  #holder: string | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#watcher = options.watcher ?? new LeaseWatcher();
    this.#durationSeconds = options.durationSeconds ?? 15;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryMs ?? 2_000;
    this.#callMs = this.#renewDeadlineMs / 2;
    if (this.#renewDeadlineMs >= this.#durationSeconds * 1_000) {
      throw new RangeError('renewDeadlineMs must be less than the duration, or two could lead at once');
    }
  }

  /** Takes the Lease when it is free or stale. Undefined when another has it, was faster, or nobody answers. */
  async tryAcquire(signal: AbortSignal): Promise<Acquired | undefined> {
    const { clock, name, termFloor, identity, onError } = this.#options;
    try {
      const found = await this.#read(signal);
      const renewedAt = clock.steady();
      this.#watcher.observe(name, found, renewedAt);
      if (!this.#isFree(found, renewedAt)) {
        this.#tellHolder(found?.spec?.holderIdentity);
        return undefined;
      }
      const seen = found?.spec?.leaseTransitions ?? 0;
      const term = Math.max(seen, this.#highestTerm, termFloor?.() ?? 0) + 1;
      const lease = await this.#write(found, { term, acquireTime: microTime(clock.now()) }, signal);
      this.#highestTerm = term;
      this.#tellHolder(identity);
      const before = Date.parse(found?.spec?.renewTime ?? '');
      return { term, lease, beforeMs: Number.isNaN(before) ? undefined : before, renewedAt };
    } catch (error) {
      const anotherWasFaster = error instanceof ConflictError || error instanceof AlreadyExistsError;
      if (!anotherWasFaster && !signal.aborted) onError(error);
      return undefined;
    }
  }

  /** Does the leader's work and renews beside it until either ends; then gives the Lease back if it is still ours. */
  async lead(acquired: Acquired, signal: AbortSignal): Promise<void> {
    const { term, beforeMs } = acquired;
    const lost = new AbortController();
    const follow = (): void => lost.abort(signal.reason);
    signal.addEventListener('abort', follow, { once: true });
    if (signal.aborted) follow();
    const renewing = this.#renew(acquired, lost);
    try {
      await this.#options.lead({ term, beforeMs, signal: lost.signal });
    } catch (error) {
      if (!lost.signal.aborted) this.#options.onError(error);
    }
    lost.abort();
    await renewing;
    signal.removeEventListener('abort', follow);
    await this.#release(term);
  }

  /** Aborts `lost` when the Lease is another's, or could not be renewed in time. */
  async #renew({ term, lease, renewedAt }: Acquired, lost: AbortController): Promise<void> {
    const { clock, onError } = this.#options;
    let cancelExpiry = this.#expireAfter(renewedAt, lost);
    let known = lease;
    while (!lost.signal.aborted) {
      await clock.sleep(this.#retryMs, lost.signal);
      if (lost.signal.aborted) break;
      const begunAt = clock.steady();
      try {
        const renewed = await this.#renewed(known, term, lost.signal);
        if (renewed === undefined) break;
        known = renewed;
        cancelExpiry();
        cancelExpiry = this.#expireAfter(begunAt, lost);
      } catch (error) {
        // A conflict is no loss yet: the next try shows whose the Lease is.
        if (!lost.signal.aborted && !(error instanceof ConflictError)) onError(error);
      }
    }
    cancelExpiry();
    lost.abort();
  }

  /**
   * Writes over what was written last, one request, and reads only when somebody else wrote since. Undefined when the Lease
   * is ours no more.
   */
  async #renewed(known: Lease, term: number, signal: AbortSignal): Promise<Lease | undefined> {
    const { acquireTime } = known.spec ?? {};
    try {
      return await this.#write(known, { term, acquireTime }, signal);
    } catch (error) {
      if (!(error instanceof ConflictError) && !(error instanceof NotFoundError)) throw error;
      const found = await this.#read(signal);
      return this.#isOurs(found, term) ? this.#write(found, { term, acquireTime }, signal) : undefined;
    }
  }

  #expireAfter(renewedAt: number, lost: AbortController): () => void {
    const { clock } = this.#options;
    return clock.after(renewedAt + this.#renewDeadlineMs - clock.steady(), () => lost.abort());
  }

  async #release(term: number): Promise<void> {
    const { client, onError } = this.#options;
    try {
      const lease = await this.#read(undefined);
      if (lease === undefined || !this.#isOurs(lease, term)) return;
      const { holderIdentity: _, ...before } = lease.spec ?? {};
      // As client-go does: whoever judges by its age sees at once that nobody holds it.
      const spec = { ...before, leaseDurationSeconds: 1 };
      await client.replace<Lease>(builtin.Lease, { metadata: lease.metadata, spec }, { timeoutMs: this.#callMs });
      this.#tellHolder(undefined);
    } catch (error) {
      // Then the others wait until it is stale.
      onError(error);
    }
  }

  async #read(signal: AbortSignal | undefined): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    return client.find<Lease>(builtin.Lease, name, namespace, { signal, timeoutMs: this.#callMs });
  }

  async #write(
    found: Lease | undefined,
    { term, acquireTime }: { term: number; acquireTime: string | undefined },
    signal: AbortSignal,
  ): Promise<Lease> {
    const { client, clock, namespace, name, identity, labels } = this.#options;
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: this.#durationSeconds,
      renewTime: microTime(clock.now()),
      leaseTransitions: term,
      ...(acquireTime !== undefined && { acquireTime }),
    };
    const call = { signal, timeoutMs: this.#callMs };
    const metadata = { name, namespace, ...(labels !== undefined && { labels }) };
    return found === undefined
      ? client.create<Lease>(builtin.Lease, { metadata, spec }, call)
      : client.replace<Lease>(builtin.Lease, { metadata: found.metadata, spec }, call);
  }

  #isFree(lease: Lease | undefined, now: number): boolean {
    const holder = lease?.spec?.holderIdentity ?? '';
    if (holder === '' || holder === this.#options.identity) return true;
    return this.#watcher.state(this.#options.name, now)?.kind === 'stale';
  }

  #isOurs(lease: Lease | undefined, term: number): boolean {
    return lease?.spec?.holderIdentity === this.#options.identity && lease.spec.leaseTransitions === term;
  }

  #tellHolder(holder: string | undefined): void {
    if (this.#holder === holder) return;
    this.#holder = holder;
    this.#options.onHolder?.(holder);
  }
}
