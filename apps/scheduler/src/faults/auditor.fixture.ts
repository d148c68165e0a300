import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, PlainApi, PlainEvent, PlainObject } from './plain-api.fixture.ts';

/** What the auditor looks at of an Actor. */
export interface PlainActor extends PlainObject {
  readonly spec: {
    readonly hostName: string;
    readonly instances: number;
    readonly image: string;
    readonly epoch?: number;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface PlainPlacement extends PlainObject {
  readonly spec: { readonly epoch: number };
}

export const LATTICE_PATH = '/apis/kasmcloud.io/v1alpha1/namespaces/shop';
export const ACTORS: Collection<PlainActor> = { path: `${LATTICE_PATH}/wasmcloudactors` };
const PLACEMENTS: Collection<PlainPlacement> = { path: `${LATTICE_PATH}/wasmcloudplacements` };
const DISTRIBUTION = 'kasmcloud.io/distribution';

export const isReady = ({ metadata, status }: PlainActor): boolean =>
  status?.observedGeneration === metadata.generation &&
  status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

/** An Actor, and how many of its replicas serve. */
interface Standing {
  readonly actor: PlainActor;
  readonly serving: number;
}

/** What is known of one Distribution since the last quiet period. */
interface Account {
  /** Fewest replicas that were wanted. */
  wanted: number;
  /** Replicas that faults took, not the scheduler. */
  taken: number;
}

/**
 * Watches every API server during the faults and judges each change by itself: no epoch falls, and nothing that serves is
 * taken away beyond the budget. What a fault took away is not held against the scheduler.
 */
export class Auditor {
  /** What was wrong, in words. */
  readonly budgetViolations: string[] = [];
  readonly olderWrites: string[] = [];
  /** Changes of Actors and Placements that were seen and judged. */
  judged = 0;
  readonly #share: number;
  readonly #accounts = new Map<string, Account>();
  /** What stands, by `member/name`. */
  readonly #standing = new Map<string, Standing>();
  readonly #epochs = new Map<string, number>();
  readonly #dead = new Set<string>();
  readonly #vandalized = new Set<string>();
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>[] = [];

  /** `share`: of the hosts of a Distribution, how many may be without it; at least one. */
  constructor(hub: PlainApi, members: ReadonlyMap<string, PlainApi>, share: number) {
    this.#share = share;
    this.#watching.push(this.#follow(hub, PLACEMENTS, (event) => this.#sawPlacement(event)));
    for (const [member, api] of members)
      this.#watching.push(
        this.#follow(
          api,
          ACTORS,
          (event) => this.#sawActor(member, event),
          (actors) => this.#relist(member, actors),
        ),
      );
  }

  /** A quiet period: from here on it is judged anew. */
  begin(wanted: ReadonlyMap<string, number>): void {
    for (const [name, replicas] of wanted) this.#accounts.set(name, { wanted: replicas, taken: 0 });
    this.#vandalized.clear();
  }

  wish(distribution: string, replicas: number): void {
    const account = this.#accounts.get(distribution);
    if (account !== undefined) account.wanted = Math.min(account.wanted, replicas);
  }

  died(host: string): void {
    if (this.#dead.has(host)) return;
    this.#dead.add(host);
    for (const [key, { actor, serving }] of this.#standing) {
      if (actor.spec.hostName !== host) continue;
      this.#took(actor, serving);
      this.#standing.set(key, { actor, serving: 0 });
    }
  }

  lives(host: string): void {
    this.#dead.delete(host);
    for (const [key, { actor }] of this.#standing)
      if (actor.spec.hostName === host) this.#standing.set(key, { actor, serving: this.#servingOf(actor, undefined) });
  }

  /** Somebody else deletes this one. */
  vandalizes(member: string, name: string): void {
    this.#vandalized.add(`${member}/${name}`);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watching);
  }

  /** Lists and watches for ever; after a break nobody knows in which order things happened, so that nothing is judged by it. */
  async #follow<T extends PlainObject>(
    api: PlainApi,
    of: Collection<T>,
    see: (event: PlainEvent<T>) => void,
    begin?: (objects: readonly T[]) => void,
  ): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const { items, version } = await api.list(of);
        begin?.(items);
        await api.watch(of, version, see, signal);
      } catch {
        // The server is killed or stands still.
      }
      await sleep(100, undefined, { signal }).catch(() => undefined);
    }
  }

  #relist(member: string, actors: readonly PlainActor[]): void {
    const found = new Map(actors.map((actor) => [`${member}/${actor.metadata.name}`, actor]));
    for (const [key, { actor, serving }] of this.#standing) {
      if (!key.startsWith(`${member}/`)) continue;
      const after = found.get(key);
      this.#took(actor, Math.max(0, serving - (after === undefined ? 0 : this.#servingOf(after, undefined))));
      if (after === undefined) this.#standing.delete(key);
    }
    for (const [key, actor] of found) this.#stands(key, actor, undefined);
  }

  #sawPlacement({ type, object }: PlainEvent<PlainPlacement>): void {
    if (type === 'DELETED') return;
    this.judged += 1;
    this.#noteEpoch(`hub/${object.metadata.name}`, object.spec.epoch);
  }

  #sawActor(member: string, { type, object }: PlainEvent<PlainActor>): void {
    const key = `${member}/${object.metadata.name}`;
    const before = this.#standing.get(key);
    this.judged += 1;
    if (type === 'DELETED') this.#standing.delete(key);
    else this.#stands(key, object, before);
    const fewer = (before?.serving ?? 0) - (this.#standing.get(key)?.serving ?? 0);
    if (before === undefined || fewer <= 0) return;
    // A generation rises only when somebody writes another spec, and that is the scheduler alone.
    const isOurs =
      type === 'DELETED'
        ? !this.#vandalized.delete(key)
        : object.metadata.generation !== before.actor.metadata.generation;
    if (isOurs) this.#judge(`${key} was ${type === 'DELETED' ? 'deleted' : 'written'}`, object);
    else this.#took(object, fewer);
  }

  #stands(key: string, actor: PlainActor, before: Standing | undefined): void {
    this.#noteEpoch(key, actor.spec.epoch ?? 0);
    this.#standing.set(key, { actor, serving: this.#servingOf(actor, before) });
  }

  /** A host that was told another number of replicas goes on to serve with those that it has. */
  #servingOf(actor: PlainActor, before: Standing | undefined): number {
    const { hostName, instances, image } = actor.spec;
    if (this.#dead.has(hostName)) return 0;
    if (isReady(actor)) return instances;
    const isTold = actor.status?.observedGeneration === actor.metadata.generation;
    return isTold || before?.actor.spec.image !== image ? 0 : Math.min(before.serving, instances);
  }

  #noteEpoch(key: string, epoch: number): void {
    const highest = this.#epochs.get(key) ?? 0;
    if (epoch < highest) this.olderWrites.push(`${key}: epoch ${epoch} after ${highest}`);
    this.#epochs.set(key, Math.max(epoch, highest));
  }

  /** Something that served was taken away by the scheduler: enough must be left. */
  #judge(what: string, { metadata }: PlainActor): void {
    const distribution = metadata.labels?.[DISTRIBUTION] ?? '';
    const account = this.#accounts.get(distribution);
    if (account === undefined) return;
    const standing = [...this.#standing.values()].filter(
      ({ actor }) => actor.metadata.labels?.[DISTRIBUTION] === distribution,
    );
    const serving = standing.reduce((sum, one) => sum + one.serving, 0);
    // The budget counts hosts; those with most replicas may be the ones that are without.
    const hosts = Math.max(1, Math.floor(this.#share * standing.length));
    const sizes = standing.map(({ actor }) => actor.spec.instances).toSorted((a, b) => b - a);
    const without = sizes.slice(0, hosts).reduce((sum, size) => sum + size, 0);
    const least = account.wanted - account.taken - without;
    if (serving >= least) return;
    this.budgetViolations.push(
      `${new Date().toISOString()} ${what}: ${serving} replicas of ${distribution} serve, of ${account.wanted}; faults took ${account.taken}`,
    );
  }

  #took({ metadata }: PlainActor, replicas: number): void {
    const account = this.#accounts.get(metadata.labels?.[DISTRIBUTION] ?? '');
    if (account !== undefined) account.taken += replicas;
  }
}
