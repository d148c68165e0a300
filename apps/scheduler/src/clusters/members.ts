import { createHash } from 'node:crypto';
import { builtin, SYSTEM_NAMESPACE, WasmCloudCluster, type ClusterObject, type KubeObject } from '@kasmcloud/kube-api';
import { KubeClient, KubeconfigError, loadKubeconfig, UnsafeKubeconfigError, type Store } from '@kasmcloud/kube';
import { done, runController, WorkQueue, type Clock } from '@kasmcloud/reconcile';
import type { MemberFacts } from '../plan/facts.ts';
import { silentTogether } from './mass-loss.ts';
import { silenceTold } from './silence.ts';
import { Member, type MemberChange, type MemberOptions } from './member.ts';

type Secret = KubeObject & { readonly data?: Record<string, string> };

/** A WasmCloudCluster names credentials that are not there or may not be used. */
export class ClusterAccessError extends Error {
  override readonly name = 'ClusterAccessError';
}

/** Why a cluster is no member, for its condition. */
export interface Refusal {
  readonly reason: 'KubeconfigMissing' | 'KubeconfigRefused' | 'KubeconfigWrong' | 'SameCluster' | 'AccessFailed';
  readonly message: string;
}

export interface MembersOptions extends Omit<MemberOptions, 'client' | 'onChange'> {
  readonly hub: KubeClient;
  readonly clusters: Store<ClusterObject>;
  readonly clock: Clock;
  readonly resyncMs: number;
  readonly onChange: (cluster: string, change: MemberChange, object?: KubeObject) => void;
}

interface Joined {
  readonly member: Member;
  /** Hash of the credentials: another hash means another connection. */
  readonly access: string;
}

/** The members of the supercluster, joined and left as WasmCloudClusters and their Secrets change. */
export class Members {
  readonly #options: MembersOptions;
  readonly #joined = new Map<string, Joined>();
  readonly #refused = new Map<string, Refusal>();
  /** Members that are the same cluster as an older one, by name, with the name of that one. */
  #twins: ReadonlyMap<string, string> = new Map();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** Members that were silent together when one was last heard or missed. */
  #held: ReadonlySet<string> = new Set();
  /** When the last leader was last alive, by its own clock; known to a leader only. */
  #beforeMs: number | undefined;

  constructor(options: MembersOptions) {
    this.#options = options;
    const { clock, clusters, random, resyncMs, onError } = options;
    const { signal } = this.#stop;
    const queue = new WorkQueue({ clock, random, signal, backoff: { baseMs: 500, maxMs: 30_000, jitter: 0.2 } });
    clusters.onChange((key) => queue.add(key));
    this.#running = runController({
      name: 'members',
      queue,
      clock,
      signal,
      workers: 4,
      reconcile: async (name) => {
        await this.#reconcile(name, signal);
        return done;
      },
      onError: (_, error) => onError(error),
      // A Secret may change without its WasmCloudCluster.
      resync: { everyMs: resyncMs, keys: () => clusters.keys() },
    });
  }

  /** A member; none while the cluster is the same as another member. */
  get(cluster: string): Member | undefined {
    return this.#twins.has(cluster) ? undefined : this.#joined.get(cluster)?.member;
  }

  /** A new leader counts on from what the last one told; `beforeMs`: when that one was last alive, by its own clock. */
  takeOver(beforeMs: number | undefined): void {
    this.#beforeMs = beforeMs;
    for (const [name, member] of this.entries()) member.silentBefore(this.#silenceOf(name));
  }

  /** Whether a member answers. One that fell silent together with too many others is Unreachable instead of Lost. */
  reachOf(cluster: string): MemberFacts['reach'] {
    const reach = this.get(cluster)?.reach ?? 'Unreachable';
    return reach === 'Lost' && this.isHeld(cluster) ? 'Unreachable' : reach;
  }

  /** Whether it is silent together with so many others that nothing fails over from it. */
  isHeld(cluster: string): boolean {
    return this.#silentTogether().has(cluster);
  }

  #silentTogether(): ReadonlySet<string> {
    const silent = this.entries()
      .filter(([, member]) => member.reach !== 'Reachable')
      .map(([name, member]) => ({ name, since: this.#options.clock.steady() - member.silentMs }));
    return silentTogether(silent, this.#joined.size - this.#twins.size);
  }

  /**
   * Where members were silent together, it was we who could not hear: once one of them is heard again, the silence of the
   * others counts from then.
   */
  #hearAgain(cluster: string): void {
    const before = this.#held;
    this.#held = this.#silentTogether();
    if (!before.has(cluster) || this.get(cluster)?.reach !== 'Reachable') return;
    for (const other of before) if (other !== cluster) this.#joined.get(other)?.member.silentBefore(0);
  }

  entries(): [string, Member][] {
    const members = [...this.#joined].map(([name, { member }]): [string, Member] => [name, member]);
    return this.#twins.size === 0 ? members : members.filter(([name]) => !this.#twins.has(name));
  }

  /** What tells a cluster from every other, once it is known. */
  identityOf(cluster: string): string | undefined {
    return this.#joined.get(cluster)?.member.identity;
  }

  /** Why a cluster could not be joined. */
  refusal(cluster: string): Refusal | undefined {
    const twin = this.#twins.get(cluster);
    if (twin === undefined) return this.#refused.get(cluster);
    const message = `is the same cluster as ${twin} (namespace kube-system has the same UID): let one of them leave`;
    return { reason: 'SameCluster', message };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all([...this.#joined.values()].map(({ member }) => this.#close(member)));
    this.#joined.clear();
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<void> {
    const cluster = this.#options.clusters.get(name);
    const before = this.#joined.get(name);
    if (cluster === undefined) {
      this.#refused.delete(name);
      if (before !== undefined) await this.#leave(name, before.member);
      return;
    }
    try {
      const { access, client } = await this.#access(cluster, before, signal);
      this.#refused.delete(name);
      if (client === undefined) return;
      const silentMs = before?.member.silentMs ?? this.#silenceOf(name);
      if (before !== undefined) await this.#leave(name, before.member);
      this.#joined.set(name, { access, member: this.#join(name, client, silentMs) });
    } catch (error) {
      this.#refused.set(name, refusalOf(error));
      this.#options.onChange(name, 'reach');
      throw error;
    }
  }

  /** The client for a cluster; none when the standing one is still the right one. */
  async #access(
    { metadata, spec }: ClusterObject,
    before: Joined | undefined,
    signal: AbortSignal,
  ): Promise<{ access: string; client: KubeClient | undefined }> {
    if (spec.inCluster === true) {
      return { access: 'hub', client: before?.access === 'hub' ? undefined : this.#options.hub };
    }
    const { name, namespace = SYSTEM_NAMESPACE, key = 'kubeconfig' } = spec.kubeconfigSecret ?? { name: '' };
    const secret = await this.#options.hub.find<Secret>(builtin.Secret, name, namespace, { signal });
    const encoded = secret?.data?.[key];
    if (encoded === undefined) {
      throw new ClusterAccessError(
        `${WasmCloudCluster.kind} ${metadata.name}: there is no Secret ${namespace}/${name} with a key ${key}`,
      );
    }
    const access = createHash('sha256').update(encoded).digest('hex');
    if (before?.access === access) return { access, client: undefined };
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    return {
      access,
      client: new KubeClient(loadKubeconfig({ text, untrusted: true }), { userAgent: 'kasmcloud-scheduler' }),
    };
  }

  #silenceOf(name: string): number {
    return silenceTold(this.#options.clusters.get(name)?.status, this.#beforeMs);
  }

  #join(name: string, client: KubeClient, silentMs: number): Member {
    const { clock, random, hostLostAfterMs, clusterLostAfterMs, isExcused, onError, onChange } = this.#options;
    return new Member({
      client,
      clock,
      random,
      hostLostAfterMs,
      clusterLostAfterMs,
      silentMs,
      isExcused,
      onError,
      onChange: (change, object) => {
        if (change === 'reach') {
          this.#findTwins();
          this.#hearAgain(name);
        }
        onChange(name, change, object);
      },
    });
  }

  /** The cluster that was declared first is the member; the others would only do its work twice. */
  #findTwins(): void {
    const before = this.#twins;
    const { clusters } = this.#options;
    const firsts = new Map<string, string>();
    const twins = new Map<string, string>();
    const since = (name: string): string => `${clusters.get(name)?.metadata.creationTimestamp} ${name}`;
    for (const name of [...this.#joined.keys()].toSorted((a, b) => (since(a) < since(b) ? -1 : 1))) {
      const identity = this.identityOf(name);
      const first = identity === undefined ? undefined : firsts.get(identity);
      if (first !== undefined) twins.set(name, first);
      else if (identity !== undefined) firsts.set(identity, name);
    }
    this.#twins = twins;
    const changed = [...before.keys(), ...twins.keys()].filter((name) => before.has(name) !== twins.has(name));
    for (const name of new Set(changed)) this.#options.onChange(name, 'reach');
  }

  async #leave(name: string, member: Member): Promise<void> {
    this.#joined.delete(name);
    this.#findTwins();
    await this.#close(member);
    this.#options.onChange(name, 'reach');
  }

  async #close(member: Member): Promise<void> {
    await member.close();
    if (member.client !== this.#options.hub) await member.client.close();
  }
}

function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ClusterAccessError) return { reason: 'KubeconfigMissing', message };
  if (error instanceof UnsafeKubeconfigError) return { reason: 'KubeconfigRefused', message };
  return { reason: error instanceof KubeconfigError ? 'KubeconfigWrong' : 'AccessFailed', message };
}
