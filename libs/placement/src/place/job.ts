import type { Distribution } from '../model/distribution.ts';
import { canonicalText } from '../model/canonical.ts';
import { hashText } from '../model/hash.ts';
import { allocate, type Allocation, type Request } from './allocate.ts';
import type { Inventory } from './inventory.ts';
import type { Ledger } from './ledger.ts';
import { planMoves } from './moves.ts';
import { deal, frozenIn, makePools, type Pool } from './pool.ts';
import { Rooms, type RoomCache } from './rooms.ts';
import type { Shape } from './shape.ts';
import { isAvoided, judgeStanding, type Standing } from './standing.ts';

/** Constraints that can be taken as absent: `resources.<name>` for one resource. */
export type Constraint = 'tiers' | 'spread' | 'maxPerHost' | 'avoid' | `resources.${string}`;

/** One distribution while it is being placed. Its pools hold what it has so far; all of that is charged to the ledger. */
export class Job {
  readonly distribution: Distribution;
  readonly shape: Shape;
  readonly standing: Standing;
  readonly pools: readonly Pool[];
  readonly seed: number;
  /** Replicas of the last decision that cannot stay where they are, or are too many there. */
  readonly leaving: number;
  /** Replicas that should go elsewhere and may not yet. */
  deferred: number;
  readonly #ledger: Ledger;
  readonly #cache: RoomCache;
  /** Replicas of equal size fit alike. */
  readonly #size: string;
  /** By number of the host: replicas of every pool, and those outside. */
  readonly #onHost = new Map<number, number>();
  readonly #avoided: ReadonlySet<number>;
  #budget: number;

  constructor(distribution: Distribution, inventory: Inventory, shape: Shape, ledger: Ledger, cache: RoomCache) {
    this.distribution = distribution;
    this.shape = shape;
    this.seed = hashText(distribution.key);
    this.#ledger = ledger;
    this.#cache = cache;
    this.#size = canonicalText({ limit: String(distribution.maxPerHost), demand: distribution.resources });
    this.standing = judgeStanding(distribution, inventory, shape);
    this.pools = makePools(distribution, shape, this.standing);
    this.leaving = this.standing.gone + this.pools.reduce((sum, pool) => sum + surplusOf(pool), 0);
    this.deferred = this.standing.deferred;
    this.#budget = this.standing.budget;
    this.#avoided = new Set(
      distribution.avoid.length === 0
        ? []
        : inventory.hosts.filter((host) => isAvoided(distribution, host)).map((host) => host.index),
    );
  }

  /** Takes away what is too much, and charges the ledger with all that stays. */
  settle(): void {
    for (const [host, count] of this.standing.outside) this.#add(host, count);
    for (const pool of this.pools) {
      const held = sumOf(pool.held);
      if (held > pool.want && !this.distribution.suspended) pool.held = this.#allocate(pool, pool.want).counts;
      for (const [position, count] of pool.held) this.#add(hostAt(pool, position), count);
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
        const missing = pool.want - sumOf(pool.held);
        if (missing > 0) placed += this.#fill(pool, Math.min(missing, share - placed));
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
      for (const { from, to } of planMoves(pool.held, this.#targetOf(pool))) {
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
      tree.open[position] !== true || this.#avoided.has(hostAt(pool, position));
    const movable = new Map([...held].filter(([position]) => !isFixed(position)));
    const fixed = new Map([...held].filter(([position]) => isFixed(position)));
    for (const [position, count] of movable) this.#add(hostAt(pool, position), -count);
    const request = { ...this.request({ ...pool, held: fixed }, sumOf(held)), liked: held };
    const { counts, placed } = allocate(request);
    for (const [position, count] of movable) this.#add(hostAt(pool, position), count);
    return placed < sumOf(held) ? held : counts;
  }

  /** Replicas that are wanted and have no place yet. */
  get missing(): number {
    return this.pools.reduce((sum, pool) => sum + Math.max(0, pool.want - sumOf(pool.held)), 0);
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
    return this.#allocate(pool, Math.max(pool.want, sumOf(pool.held)), without);
  }

  /** A function that puts the job back as it is now; the ledger has its own. */
  mark(): () => void {
    const held = this.pools.map((pool) => pool.held);
    const onHost = new Map(this.#onHost);
    return () => {
      for (const [i, pool] of this.pools.entries()) pool.held = held[i] ?? pool.held;
      this.#onHost.clear();
      for (const [host, count] of onHost) this.#onHost.set(host, count);
    };
  }

  /** Counts by number of the host, without those outside. */
  #inside(): Map<number, number> {
    const { outside } = this.standing;
    return new Map([...this.#onHost].map(([host, count]) => [host, count - (outside.get(host) ?? 0)]));
  }

  #fill(pool: Pool, more: number): number {
    const before = pool.held;
    const { counts } = this.#allocate(pool, sumOf(before) + more);
    let placed = 0;
    for (const [position, count] of counts) {
      const added = count - (before.get(position) ?? 0);
      if (added === 0) continue;
      this.#add(hostAt(pool, position), added);
      placed += added;
    }
    pool.held = counts;
    return placed;
  }

  #add(host: number, replicas: number): void {
    this.#ledger.charge(host, this.distribution.resources, replicas);
    this.#onHost.set(host, (this.#onHost.get(host) ?? 0) + replicas);
  }

  #allocate(pool: Pool, total: number, without: ReadonlySet<Constraint> = new Set()): Allocation {
    return allocate(this.request(pool, total, without));
  }

  /** The pool as a question to `allocate`, with some constraints absent. */
  request(pool: Pool, total: number, without: ReadonlySet<Constraint> = new Set()): Request {
    const { distribution, seed } = this;
    const { tree, held, quota } = pool;
    const ignored = new Set([...without].filter((name) => name.startsWith('resources.')).map((name) => name.slice(10)));
    const fits = this.#ledger.roomFor(distribution.resources, ignored);
    const limit = without.has('maxPerHost') ? Infinity : distribution.maxPerHost;
    const room = (position: number): number => {
      const host = hostAt(pool, position);
      const most = Math.min(fits(host), limit - (this.#onHost.get(host) ?? 0));
      const bound = quota === undefined ? most : Math.min(most, quota(position) - (held.get(position) ?? 0));
      return Math.max(0, bound);
    };
    const exceptions = new Map<number, number>();
    for (const host of this.#onHost.keys()) {
      const position = tree.positions[host] ?? -1;
      if (position >= 0) exceptions.set(position, tree.open[position] === true ? room(position) : 0);
    }
    if (!without.has('avoid'))
      for (const host of this.#avoided) {
        const position = tree.positions[host] ?? -1;
        if (position >= 0) exceptions.set(position, 0);
      }
    const fresh = (position: number): number => Math.min(fits(hostAt(pool, position)), limit);
    const shared = quota === undefined && without.size === 0;
    const rooms = shared ? this.#cache.of(tree, this.#size, fresh) : new Rooms(tree, this.#ledger, room);
    const load: Request['load'] = (position) => this.#ledger.load(hostAt(pool, position));
    const absent = new Set((['spread', 'tiers'] as const).filter((name) => without.has(name)));
    return { tree, total, seed, held, rooms, exceptions, load, without: absent };
  }
}

const hostAt = (pool: Pool, position: number): number => pool.tree.indices[position] ?? -1;

/** Replicas of a pool that are too many and can be taken away. */
const surplusOf = (pool: Pool): number => Math.max(0, sumOf(pool.held) - Math.max(pool.want, frozenIn(pool)));

export const sumOf = (counts: ReadonlyMap<number, number>): number => {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
};
