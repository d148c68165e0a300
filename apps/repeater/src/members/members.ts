import { createHash } from 'node:crypto';
import { builtin, SYSTEM_NAMESPACE, WasmCloudCluster, type ClusterObject, type KubeObject } from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig, Store, withoutManagedFields } from '@kasmcloud/kube';
import { done, runController, WorkQueue } from '@kasmcloud/reconcile';
import { Member, type MemberOptions } from './member.ts';

type Secret = KubeObject & { readonly data?: Record<string, string> };

/** A WasmCloudCluster names a kubeconfig that is not there. */
export class ClusterAccessError extends Error {
  override readonly name = 'ClusterAccessError';
}

export interface MembersOptions extends Omit<MemberOptions, 'client' | 'name'> {
  readonly hub: KubeClient;
}

/** How often Secrets are read again: they change without their WasmCloudCluster. */
const RESYNC_MS = 60_000;
const SYNC_MS = 30_000;

interface Joined {
  readonly member: Member;
  /** Hash of the credentials: another hash means another connection. */
  readonly access: string;
}

/** The members of the supercluster, joined and left as the hub's WasmCloudClusters and their Secrets change. */
export class Members {
  readonly #options: MembersOptions;
  readonly #clusters: Store<ClusterObject>;
  readonly #joined = new Map<string, Joined>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: MembersOptions) {
    this.#options = options;
    const { hub, clock, random, onError } = options;
    const { signal } = this.#stop;
    this.#clusters = new Store<ClusterObject>({
      client: hub,
      clock,
      random,
      onError,
      kind: WasmCloudCluster,
      keep: (object) => withoutManagedFields(object as ClusterObject),
    });
    const queue = new WorkQueue({ clock, random, signal, backoff: { baseMs: 500, maxMs: 30_000, jitter: 0.2 } });
    this.#clusters.onChange((key) => queue.add(key));
    this.#running = runController({
      name: 'members',
      queue,
      clock,
      signal,
      workers: 4,
      reconcile: async (name) => {
        await this.#reconcile(name);
        return done;
      },
      onError: (_, error) => onError(error),
      resync: { everyMs: RESYNC_MS, keys: () => this.#clusters.keys() },
    });
  }

  /** True while the hub can be read. */
  get hubReachable(): boolean {
    return this.#clusters.reachable;
  }

  list(): Member[] {
    return [...this.#joined.values()].map(({ member }) => member);
  }

  /**
   * Where a host belongs that names this cluster, or none: a member of that name, else the default, which is the hub if
   * it is a member and otherwise the first by name. Undefined while that member has not joined: a host that goes to another
   * meanwhile would be twice.
   */
  home(cluster: string | undefined): Member | undefined {
    if (!this.#clusters.hasSynced) return undefined;
    if (cluster !== undefined && this.#clusters.get(cluster) !== undefined) return this.#joined.get(cluster)?.member;
    const names = [...this.#clusters.keys()].toSorted();
    const hub = names.find((name) => this.#clusters.get(name)?.spec.inCluster === true);
    return this.#joined.get(hub ?? names[0] ?? '')?.member;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#running, this.#clusters.close()]);
    await Promise.all([...this.#joined.keys()].map(async (name) => this.#leave(name)));
  }

  async #reconcile(name: string): Promise<void> {
    const cluster = this.#clusters.get(name);
    if (cluster === undefined) return this.#leave(name);
    const { access, connect } = await this.#access(cluster);
    if (this.#joined.get(name)?.access === access) return;
    const member = new Member({ ...this.#options, name, client: connect() });
    // New credentials of a known member: its hosts must not seem gone while they are read again.
    if (this.#joined.has(name)) await this.#ready(member);
    const before = this.#joined.get(name);
    this.#joined.set(name, { access, member });
    if (before !== undefined) await this.#close(before.member);
    this.#options.onChange({ kind: 'lattices' });
  }

  async #ready(member: Member): Promise<void> {
    const { clock } = this.#options;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = clock.after(SYNC_MS, () =>
      reject(new ClusterAccessError(`WasmCloudCluster ${member.name}: nothing was read with its new kubeconfig`)),
    );
    try {
      await Promise.race([member.synced(), late]);
    } catch (error) {
      await this.#close(member);
      throw error;
    } finally {
      cancel();
    }
  }

  async #access({ metadata, spec }: ClusterObject): Promise<{ access: string; connect: () => KubeClient }> {
    const { hub } = this.#options;
    if (spec.inCluster === true) return { access: 'hub', connect: () => hub };
    const { name, namespace = SYSTEM_NAMESPACE, key = 'kubeconfig' } = spec.kubeconfigSecret ?? { name: '' };
    const secret = await hub.find<Secret>(builtin.Secret, name, namespace, { signal: this.#stop.signal });
    const encoded = secret?.data?.[key];
    if (encoded === undefined)
      throw new ClusterAccessError(`WasmCloudCluster ${metadata.name}: Secret ${namespace}/${name} has no key ${key}`);
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    return {
      access: createHash('sha256').update(encoded).digest('hex'),
      connect: () => new KubeClient(loadKubeconfig({ text, untrusted: true }), { userAgent: 'kasmcloud-repeater' }),
    };
  }

  async #leave(name: string): Promise<void> {
    const joined = this.#joined.get(name);
    if (joined === undefined) return;
    this.#joined.delete(name);
    await this.#close(joined.member);
    this.#options.onChange({ kind: 'lattices' });
  }

  async #close(member: Member): Promise<void> {
    await member.close();
    if (member.client !== this.#options.hub) await member.client.close();
  }
}
