import type { Distribution } from '../model/distribution.ts';
import { hashText } from '../model/hash.ts';
import { allocate, type Allocation, type Request } from './allocate.ts';
import type { Demand } from './demand.ts';
import type { FigureShelf } from './figures.ts';
import { planMoves } from './moves.ts';
import { deal, frozenIn, makePools, type Pool } from './pool.ts';
import type { Allowance } from './allowances.ts';
import { Neighbours, type Neighbour } from './neighbours.ts';
import { blockTaken, onePerDomain, refusalsOfSelf, refusesItselfByHost } from './obstacles.ts';
import { Exceptions } from './rooms.ts';
import { avoidedBy, requestOf, type Asker, type Constraint, type Options, type RoomFor } from './request.ts';
import type { Selection } from './selection.ts';
import type { Shape } from './shape.ts';
import { judgeStanding, type Entry, type Standing } from './standing.ts';
import type { World } from './world.ts';

/** One distribution while it is being placed. Its pools hold what it has so far; all of that is charged to the ledger. */
export class Job {
  readonly distribution: Distribution;
  readonly shape: Shape;
  readonly standing: Standing;
  readonly pools: readonly Pool[];
  readonly seed: number;
  /** Under the ceiling of its namespace. */
  readonly priority: number;
  /** Replicas of the last decision that cannot stay where they are, or are too many there. */
  leaving: number;
  /** Replicas that should go elsewhere and may not yet. */
  deferred: number;
  /** What one replica takes. */
  readonly demand: Demand;
  readonly #world: World;
  readonly #asker: Asker;
  readonly #neighbour: Neighbour;
  /** Terms by which it refuses itself. */
  readonly #refusals: readonly Selection[];
  readonly #allowance: Allowance | undefined;
  /** By number of the host: replicas of every pool, and those outside. */
  readonly #onHost = new Map<number, number>();
  #budget: number;

  /** `entries`: what was decided last. */
  constructor(distribution: Distribution, entries: readonly Entry[], world: World) {
    const { inventory, shapes } = world;
    this.distribution = distribution;
    this.shape = shapes.of(distribution);
    this.seed = hashText(distribution.key);
    this.#world = world;
    this.demand = world.demandOf(distribution);
    this.#neighbour = world.neighbours.join(distribution, this.#onHost);
    this.#refusals = refusalsOfSelf(this.#neighbour.neighbourhood);
    this.#asker = {
      distribution,
      demand: this.demand,
      seed: this.seed,
      neighbourhood: this.#neighbour.neighbourhood,
      counts: this.#onHost,
      avoided: avoidedBy(distribution, world),
      refusesOnHost: refusesItselfByHost(this.#neighbour.neighbourhood),
      world,
    };
    this.#allowance = world.allowanceOf(distribution);
    this.priority = world.priorityOf(distribution);
    this.standing = judgeStanding(distribution, entries, inventory, this.shape);
    this.pools = makePools(distribution, this.shape, this.standing, inventory);
    this.leaving = this.pools.reduce((sum, pool) => sum + surplusOf(pool), this.standing.gone);
    this.deferred = this.standing.deferred;
    this.#budget = this.standing.budget;
    world.jobs.add(this);
  }

  /** Charges the ledger with all that stands and may stay; `before` is the job whose place this one takes, if it is still charged. */
  settle(before?: Job): void {
    for (const [host, count] of this.standing.outside) this.#count(host, count);
    for (const pool of this.pools)
      for (const [position, count] of pool.held) this.#count(hostAt(pool, position), count);
    for (const [host, count] of this.#onHost) {
      const more = count - (before?.counts.get(host) ?? 0);
      if (more !== 0) this.#charge(host, more);
    }
    for (const [host, count] of before?.counts ?? []) if (!this.#onHost.has(host)) this.#charge(host, -count);
  }

  /** Leaves its charges to the job that takes its place. */
  handOver(): void {
    this.#world.neighbours.leave(this.#neighbour);
    this.#world.jobs.delete(this);
  }

  /** Takes away what is too much. */
  shrink(): void {
    if (this.distribution.suspended) return;
    for (const pool of this.pools)
      if (sumOf(pool.held) > pool.want) this.hold(pool, this.#allocate(pool, pool.want).counts);
  }

  /** Gives back everything that was charged: from now on, the job holds nothing. */
  leave(): void {
    for (const [host, count] of this.#onHost) this.#charge(host, -count);
    this.handOver();
  }

  /** Takes everything again that {@link leave} gave back. */
  rejoin(): void {
    this.#world.neighbours.rejoin(this.#neighbour);
    this.#world.jobs.add(this);
    for (const [host, count] of this.#onHost) this.#charge(host, count);
  }

  /** Gives up replicas on a host for others. */
  yield(host: number, replicas: number): void {
    let left = replicas;
    for (const pool of this.pools) {
      const position = pool.tree.positions[host] ?? -1;
      const held = pool.held.get(position) ?? 0;
      const given = Math.min(held, left);
      if (given === 0) continue;
      const rest = new Map(pool.held);
      if (given === held) rest.delete(position);
      else rest.set(position, held - given);
      this.hold(pool, rest);
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
      if (this.pools.length > 1) deal(this.pools, this.#inside());
      const before = placed;
      for (const pool of this.pools) {
        const held = sumOf(pool.held);
        const more = Math.min(pool.want - held, share - placed, this.allowed);
        if (more > 0) placed += this.hold(pool, this.#allocate(pool, held + more).counts);
      }
      if (placed === before || placed === share || this.pools.length === 1) return placed;
    }
  }

  /**
   * Moves what stands to where it would be placed anew, as far as the move budget goes. What a host holds that takes
   * nothing new stays. If the new division would hold fewer, the old one stays; if it leaves room for what had none,
   * that is placed.
   */
  converge(): void {
    if (!this.distribution.converge || this.isFrozen || this.distribution.mode === 'Daemon') return;
    for (const pool of this.pools) {
      const held = new Map(pool.held);
      const moves = planMoves(pool.held, this.#targetOf(pool));
      if (100 * moves.length < this.distribution.minImprovement * sumOf(held)) continue;
      for (const { from, to } of moves) {
        if (this.#stands(hostAt(pool, from))) {
          if (this.#budget < 1) {
            this.deferred += 1;
            continue;
          }
          this.#budget -= 1;
        }
        this.#add(hostAt(pool, from), -1);
        this.#add(hostAt(pool, to), 1);
        held.set(from, (held.get(from) ?? 0) - 1);
        held.set(to, (held.get(to) ?? 0) + 1);
      }
      pool.held = new Map([...held].filter(([, count]) => count > 0));
    }
    this.grow();
  }

  /** Whether a replica that leaves the host now has stood there, and was not only just placed. */
  #stands(host: number): boolean {
    const { inside, outside } = this.standing;
    return (this.#onHost.get(host) ?? 0) <= (inside.get(host) ?? 0) + (outside.get(host) ?? 0);
  }

  /** What a pool would hold if its movable replicas were placed anew, everything else standing. */
  #targetOf(pool: Pool): ReadonlyMap<number, number> {
    const { tree, held } = pool;
    const isFixed = (position: number): boolean =>
      tree.open[position] !== 1 || this.#asker.avoided.has(hostAt(pool, position));
    const movable = new Map([...held].filter(([position]) => !isFixed(position)));
    const fixed = new Map([...held].filter(([position]) => isFixed(position)));
    for (const [position, count] of movable) this.#add(hostAt(pool, position), -count);
    const request = { ...this.request({ ...pool, held: fixed }, sumOf(held)), liked: held };
    const { counts, placed } = this.#divide(request);
    for (const [position, count] of movable) this.#add(hostAt(pool, position), count);
    return placed < sumOf(held) ? held : counts;
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
      const before = this.#heldBefore(pool, end, held);
      const target = this.#targetOf(pool);
      const able = this.#heldBefore(pool, end, target) - before;
      const count = Math.min(able, sumOf(held) - before, this.#budget);
      this.deferred += Math.max(0, Math.min(able, sumOf(held) - before) - count);
      if (count <= 0) continue;
      this.#budget -= count;
      this.leaving += count;
      const total = sumOf(held);
      this.hold(pool, this.#allocate(pool, total - count).counts);
      this.hold(pool, this.#allocate(pool, total).counts);
    }
  }

  /** Replicas in the nodes of the first level before one. */
  #heldBefore({ tree }: Pool, end: number, counts: ReadonlyMap<number, number>): number {
    let sum = 0;
    for (const [position, count] of counts) {
      let node = tree.leaves[position] ?? 0;
      while ((tree.parents[node] ?? 0) > 0) node = tree.parents[node] ?? 0;
      if (node < end) sum += count;
    }
    return sum;
  }

  /** Replicas that are wanted and have no place yet. */
  get missing(): number {
    let missing = 0;
    for (const pool of this.pools) missing += Math.max(0, pool.want - sumOf(pool.held));
    return missing;
  }

  /** Whether another cycle may change something although nothing happens to the distribution itself. */
  get isRestless(): boolean {
    const { converge, mode, tiers } = this.distribution;
    // A daemon goes wherever a host opens.
    const follows = converge || mode === 'Daemon' || tiers.some(({ failBack }) => failBack);
    return follows || this.missing > 0 || this.deferred > 0 || this.standing.outside.size > 0;
  }

  /** Whether nothing new may be placed at all. */
  get isFrozen(): boolean {
    return this.distribution.suspended || this.distribution.refused.length > 0;
  }

  /** Counts by number of the host, of every pool and of what stands outside. */
  get counts(): ReadonlyMap<number, number> {
    return this.#onHost;
  }

  /** What a pool would hold if it were allocated now with some constraints absent; nothing changes. */
  probe(pool: Pool, without: ReadonlySet<Constraint> = new Set()): Allocation {
    const held = sumOf(pool.held);
    const most = without.has('quota') ? Infinity : held + this.allowed;
    return this.#allocate(pool, Math.min(most, Math.max(pool.want, held)), without);
  }

  /** Whether anti-affinity, its own or another's, may keep it away from a host. */
  get isRefused(): boolean {
    const { refuses, selectedBy } = this.#neighbour.neighbourhood;
    return refuses.length > 0 || selectedBy.some(({ refusing }) => refusing.size > 0);
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

  /** Counts by number of the host, without those outside. */
  #inside(): Map<number, number> {
    const { outside } = this.standing;
    return new Map([...this.#onHost].map(([host, count]) => [host, count - (outside.get(host) ?? 0)]));
  }

  /** Makes a pool hold what was allocated. Returns how many more that are. */
  hold(pool: Pool, counts: ReadonlyMap<number, number>): number {
    const before = pool.held;
    let more = 0;
    for (const [position, count] of counts) {
      const change = count - (before.get(position) ?? 0);
      if (change === 0) continue;
      this.#add(hostAt(pool, position), change);
      more += change;
    }
    for (const [position, count] of before) {
      if (counts.has(position)) continue;
      this.#add(hostAt(pool, position), -count);
      more -= count;
    }
    pool.held = counts;
    return more;
  }

  #add(host: number, replicas: number): void {
    this.#charge(host, replicas);
    this.#count(host, replicas);
  }

  #charge(host: number, replicas: number): void {
    this.#world.ledger.charge(host, this.demand, replicas);
    this.#note(host, replicas);
  }

  /** What a replica changes besides the ledger. */
  #note(host: number, replicas: number): void {
    this.#allowance?.charge(this.demand, replicas);
    Neighbours.note(this.#neighbour.neighbourhood, host, replicas);
  }

  #count(host: number, replicas: number): void {
    const count = (this.#onHost.get(host) ?? 0) + replicas;
    if (count === 0) this.#onHost.delete(host);
    else this.#onHost.set(host, count);
  }

  /** Allocates with another idea of what fits on a host. */
  allocateWith(pool: Pool, total: number, room: RoomFor): Allocation {
    return this.#divide(this.request(pool, total, { fits: room }));
  }

  #allocate(pool: Pool, total: number, without: ReadonlySet<Constraint> = NONE): Allocation {
    return this.#divide(this.request(pool, total, { without }), without);
  }

  /** Of the replicas that one allocation puts into one domain of a term that refuses its owner, one may stay: the others look for another domain. */
  #divide(request: Request, without: ReadonlySet<Constraint> = NONE): Allocation {
    const allocation = allocate(request);
    const { tree } = request;
    let { held } = request;
    const isBound = this.#refusals.length > 0 && request.total > sumOf(held);
    if (!isBound || without.has('antiAffinity')) return allocation;
    for (let next = allocation; next.placed > sumOf(held);) {
      const before = held;
      held = onePerDomain(this.#refusals, tree, before, next.counts);
      if (sumOf(held) === sumOf(before)) break;
      const exceptions = new Exceptions();
      for (const [i, position] of request.exceptions.positions.entries())
        exceptions.add(position, request.exceptions.rooms[i] ?? 0);
      blockTaken(this.#refusals, tree, held, (position) => exceptions.add(position, 0));
      next = allocate({ ...request, held, exceptions });
    }
    return { counts: new Map(held), placed: sumOf(held) };
  }

  /** Figures to borrow. */
  get shelf(): FigureShelf {
    return this.#world.shelf;
  }

  /** The pool as a question to `allocate`. */
  request(pool: Pool, total: number, options: Options = {}): Request {
    return requestOf(this.#asker, pool, total, options);
  }
}

const NONE: ReadonlySet<Constraint> = new Set();

const hostAt = (pool: Pool, position: number): number => pool.tree.indices[position] ?? -1;

/** Replicas of a pool that are too many and can be taken away. */
const surplusOf = (pool: Pool): number => Math.max(0, sumOf(pool.held) - Math.max(pool.want, frozenIn(pool)));

export const sumOf = (counts: ReadonlyMap<number, number>): number => {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
};
