import { keyOf, leaseSeconds, SYSTEM_NAMESPACE, type HostObject, type KubeObject } from '@kasmcloud/kube-api';
import { LeaseWatcher, type Lease, type Store } from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';
import { earliest } from '../earliest.ts';
import type { HostFacts } from '../plan/facts.ts';
import { livenessOf, untilLostMs } from './liveness.ts';
import { vanishedTogether } from './mass-loss.ts';

export interface PulsesOptions {
  readonly clock: Clock;
  readonly hosts: Pick<Store<HostObject>, 'get' | 'list' | 'size'>;
  readonly leases: Pick<Store<KubeObject & Lease>, 'get' | 'onChange' | 'onReachable'>;
  readonly hostLostAfterMs: number;
  /** Whether the silence of a host says nothing of it. */
  readonly isExcused: (host: HostObject) => boolean;
  /** Hosts that are judged otherwise than before; `areOthersHeld`: of others than before it is said that they vanished together. */
  readonly onJudged: (hosts: Iterable<string>, areOthersHeld: boolean) => void;
}

/** What the Leases of a member's hosts say of them. */
export class Pulses {
  readonly #options: PulsesOptions;
  readonly #watcher = new LeaseWatcher();
  readonly #liveness = new Map<string, HostFacts['liveness']>();
  /** When each host that is not Ready was last seen Ready, on the steady clock. */
  readonly #silentSince = new Map<string, number>();
  readonly #excused = new Set<string>();
  #held: ReadonlySet<string> = new Set();

  constructor(options: PulsesOptions) {
    this.#options = options;
    options.leases.onChange((key, _, lease) => this.#sawLease(key, lease));
    options.leases.onReachable((isReachable) => {
      if (isReachable) this.restart();
    });
  }

  /** Hosts that vanished together, so many that they are not replaced. */
  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** A host that vanished together with too many others is Unknown instead of Lost: what it runs stands. */
  livenessOf(host: string): HostFacts['liveness'] {
    const liveness = this.#liveness.get(host) ?? 'Suspect';
    return liveness === 'Lost' && this.#held.has(host) ? 'Unknown' : liveness;
  }

  /** For how long a host has not renewed its Lease, milliseconds; undefined for one that is Ready or waited for. */
  silenceOf(host: string): number | undefined {
    const state = this.#watcher.state(host, this.#options.clock.steady());
    if (state?.kind !== 'stale' || this.livenessOf(host) === 'Ready') return undefined;
    if (this.#held.has(host) || this.#excused.has(host)) return undefined;
    return this.#durationOf(host) + state.sinceMs;
  }

  /** Milliseconds until the next host is Lost if nothing is heard of it; undefined for never. */
  get nextLossMs(): number | undefined {
    return earliest(this.#options.hosts.list().map((host) => this.#lossMsOf(keyOf(host))));
  }

  #lossMsOf(name: string): number | undefined {
    const { clock, hostLostAfterMs } = this.#options;
    const state = this.#watcher.state(name, clock.steady());
    if (state === undefined) return undefined;
    const leftMs = untilLostMs(state, this.#durationOf(name), hostLostAfterMs);
    return leftMs > 0 ? leftMs : undefined;
  }

  /** Nobody could be heard until now: that time is held against no host. */
  restart(): void {
    this.#watcher.restart(this.#options.clock.steady());
  }

  judgeAll(): void {
    const { hosts } = this.#options;
    const changed = hosts
      .list()
      .map(keyOf)
      .filter((name) => this.#judge(name));
    for (const name of this.#liveness.keys()) if (hosts.get(name) === undefined) this.#forget(name);
    if (changed.length > 0) this.#changed(changed);
  }

  #sawLease(key: string, lease: Lease | undefined): void {
    const name = key.slice(SYSTEM_NAMESPACE.length + 1);
    this.#watcher.observe(name, lease, this.#options.clock.steady());
    if (this.#judge(name)) this.#changed([name]);
  }

  /** Tells hosts that are judged otherwise, with those that are held or let go because of it. */
  #changed(names: readonly string[]): void {
    const before = this.#held;
    const silent = [...this.#silentSince].map(([name, since]) => ({ name, since }));
    this.#held = vanishedTogether(silent, this.#options.hosts.size);
    const others = [...before, ...this.#held].filter((name) => before.has(name) !== this.#held.has(name));
    this.#options.onJudged(new Set([...names, ...others]), others.length > 0);
  }

  /** Judges one host by its Lease; true when the answer changed. */
  #judge(name: string): boolean {
    const { clock, hostLostAfterMs } = this.#options;
    const lease = this.#leaseOf(name);
    const durationMs = this.#durationOf(name);
    // A host without a Lease, or whose Lease was taken away, ages from our first look at it.
    if (lease === undefined && this.#watcher.state(name, clock.steady()) === undefined) {
      const assumed = { metadata: { name }, spec: { leaseDurationSeconds: durationMs / 1000 } };
      this.#watcher.observe(name, assumed, clock.steady());
    }
    this.#excuse(name);
    const state = livenessOf(this.#watcher.state(name, clock.steady()), durationMs, hostLostAfterMs);
    const seen = lease === undefined && state === 'Ready' ? 'Suspect' : state;
    const judged = seen !== 'Ready' && this.#excused.has(name) ? 'Unknown' : seen;
    if (this.#liveness.get(name) === judged) return false;
    if (judged === 'Ready' || judged === 'Unknown') this.#silentSince.delete(name);
    else if (this.#liveness.get(name) === 'Ready') this.#silentSince.set(name, clock.steady());
    this.#liveness.set(name, judged);
    return true;
  }

  /** Takes note of whether a host can be heard at all. From when it can be again, it has the time of a Lease. */
  #excuse(name: string): void {
    const host = this.#options.hosts.get(name);
    if (host !== undefined && this.#options.isExcused(host)) this.#excused.add(name);
    else if (this.#excused.delete(name)) this.#watcher.restart(this.#options.clock.steady(), name);
  }

  #leaseOf(host: string): Lease | undefined {
    return this.#options.leases.get(`${SYSTEM_NAMESPACE}/${host}`);
  }

  /** How long the Lease of a host lasts, milliseconds. */
  #durationOf(host: string): number {
    return 1000 * (this.#leaseOf(host)?.spec?.leaseDurationSeconds ?? leaseSeconds.kasmcloudHost);
  }

  #forget(host: string): void {
    this.#liveness.delete(host);
    this.#silentSince.delete(host);
    this.#excused.delete(host);
  }
}
