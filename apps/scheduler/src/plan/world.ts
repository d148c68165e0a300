import {
  keyOf,
  type ActorObject,
  type ClusterObject,
  type DistributionObject,
  type PlacementObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import {
  readDistribution,
  readPatience,
  toSnapshot,
  type Changes,
  type Cluster,
  type ClusterPlan,
  type Current,
  type Distribution,
  type Host,
  type NamespaceBounds,
  type Snapshot,
} from '@kasmcloud/placement';
import { earliest } from '../earliest.ts';
import type { Breath } from './breath.ts';
import { dirty as name, sortDirty, type Dirty } from './dirty.ts';
import { isAdoptable, isOurs, type MemberFacts } from './facts.ts';
import { rememberedFailures, standingFailures } from '../failures/avoidance.ts';
import { forgivenAt, forgottenAt } from '../failures/failures.ts';
import { boundsOf, distributionFacts, hashed, type Planned, type Surroundings } from './snapshot.ts';
import { Silences } from './silences.ts';
import { TaintAges } from './taint-ages.ts';
import { Wake } from './wake.ts';

/** Where the planner's world is read from: stores that keep themselves current. */
export interface WorldSources {
  readonly clusters: Lookup<ClusterObject>;
  readonly distributions: Lookup<DistributionObject>;
  /** What is stored of a Distribution, by its key. */
  readonly placementsOf: (distribution: string) => readonly PlacementObject[];
  /** What the engine has planned for it. */
  readonly planOf: (distribution: string) => readonly ClusterPlan[] | undefined;
  /** A member as it is seen now; of its hosts only `host`, if that is told and there. */
  readonly factsOf: (cluster: ClusterObject, host?: string) => MemberFacts;
  readonly surroundings: () => Surroundings;
  /** Whether a Distribution runs the id of a workload that came over NATS: it takes no room beside that. */
  readonly isClaimed: (workload: ActorObject | ProviderObject) => boolean;
  /** Replicas of a Distribution that are Ready now, or had no time to become it, by `cluster/host`. */
  readonly readyOn: (distribution: string) => ReadonlyMap<string, number>;
  /** The revision of it that is being tried over another one, if there is one. */
  readonly triedOf: (planned: Planned) => string | undefined;
  /** Moves that it may make now; undefined without a limit. */
  readonly movesLeft: (planned: Planned) => number | undefined;
  /** Whether a host, by `cluster/host`, can be told something now. */
  readonly isBack: (path: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Lookup<T> {
  get(key: string): T | undefined;
  keys(): Iterable<string>;
}

/** A part of the world that was read again. */
export interface Reading {
  readonly changes: Changes;
  /** Keys of the Distributions that were read, those that are gone included. */
  readonly distributions: ReadonlySet<string>;
}

/**
 * The world as an engine has been told it. What is dirty is read again; what is then other than was told is given as a
 * change, what is gone as removed.
 */
export class World {
  readonly #sources: WorldSources;
  readonly #told = new Map<string, ToldCluster>();
  readonly #planned = new Map<string, Planned>();
  /** What each Distribution was told to wish, as text. */
  readonly #wishes = new Map<string, string>();
  readonly #ages = new TaintAges();
  readonly #silences = new Silences();
  readonly #wake = new Wake();
  /** By key of the Distribution: clusters in which something of it was lost and may come back. */
  readonly #waiting = new Map<string, ReadonlySet<string>>();
  #bounds = '';

  constructor(sources: WorldSources) {
    this.#sources = sources;
  }

  /** The Distributions that are planned, by key. One on its way out is not. */
  get planned(): ReadonlyMap<string, Planned> {
    return this.#planned;
  }

  /** When something is to be looked at again although nothing happens, in milliseconds since the epoch. */
  get nextAt(): number | undefined {
    return earliest([this.#wake.nextAt, this.#silences.nextAt]);
  }

  /** Everything, for an engine that knows nothing yet. */
  async snapshot(breath: Breath): Promise<Snapshot> {
    this.#told.clear();
    this.#planned.clear();
    this.#wishes.clear();
    this.#bounds = '';
    // Before any member is looked at: who waits longer than everybody must not see it lost even once.
    const { distributions: known } = this.#sources;
    for (const key of known.keys()) this.#silences.bears(key, readPatience(known.get(key)?.spec.failover));
    const { changes } = await this.read([name.everything], breath);
    const { clusters = [], hosts = [], distributions = [], namespaces = [] } = changes;
    return { clusters, hosts, distributions, namespaces };
  }

  /** What dirty keys are about, as it is now. */
  async read(keys: Iterable<string>, breath: Breath): Promise<Reading> {
    const now = this.#sources.now();
    const dirty = sortDirty([...keys, ...this.#wake.due(now), ...this.#silences.due(now)]);
    const members = this.#readMembers(dirty);
    const distributions = await this.#readDistributions(this.#dirtyDistributions(dirty, members.areOthers), breath);
    const namespaces = dirty.everything || dirty.namespaces ? this.#readBounds() : undefined;
    const { clusters, hosts, goneClusters, goneHosts } = members;
    for (const [place, at] of this.#ages.nextTimes(this.#sources.now())) this.#wake.set(place, at);
    return {
      changes: {
        clusters,
        hosts,
        distributions: distributions.found,
        ...(namespaces !== undefined && { namespaces }),
        removed: { clusters: goneClusters, hosts: goneHosts, distributions: distributions.gone },
      },
      distributions: distributions.read,
    };
  }

  #readBounds(): NamespaceBounds[] | undefined {
    const bounds = boundsOf(this.#sources.surroundings());
    const text = JSON.stringify(bounds);
    if (text === this.#bounds) return undefined;
    this.#bounds = text;
    return bounds;
  }

  #readMembers({ everything, clusters, hosts }: Dirty): MembersRead {
    const read = new MembersRead();
    const known = this.#sources.clusters;
    const whole = everything ? new Set([...known.keys(), ...this.#told.keys()]) : clusters;
    for (const cluster of whole) this.#readCluster(cluster, known.get(cluster), read);
    for (const [cluster, names] of hosts) {
      const object = known.get(cluster);
      const told = this.#told.get(cluster);
      // A cluster that was never told is dirty itself.
      if (object === undefined || told === undefined || whole.has(cluster)) continue;
      for (const host of names) {
        const seen = this.#look(object, host).hosts.find((one) => one.name === host);
        read.host(cluster, host, seen, told);
      }
    }
    return read;
  }

  #readCluster(cluster: string, object: ClusterObject | undefined, read: MembersRead): void {
    const before = this.#told.get(cluster);
    if (object === undefined) {
      if (before !== undefined) read.goneCluster(cluster, before);
      this.#told.delete(cluster);
      return;
    }
    const told = before ?? { text: '', hosts: new Map<string, string>() };
    const { clusters, hosts } = this.#look(object);
    for (const seen of clusters) read.cluster(seen, told);
    const seen = new Map(hosts.map((host) => [host.name, host]));
    for (const host of new Set([...told.hosts.keys(), ...seen.keys()])) read.host(cluster, host, seen.get(host), told);
    this.#told.set(cluster, told);
  }

  /** A cluster with its hosts, or with one of them. */
  #look(object: ClusterObject, host?: string): Pick<Snapshot, 'clusters' | 'hosts'> {
    const now = this.#sources.now();
    const member = this.#inSteps(this.#sources.factsOf(object, host), now);
    const { clusters, hosts } = toSnapshot({
      members: [member],
      planned: [],
      isOurs: (workload) => isOurs(workload) || (isAdoptable(workload) && this.#sources.isClaimed(workload)),
    });
    const aged = <T extends Cluster | Host>(place: string, one: T): T => ({
      ...one,
      taints: this.#ages.aged(place, one.taints, now),
    });
    return {
      clusters: clusters.map((one) => aged(name.cluster(one.name), one)),
      hosts: hosts.map((one) => aged(name.host(one.cluster, one.name), one)),
    };
  }

  /** A member with its silences as they are told. */
  #inSteps({ silentMs, ...member }: MemberFacts, now: number): MemberFacts {
    const cluster = member.cluster.metadata.name;
    const own = this.#silences.told(name.cluster(cluster), silentMs, now);
    const hosts = member.hosts.map(({ object, liveness, silentMs: ms }) => {
      const told = this.#silences.told(name.host(cluster, object.metadata.name), ms, now);
      return { object, liveness, ...(told !== undefined && { silentMs: told }) };
    });
    return { ...member, hosts, ...(own !== undefined && { silentMs: own }) };
  }

  /** `areOthers`: there are other clusters than before, so that what stands in them may count or not. */
  #dirtyDistributions(dirty: Dirty, areOthers: boolean): Set<string> {
    const { distributions } = this.#sources;
    if (dirty.everything || areOthers) return new Set([...distributions.keys(), ...this.#planned.keys()]);
    const keys = new Set(dirty.distributions);
    for (const cluster of new Set([...dirty.clusters, ...dirty.hosts.keys()]))
      for (const [key, clusters] of this.#waiting) if (clusters.has(cluster)) keys.add(key);
    if (dirty.lattices.size === 0) return keys;
    for (const [key, { object }] of this.#planned) {
      const { namespace = '' } = object.metadata;
      if (object.spec.provider !== undefined && dirty.lattices.has(namespace)) keys.add(key);
    }
    return keys;
  }

  /** Each as it is at its turn: what changes meanwhile is dirty again. */
  async #readDistributions(read: ReadonlySet<string>, breath: Breath): Promise<DistributionsRead> {
    const { distributions, clusters, placementsOf, surroundings, readyOn, triedOf, movesLeft, isBack } = this.#sources;
    const found: Distribution[] = [];
    const gone: string[] = [];
    const now = this.#sources.now();
    const about = { surroundings: surroundings(), now, isKnown: isIn(clusters) };
    for (const key of read) {
      if (breath.isDue) await breath.take();
      const object = distributions.get(key);
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
        this.#wishes.delete(key);
        this.#wake.set(name.distribution(key), undefined);
        this.#ages.bears(key, undefined);
        this.#silences.bears(key, undefined);
        this.#waiting.delete(key);
        if (this.#planned.delete(key)) gone.push(key);
        continue;
      }
      const planned = this.#hashed(object);
      this.#planned.set(key, planned);
      this.#ages.bears(key, object.spec.tolerations);
      // Silences of hosts that were told already count for somebody else now.
      if (this.#silences.bears(key, readPatience(object.spec.failover))) this.#wake.set(name.everything, now);
      const placements = placementsOf(key);
      this.#waits(key, placements);
      const own = { placements, readyOn: readyOn(key), tried: triedOf(planned), isBack };
      const facts = distributionFacts(planned, { ...about, ...own });
      const moveBudget = movesLeft(planned);
      const distribution = readDistribution(object.spec, { ...facts, ...(moveBudget !== undefined && { moveBudget }) });
      if (this.#isNews(distribution)) found.push(distribution);
      this.#wake.set(name.distribution(key), nextForgiven(placements, now));
    }
    return { read, found, gone };
  }

  #waits(key: string, placements: readonly PlacementObject[]): void {
    const lost = placements.filter(({ spec }) => spec.hosts.some((one) => one.lost !== undefined));
    if (lost.length === 0) this.#waiting.delete(key);
    else this.#waiting.set(key, new Set(lost.map(({ spec }) => spec.cluster)));
  }

  /** Whether a Distribution wishes other than was told, or something else stands than was planned. */
  #isNews({ current, ...wish }: Distribution): boolean {
    const text = JSON.stringify(wish, plainly);
    const isSame = this.#wishes.get(wish.key) === text;
    this.#wishes.set(wish.key, text);
    return !isSame || !stands(current, this.#sources.planOf(wish.key));
  }

  /** Hashes are taken again only of another spec: most changes of an object are of its status. */
  #hashed(object: DistributionObject): Planned {
    const before = this.#planned.get(keyOf(object));
    const { uid, generation } = object.metadata;
    const isSame =
      generation !== undefined &&
      before?.object.metadata.generation === generation &&
      before.object.metadata.uid === uid;
    return isSame ? { ...before, object } : hashed(object);
  }
}

/** A cluster and its hosts as they were told, as text: equal text is no news. */
interface ToldCluster {
  text: string;
  readonly hosts: Map<string, string>;
}

interface DistributionsRead {
  readonly read: ReadonlySet<string>;
  readonly found: Distribution[];
  readonly gone: string[];
}

/** What of the members is other than was told. */
class MembersRead {
  readonly clusters: Cluster[] = [];
  readonly hosts: Host[] = [];
  readonly goneClusters: string[] = [];
  readonly goneHosts: { cluster: string; name: string }[] = [];
  /** Whether a cluster came or went. */
  areOthers = false;

  goneCluster(cluster: string, { hosts }: ToldCluster): void {
    this.areOthers = true;
    this.goneClusters.push(cluster);
    for (const host of hosts.keys()) this.goneHosts.push({ cluster, name: host });
  }

  cluster(seen: Cluster, told: ToldCluster): void {
    const text = JSON.stringify(seen);
    this.areOthers ||= told.text === '';
    if (told.text !== text) this.clusters.push(seen);
    told.text = text;
  }

  /** `seen`: undefined when there is no such host. */
  host(cluster: string, name: string, seen: Host | undefined, { hosts }: ToldCluster): void {
    if (seen === undefined) {
      if (hosts.delete(name)) this.goneHosts.push({ cluster, name });
      return;
    }
    const text = JSON.stringify(seen);
    if (hosts.get(name) !== text) this.hosts.push(seen);
    hosts.set(name, text);
  }
}

/** Maps and numbers without end, which JSON does not know. */
const plainly = (_: string, value: unknown): unknown =>
  value instanceof Map ? [...value] : value === Infinity ? 'Infinity' : value;

/** Whether what is stored is what was planned. */
function stands(current: readonly Current[], plan: readonly ClusterPlan[] | undefined): boolean {
  const planned = new Map(
    (plan ?? []).flatMap(({ cluster, hosts }) => hosts.map((one) => [`${cluster}/${one.host}`, one])),
  );
  return (
    plan !== undefined &&
    planned.size === current.length &&
    current.every(
      ({ cluster, host, replicas, failed = 0 }) =>
        failed === 0 && planned.get(`${cluster}/${host}`)?.replicas === replicas,
    )
  );
}

/** When a place may be tried again, or a Placement is kept for nothing any more. */
const nextForgiven = (placements: readonly PlacementObject[], now: number): number | undefined =>
  earliest(
    placements.flatMap((placement) => [
      ...standingFailures(placement, now).map(forgivenAt),
      ...(placement.spec.hosts.length === 0 ? rememberedFailures(placement, now).map(forgottenAt) : []),
    ]),
  );

const isIn =
  (lookup: Lookup<unknown>) =>
  (key: string): boolean =>
    lookup.get(key) !== undefined;
