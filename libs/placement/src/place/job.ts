import type { Distribution } from '../model/distribution.ts';
import { hashText } from '../model/hash.ts';
import { allocate, type Request } from './allocate.ts';
import type { Demand } from './demand.ts';
import type { FigureShelf } from './figures.ts';
import { differences, Holding, holdingOf, minus, together } from './holding.ts';
import { planMoves } from './moves.ts';
import { deal, frozenIn, makePools, type Pool } from './pool.ts';
import type { Allowance } from './allowances.ts';
import { Neighbours, type Neighbour, type Neighbourhood } from './neighbours.ts';
import { blockTaken, onePerDomain, refusalsOfSelf, refusesItselfByHost } from './obstacles.ts';
import { Exceptions } from './rooms.ts';
import { rearrange } from './rearrange.ts';
import { avoidedBy, requestOf, type Asker, type Constraint, type FitsOn, type Options } from './request.ts';
import type { Selection } from './selection.ts';
import type { Shape } from './shape.ts';
import { comingBack } from './reconnect.ts';
import { judgeStanding, type Standing, type Stood } from './standing.ts';
import type { World } from './world.ts';

/** One distribution while it is being placed. Its pools hold what it has so far; all of that is charged to the ledger. */
export class Job implements Asker {
  readonly distribution: Distribution;
  readonly shape: Shape;
  readonly standing: Standing;
  readonly pools: readonly Pool[];
  readonly seed: number;
  /** Under the ceiling of its namespace. */
  readonly priority: number;
  /** Whether nothing new may be placed at all. */
  readonly isFrozen: boolean;
  /** Whether it needs others beside it. */
  readonly isFollower: boolean;
  /** Whether there may be something to do for it when all are placed. */
  readonly isLate: boolean;
  /** Replicas of the last decision that cannot stay where they are, or are too many there. */
  leaving: number;
  /** Replicas that should go elsewhere and may not yet. */
  deferred: number;
  /** What one replica takes. */
  readonly demand: Demand;
  readonly neighbourhood: Neighbourhood;
  readonly avoided: ReadonlySet<number>;
  readonly refusesOnHost: boolean;
  readonly world: World;
  readonly #neighbour: Neighbour;
  /** Terms by which it refuses itself. */
  readonly #refusals: readonly Selection[];
  readonly #allowance: Allowance | undefined;
  /** Replicas of every pool, and those outside; undefined when they have to be added up again. */
  #counts: Holding | undefined;
  #budget: number;

  /** `stood`: what was decided last. `before`: a job of the same distribution in the same world. */
  constructor(distribution: Distribution, stood: Stood, world: World, before?: Job) {
    const { inventory, shapes } = world;
    this.distribution = distribution;
    this.shape = before?.shape ?? shapes.of(distribution);
    this.seed = before?.seed ?? hashText(distribution.key);
    this.demand = before?.demand ?? world.demandOf(distribution);
    this.#neighbour = world.neighbours.join(distribution, this);
    this.#refusals = refusalsOfSelf(this.#neighbour.neighbourhood);
    this.neighbourhood = this.#neighbour.neighbourhood;
    this.avoided = avoidedBy(distribution, world);
    this.refusesOnHost = refusesItselfByHost(this.neighbourhood);
    this.world = world;
    const { suspended, refused, affinity, converge, tiers } = distribution;
    this.isFrozen = suspended || refused.length > 0;
    this.isFollower = affinity.required.length > 0;
    this.isLate = this.isFollower || converge || tiers.some(({ failBack }) => failBack);
    this.#allowance = world.allowanceOf(distribution);
    this.priority = world.priorityOf(distribution);
    this.standing = judgeStanding(distribution, stood, inventory, this.shape);
    this.pools = makePools(distribution, this.shape, this.standing, inventory);
    this.leaving = this.pools.reduce((sum, pool) => sum + surplusOf(pool), this.standing.gone);
    this.deferred = this.standing.deferred;
    this.#budget = this.standing.budget;
    world.jobs.add(this);
  }

  /** Charges the ledger with all that stands and may stay; `before` is the job whose place this one takes, if it is still charged. */
  settle(before?: Job): void {
    differences(before?.counts ?? Holding.none, this.counts, (host, change) => this.#charge(host, change));
  }

  /** Leaves its charges to the job that takes its place. */
  handOver(): void {
    this.world.neighbours.leave(this.#neighbour);
    this.world.jobs.delete(this);
  }

  /**
   * Takes those back that were replaced while their host was away and run there again, as the distribution wants it: all
   * of them, and then whoever is best placed stays; or they stay, and those go that took their place.
   */
  reconnect(): void {
    const { reconnect, mode } = this.distribution;
    const { returned } = this.standing.stood;
    if (returned.size === 0 || reconnect === 'KeepReplacement' || this.isFrozen || mode === 'Daemon') return;
    const before = this.counts.sum;
    const back = comingBack(this, returned);
    const [only] = this.pools;
    if (only === undefined || back.size === 0) return;
    if (reconnect === 'KeepOriginal' && this.pools.length === 1) {
      const kept = Math.min(only.held.sum, Math.max(0, only.want - back.sum));
      this.hold(only, this.#allocate(only, kept));
    }
    this.leaving += before - this.counts.sum;
    this.#put(together([this.#held, back]));
  }

  /** Takes away what is too much. */
  shrink(): void {
    if (this.distribution.suspended) return;
    for (const pool of this.pools) if (pool.held.sum > pool.want) this.hold(pool, this.#allocate(pool, pool.want));
  }

  /** Gives back everything that was charged: from now on, the job holds nothing. */
  leave(): void {
    for (const [host, count] of this.counts) this.#charge(host, -count);
    this.handOver();
  }

  /** Takes everything again that {@link leave} gave back. */
  rejoin(): void {
    this.world.neighbours.rejoin(this.#neighbour);
    this.world.jobs.add(this);
    for (const [host, count] of this.counts) this.#charge(host, count);
  }

  /** Gives up replicas on a host for others. */
  yield(host: number, replicas: number): void {
    let left = replicas;
    for (const pool of this.pools) {
      const given = Math.min(pool.held.get(host), left);
      if (given === 0) continue;
      this.hold(pool, holdingOf([...pool.held, [host, -given]]));
      left -= given;
      this.leaving += given;
    }
  }

  /** Places up to `share` of what is still missing (a number of replicas over all pools). Returns how many it placed. */
  grow(share = Infinity): number {
    if (this.isFrozen) return 0;
    let placed = 0;
    for (;;) {
      // Where groups overlap, what was placed for one may serve another better, and leave room that this one can use.
      if (this.pools.length > 1) deal(this.pools, this.#held);
      const before = placed;
      for (const pool of this.pools) {
        const { sum } = pool.held;
        const more = Math.min(pool.want - sum, share - placed, this.allowed);
        if (more > 0) placed += this.hold(pool, this.#allocate(pool, sum + more));
      }
      if (placed === share || this.pools.length === 1 || this.missing === 0) return placed;
      if (placed === before) return placed + rearrange(this, share - placed);
    }
  }

  /** Places one replica more of a pool, if there is room. */
  extend(pool: Pool): boolean {
    return this.hold(pool, this.#allocate(pool, pool.held.sum + 1)) > 0;
  }

  /**
   * Moves what stands to where it would be placed anew, as far as the move budget goes. What a host holds that takes
   * nothing new stays. If the new division would hold fewer, the old one stays; if it leaves room for what had none,
   * that is placed.
   */
  converge(): void {
    if (!this.distribution.converge || this.isFrozen || this.distribution.mode === 'Daemon') return;
    const held = this.#held;
    const moves = planMoves(held, this.#targetOf(this.pools));
    if (100 * moves.length >= this.distribution.minImprovement * held.sum) {
      const steps: [host: number, change: number][] = [];
      const left = new Map(this.counts);
      for (const { from, to } of moves) {
        // Whether the replica has stood there, and was not only just placed.
        if ((left.get(from) ?? 0) <= this.standing.inside.get(from) + this.standing.outside.get(from)) {
          if (this.#budget < 1) {
            this.deferred += 1;
            continue;
          }
          this.#budget -= 1;
        }
        left.set(from, (left.get(from) ?? 0) - 1);
        left.set(to, (left.get(to) ?? 0) + 1);
        steps.push([from, -1], [to, 1]);
      }
      this.#put(holdingOf([...held, ...steps]));
    }
    this.grow();
  }

  /**
   * What pools would hold together if their movable replicas were placed anew, everything else standing. All at once: how
   * what stands is dealt to them says nothing of where it came from, and must not decide where it goes.
   */
  #targetOf(pools: readonly Pool[]): Holding {
    const undo = this.mark();
    const stood = together(pools.map(({ held }) => held));
    for (const pool of pools) this.hold(pool, holdingOf([...pool.held].filter(([host]) => this.#isFixed(pool, host))));
    // Another division may have room for what has none in this one.
    let left = Math.max(this.allowed, stood.sum - pools.reduce((sum, { held }) => sum + held.sum, 0));
    let liked = stood;
    for (const pool of pools) {
      const { sum } = pool.held;
      const more = Math.min(left, pool.want - sum);
      if (more > 0) left -= this.hold(pool, this.#divide({ ...this.request(pool, sum + more), liked }));
      liked = minus(liked, pool.held);
    }
    const target = together(pools.map(({ held }) => held));
    undo();
    return target.sum < stood.sum ? stood : target;
  }

  /** Whether what a host has of a pool cannot be moved at will. */
  #isFixed({ tree }: Pool, host: number): boolean {
    return tree.open[tree.positions[host] ?? -1] !== 1 || this.avoided.has(host);
  }

  /**
   * Brings replicas of later tiers back into those that ask for it, as far as these have room and the move budget goes:
   * as many as they can take go from the last tiers, where there is most too much, and come again in the first.
   */
  comeBack(): void {
    const { tiers, mode } = this.distribution;
    const last = tiers.findLastIndex(({ failBack }) => failBack);
    if (last < 0 || last === tiers.length - 1 || this.isFrozen || mode === 'Daemon') return;
    for (const pool of this.pools) {
      const { tree, held } = pool;
      const rule = tree.rules[0];
      if (rule?.kind !== 'Ordered' || rule.overflow === undefined) continue;
      const end = (tree.first[0] ?? 0) + last + 1;
      const before = heldBefore(pool, end, held);
      const target = this.#targetOf([pool]);
      const able = heldBefore(pool, end, target) - before;
      const count = Math.min(able, held.sum - before, this.#budget);
      this.deferred += Math.max(0, Math.min(able, held.sum - before) - count);
      if (count <= 0) continue;
      this.#budget -= count;
      this.leaving += count;
      this.hold(pool, this.#allocate(pool, held.sum - count));
      this.hold(pool, this.#allocate(pool, held.sum));
    }
  }

  /** Replicas that are wanted and have no place yet. */
  get missing(): number {
    let missing = 0;
    for (const pool of this.pools) missing += Math.max(0, pool.want - pool.held.sum);
    return missing;
  }

  /** Whether another cycle may change something although nothing happens to the distribution itself. */
  get isRestless(): boolean {
    const { converge, mode, tiers } = this.distribution;
    // A daemon goes wherever a host opens.
    const follows = converge || mode === 'Daemon' || tiers.some(({ failBack }) => failBack);
    return follows || this.missing > 0 || this.deferred > 0 || this.standing.outside.size > 0;
  }

  /** What all pools hold together. */
  get #held(): Holding {
    return together(this.pools.map(({ held }) => held));
  }

  /** Makes the pools hold so many on each host, all together. */
  #put(now: Holding): void {
    differences(this.#held, now, (host, change) => this.#charge(host, change));
    deal(this.pools, now);
    this.#counts = undefined;
  }

  /** What every pool holds, and what stands outside. */
  get counts(): Holding {
    const [first] = this.pools;
    // One pool with everything in it is the usual case.
    if (first !== undefined && this.pools.length === 1 && this.standing.outside.size === 0) return first.held;
    this.#counts ??= together([...this.pools.map(({ held }) => held), this.standing.outside]);
    return this.#counts;
  }

  /** What a pool would hold if it were allocated now with some constraints absent; nothing changes. */
  probe(pool: Pool, without: ReadonlySet<Constraint> = new Set()): Holding {
    const { sum } = pool.held;
    const most = without.has('quota') ? Infinity : sum + this.allowed;
    return this.#allocate(pool, Math.min(most, Math.max(pool.want, sum)), without);
  }

  /** Whether anti-affinity, its own or another's, may keep it away from a host. */
  get isRefused(): boolean {
    const { refuses, selectedBy } = this.neighbourhood;
    return refuses.length > 0 || selectedBy.some(({ refusing }) => refusing.domains.length > 0);
  }

  /** How many replicas more the quota of the namespace allows. */
  get allowed(): number {
    return this.#allowance?.roomFor(this.demand).room ?? Infinity;
  }

  /** Resources whose quota allows no more. */
  get exhausted(): string | undefined {
    return this.#allowance?.roomFor(this.demand).resource;
  }

  /** A function that puts the job back as it is now. */
  mark(): () => void {
    // What a pool holds is replaced and never changed: to remember it costs nothing.
    const held = this.pools.map((pool) => pool.held);
    return () => {
      for (const [i, pool] of this.pools.entries()) this.hold(pool, held[i] ?? pool.held);
    };
  }

  /** Makes a pool hold what was allocated. Returns how many more that are. */
  hold(pool: Pool, now: Holding): number {
    const before = pool.held;
    if (now === before) return 0;
    differences(before, now, (host, change) => this.#charge(host, change));
    pool.held = now;
    this.#counts = undefined;
    return now.sum - before.sum;
  }

  #charge(host: number, replicas: number): void {
    this.world.ledger.charge(host, this.demand, replicas);
    this.#allowance?.charge(this.demand, replicas);
    Neighbours.note(this.neighbourhood, host, replicas);
  }

  /** Allocates with another idea of what fits on a host, and with some constraints absent. */
  allocateWith(pool: Pool, total: number, fits: FitsOn, without: ReadonlySet<Constraint>): Holding {
    return this.#divide(this.request(pool, total, { fits, without }));
  }

  #allocate(pool: Pool, total: number, without: ReadonlySet<Constraint> = NONE): Holding {
    return this.#divide(this.request(pool, total, { without }), without);
  }

  /** Of the replicas that one allocation puts into one domain of a term that refuses its owner, one may stay: the others look for another domain. */
  #divide(request: Request, without: ReadonlySet<Constraint> = NONE): Holding {
    const allocation = allocate(request);
    let { held } = request;
    const isBound = this.#refusals.length > 0 && request.total > held.sum;
    if (!isBound || without.has('antiAffinity')) return allocation;
    for (let next = allocation; next.sum > held.sum;) {
      const before = held;
      held = onePerDomain(this.#refusals, before, next);
      if (held.sum === before.sum) break;
      const exceptions = new Exceptions(request.exceptions);
      blockTaken(this.#refusals, request.tree, held, exceptions.blocked);
      next = allocate({ ...request, held, exceptions });
    }
    return held;
  }

  /** Figures to borrow. */
  get shelf(): FigureShelf {
    return this.world.shelf;
  }

  /** The pool as a question to `allocate`. */
  request(pool: Pool, total: number, options: Options = {}): Request {
    return requestOf(this, pool, total, options);
  }
}

const NONE: ReadonlySet<Constraint> = new Set();

/** Replicas of a pool that are too many and can be taken away. */
const surplusOf = (pool: Pool): number => Math.max(0, pool.held.sum - Math.max(pool.want, frozenIn(pool)));

/** Replicas in the nodes of the first level before one. */
function heldBefore({ tree }: Pool, end: number, counts: Holding): number {
  let sum = 0;
  for (const [host, count] of counts) {
    let node = tree.leaves[tree.positions[host] ?? -1] ?? 0;
    while ((tree.parents[node] ?? 0) > 0) node = tree.parents[node] ?? 0;
    if (node < end) sum += count;
  }
  return sum;
}
