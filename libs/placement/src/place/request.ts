import type { Distribution } from '../model/distribution.ts';
import type { Request } from './allocate.ts';
import { roomOn, type Demand } from './demand.ts';
import type { Holding } from './holding.ts';
import type { Neighbourhood } from './neighbours.ts';
import { findObstacles, isConcerned, scoresOf } from './obstacles.ts';
import type { Pool } from './pool.ts';
import { Exceptions, MOST, Rooms } from './rooms.ts';
import { isAvoided } from './standing.ts';
import type { Tree } from './tree.ts';
import type { World } from './world.ts';

/** Constraints that can be taken as absent: `resources.<name>` for one resource. */
export type Constraint =
  'tiers' | 'spread' | 'maxPerHost' | 'avoid' | 'affinity' | 'antiAffinity' | 'ports' | 'quota' | `resources.${string}`;

/** Replicas that fit on a host, at most `most`. */
export type FitsOn = (host: number, most: number) => number;

/** Replicas more that a host can take that has some. */
type RoomFor = (host: number, has: number) => number;

export interface Options {
  readonly without?: ReadonlySet<Constraint> | undefined;
  /** Another idea of what fits on a host. */
  readonly fits?: FitsOn | undefined;
}

/** What there is to know of who asks. */
export interface Asker {
  readonly distribution: Distribution;
  readonly demand: Demand;
  readonly seed: number;
  readonly neighbourhood: Neighbourhood;
  /** What it has. */
  readonly counts: Holding;
  /** Hosts where this revision failed. */
  readonly avoided: ReadonlySet<number>;
  readonly refusesOnHost: boolean;
  readonly world: World;
}

const NONE: ReadonlySet<Constraint> = new Set();
const NOBODY: ReadonlySet<number> = new Set();
const TREE_CONSTRAINTS = ['spread', 'tiers'] as const;

/** A pool as a question to `allocate`, with some constraints absent. */
export function requestOf(asker: Asker, pool: Pool, total: number, options: Options): Request {
  const { distribution, seed, refusesOnHost, world } = asker;
  const { without = NONE, fits } = options;
  const { tree, held, quota } = pool;
  const demand = demandWithout(asker, without);
  const ofSpec = without.has('maxPerHost') ? Infinity : distribution.maxPerHost;
  const limit = Math.min(MOST, refusesOnHost && !without.has('antiAffinity') ? Math.min(1, ofSpec) : ofSpec);
  const fit = (host: number, has: number): number =>
    fits === undefined ? roomOn(demand, host, limit - has) : fits(host, limit - has);
  const room: RoomFor =
    quota === undefined
      ? fit
      : (host, has) =>
          Math.max(0, Math.min(fit(host, has), quota(tree.positions[host] ?? -1) - (has === 0 ? 0 : held.get(host))));
  const rooms =
    quota === undefined && without.size === 0 && fits === undefined
      ? world.rooms.of(tree, demand, limit)
      : new Rooms(tree, (host) => room(host, 0));
  const exceptions = exceptionsOf(asker, tree, rooms, room, options);
  const absent = without.size === 0 ? undefined : new Set(TREE_CONSTRAINTS.filter((name) => without.has(name)));
  return {
    tree,
    total,
    seed,
    held,
    rooms,
    exceptions,
    loads: world.ledger.loads,
    clusters: world.inventory.clusters,
    scoreOf: scoresOf(asker, tree, rooms),
    without: absent,
    shelf: world.shelf,
  };
}

/** Rooms of the hosts that hold some already or are not to have more. */
function exceptionsOf(asker: Asker, tree: Tree, rooms: Rooms, room: RoomFor, { without = NONE }: Options): Exceptions {
  const exceptions = new Exceptions();
  const { counts, neighbourhood, avoided } = asker;
  const { positions, open } = tree;
  for (let i = 0; i < counts.size; i++) {
    const host = counts.hosts[i] ?? -1;
    const position = positions[host] ?? -1;
    if (position >= 0) exceptions.add(position, open[position] === 1 ? room(host, counts.counts[i] ?? 0) : 0);
  }
  for (const host of without.has('avoid') ? NOBODY : avoided) {
    const position = positions[host] ?? -1;
    if (position >= 0) exceptions.blocked.push(position);
  }
  if (!isConcerned(neighbourhood)) return exceptions;
  const bearing = {
    affinity: !without.has('affinity'),
    antiAffinity: !without.has('antiAffinity'),
    ports: !without.has('ports'),
  };
  findObstacles(asker, tree, rooms, bearing, exceptions.blocked);
  return exceptions;
}

function demandWithout({ distribution, demand, world }: Asker, without: ReadonlySet<Constraint>): Demand {
  if (without.size === 0) return demand;
  const amounts = Object.entries(distribution.resources).filter(([name]) => !without.has(`resources.${name}`));
  return world.ledger.demand(Object.fromEntries(amounts));
}

export function avoidedBy(distribution: Distribution, { inventory }: World): ReadonlySet<number> {
  if (distribution.avoid.length === 0) return NOBODY;
  return new Set(inventory.hosts.flatMap((host) => (isAvoided(distribution, host) ? [host.index] : [])));
}
