import type { Distribution } from '../model/distribution.ts';
import { compareText } from '../model/hash.ts';
import type { DistributionPlan, Plan } from '../model/plan.ts';
import type { Cluster, Host, NamespaceBounds, Snapshot } from '../model/snapshot.ts';
import { decide } from '../place/cycle.ts';
import { describe } from '../place/describe.ts';
import { viewOf, withOwnLabel } from '../place/inventory.ts';
import { Job } from '../place/job.ts';
import { stoodAs, stoodIn } from '../place/standing.ts';
import { differences, Holding } from '../place/holding.ts';
import { World } from '../place/world.ts';
import { isArrangedAs, isClusterArrangedAs, isSameWish, stands, type Changes } from './changes.ts';

/**
 * The planner that remembers: what it has planned is what stands from then on, and a change makes it look only at what
 * the change may matter to. It gives the plan that {@link place} would give for the whole world with what stands in it.
 */
export class Engine {
  #clusters: Map<string, Cluster>;
  #hosts: Map<string, Host>;
  #namespaces: readonly NamespaceBounds[];
  #distributions: Map<string, Distribution>;
  #world: World;
  /** By key. A job stays for as long as nothing happens to its distribution. */
  #jobs = new Map<string, Job>();
  #plans = new Map<string, DistributionPlan>();
  /** By number of the host: keys of the distributions that have replicas there. */
  #tenants: (Set<string> | undefined)[] = [];
  /** Keys of distributions that may change with every change of the world: not all of theirs is placed, or not where it should be. */
  readonly #restless = new Set<string>();
  /** While a preview is made: what was there before. */
  #journal: Map<string, Kept> | undefined;

  constructor(snapshot: Snapshot) {
    this.#clusters = new Map(snapshot.clusters.map((cluster) => [cluster.name, cluster]));
    this.#hosts = new Map(snapshot.hosts.map((host) => [pathOf(host.cluster, host.name), host]));
    this.#distributions = new Map(snapshot.distributions.map((one) => [one.key, one]));
    this.#namespaces = snapshot.namespaces ?? [];
    this.#world = new World(snapshot);
    this.#replan(this.#distributions.keys());
  }

  /** Everything as it is planned now. */
  plan(): Plan {
    return { distributions: [...this.#plans.values()].toSorted((a, b) => compareText(a.key, b.key)) };
  }

  /**
   * Plans what a change makes necessary. Gives the plans of the distributions that were looked at again; all others are
   * as before. O(what changed), but for changes of labels, taints, lattices and interfaces and for hosts that come and
   * go, which rearrange everything.
   */
  apply(changes: Changes): Plan {
    const dirty = new Set<string>(this.#restless);
    for (const key of changes.removed?.distributions ?? []) this.#remove(key, dirty);
    const isChanged = this.#changeWorld(changes, dirty);
    const isRearranged = isChanged || (changes.distributions ?? []).some((one) => this.#namesGhosts(one));
    // Of one that is told again and stands as planned, what was planned is what stands, even if it is looked at again.
    const told = new Set<string>();
    for (const distribution of changes.distributions ?? []) {
      if (!this.#isNews(distribution)) continue;
      this.#distributions.set(distribution.key, distribution);
      dirty.add(distribution.key);
      told.add(distribution.key);
    }
    if (changes.namespaces !== undefined) this.#namespaces = changes.namespaces;
    return isRearranged || changes.namespaces !== undefined ? this.#rearrange(told) : this.#replan(dirty, told);
  }

  /** What {@link apply} would give for changed distributions; nothing is changed. */
  preview(distributions: readonly Distribution[]): Plan {
    // What rearranges everything is tried on a copy.
    if (distributions.some((one) => this.#namesGhosts(one)))
      return new Engine(this.#snapshot(new Set())).apply({ distributions });
    const before = new Map<string, Kept>();
    this.#journal = before;
    const specs = distributions.map(({ key }) => [key, this.#distributions.get(key)] as const);
    const plan = this.apply({ distributions });
    this.#journal = undefined;
    for (const { key } of plan.distributions) this.#forget(key);
    for (const [key, spec] of specs)
      if (spec === undefined) this.#distributions.delete(key);
      else this.#distributions.set(key, spec);
    for (const { key } of plan.distributions) {
      const old = before.get(key);
      this.#plans.delete(key);
      this.#restless.delete(key);
      if (old === undefined) continue;
      old.job.rejoin();
      this.#jobs.set(key, old.job);
      this.#keep(old.job, old.plan);
      if (!old.isRestless) this.#restless.delete(key);
    }
    return plan;
  }

  /** Whether a distribution says other than is known: what is told again and stands as planned is none. */
  #isNews(distribution: Distribution): boolean {
    const before = this.#distributions.get(distribution.key);
    const plan = this.#plans.get(distribution.key);
    if (before === undefined || plan === undefined) return true;
    return !isSameWish(before, distribution) || !stands(distribution.current, plan.clusters);
  }

  /** Whether what stands is said to be on a host of an unreachable cluster that nobody has seen: it gets a place of its own. */
  #namesGhosts({ current }: Distribution): boolean {
    return current.some(
      ({ cluster, host }) =>
        this.#clusters.get(cluster)?.reach === 'Unreachable' && this.#world.inventory.find(cluster, host) === undefined,
    );
  }

  #remove(key: string, dirty: Set<string>): void {
    this.#forget(key);
    this.#distributions.delete(key);
    this.#plans.delete(key);
    this.#restless.delete(key);
    dirty.delete(key);
  }

  /** Takes note of changed clusters and hosts; true when the trees no longer fit. */
  #changeWorld({ clusters = [], hosts = [], removed }: Changes, dirty: Set<string>): boolean {
    let isRearranged = (removed?.clusters?.length ?? 0) + (removed?.hosts?.length ?? 0) > 0;
    for (const name of removed?.clusters ?? []) this.#clusters.delete(name);
    for (const { cluster, name } of removed?.hosts ?? []) this.#hosts.delete(pathOf(cluster, name));
    const changed = new Map(hosts.map((host) => [pathOf(host.cluster, host.name), host]));
    for (const [path, host] of changed) {
      const before = this.#hosts.get(path);
      isRearranged ||= before === undefined || !isArrangedAs(before, host);
      this.#hosts.set(path, host);
    }
    for (const cluster of clusters) {
      const before = this.#clusters.get(cluster.name);
      isRearranged ||= before === undefined || !isClusterArrangedAs(before, cluster);
      this.#clusters.set(cluster.name, cluster);
    }
    if (isRearranged) return true;
    const { inventory } = this.#world;
    for (const { name } of clusters)
      for (const index of inventory.within(name)) {
        const view = inventory.hosts[index];
        const host = view && this.#hosts.get(pathOf(name, view.name));
        if (host !== undefined) changed.set(pathOf(name, host.name), host);
      }
    for (const host of changed.values()) this.#review(host, dirty);
    return false;
  }

  /** Puts a host's new state in the place of the old one. */
  #review(host: Host, dirty: Set<string>): void {
    const { inventory, ledger, shapes } = this.#world;
    const before = inventory.find(host.cluster, host.name);
    const cluster = this.#clusters.get(host.cluster);
    if (before === undefined || cluster === undefined) return;
    const view = viewOf({ host, cluster: withOwnLabel(cluster), ghost: false }, before.index);
    inventory.replace(view);
    shapes.review(view);
    ledger.resize(before, view);
    for (const key of this.#tenants[before.index] ?? []) dirty.add(key);
  }

  /** Everything is arranged anew; what stands is what was planned, unless it is told otherwise. */
  #rearrange(told: ReadonlySet<string>): Plan {
    const snapshot = this.#snapshot(told);
    const { distributions } = snapshot;
    this.#world = new World(snapshot);
    this.#jobs.clear();
    this.#tenants = [];
    for (const one of distributions) this.#distributions.set(one.key, one);
    return this.#replan(this.#distributions.keys(), new Set(this.#distributions.keys()));
  }

  /** The world with what was planned standing in it; `told`: keys of those whose `current` says what stands. */
  #snapshot(told: ReadonlySet<string>): Snapshot {
    return {
      clusters: [...this.#clusters.values()],
      hosts: [...this.#hosts.values()],
      distributions: [...this.#distributions.values()].map((one) =>
        told.has(one.key) ? one : { ...one, current: currentOf(this.#plans.get(one.key)) },
      ),
      namespaces: this.#namespaces,
    };
  }

  /** Puts distributions through a cycle. `told`: those whose `current` says what stands; for others it is what was planned. */
  #replan(keys: Iterable<string>, told?: ReadonlySet<string>): Plan {
    const before = new Map<string, Job>();
    const started = [...keys].flatMap((key) => {
      const distribution = this.#distributions.get(key);
      return distribution === undefined ? [] : [this.#start(distribution, told?.has(key) === true, before)];
    });
    const wake = (job: Job): Job => {
      const woken = this.#start(job.distribution, false, before);
      woken.settle(before.get(job.distribution.key));
      return woken;
    };
    const jobs = decide(started, this.#world, wake, before);
    const plans = jobs.map((job) => {
      const { key } = job.distribution;
      const counts = before.get(key)?.counts;
      const clusters = this.#plans.get(key)?.clusters;
      return describe(job, this.#world, counts && clusters && { counts, clusters });
    });
    for (const [i, job] of jobs.entries()) this.#keep(job, plans[i], before.get(job.distribution.key));
    return { distributions: plans };
  }

  /**
   * A job in the place of the one before. `isTold`: `current` says what stands; else it is what was planned. If the
   * distribution is the same, what the one before was charged with is left to it, and only differences are charged.
   */
  #start(distribution: Distribution, isTold: boolean, left: Map<string, Job>): Job {
    const { key } = distribution;
    const before = this.#jobs.get(key);
    const plan = this.#plans.get(key);
    if (before !== undefined && plan !== undefined && this.#journal?.has(key) === false)
      this.#journal.set(key, { job: before, plan, isRestless: this.#restless.has(key) });
    const stood =
      before === undefined || isTold ? stoodIn(distribution.current, this.#world.inventory) : stoodAs(before.counts);
    const same = before?.distribution === distribution ? before : undefined;
    if (same === undefined) {
      this.#forget(key);
    } else {
      same.handOver();
      left.set(key, same);
    }
    const job = new Job(distribution, stood, this.#world, same);
    this.#jobs.set(key, job);
    return job;
  }

  #keep(job: Job, plan: DistributionPlan | undefined, before?: Job): void {
    const { key } = job.distribution;
    if (plan !== undefined) this.#plans.set(key, plan);
    differences(before?.counts ?? Holding.none, job.counts, (host) => {
      if (job.counts.get(host) > 0) (this.#tenants[host] ??= new Set()).add(key);
      else this.#tenants[host]?.delete(key);
    });
    if (job.isRestless) this.#restless.add(key);
    else this.#restless.delete(key);
  }

  #forget(key: string): void {
    const job = this.#jobs.get(key);
    if (job === undefined) return;
    for (const host of job.counts.hosts) this.#tenants[host]?.delete(key);
    job.leave();
    this.#jobs.delete(key);
  }
}

/** What the engine knows of a distribution. */
interface Kept {
  readonly job: Job;
  readonly plan: DistributionPlan;
  readonly isRestless: boolean;
}

const pathOf = (cluster: string, host: string): string => `${cluster}/${host}`;

const currentOf = (plan: DistributionPlan | undefined): Distribution['current'] =>
  (plan?.clusters ?? []).flatMap(({ cluster, hosts }) => hosts.map((share) => ({ cluster, ...share })));
