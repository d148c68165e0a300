import type { SpreadEntry } from '../model/distribution.ts';
import type { Skew } from '../model/plan.ts';
import { websterInto } from '../apportion/webster.ts';
import { measure, type Figures } from '../place/figures.ts';
import type { Request } from '../place/allocate.ts';
import type { Job } from '../place/job.ts';
import type { Pool } from '../place/pool.ts';

/**
 * The worst skew of every spread entry, over all places where it is evaluated. A domain without room is left out of the
 * minimum, which can only make a skew smaller: so room is looked at where a skew would be too large without. O(nodes +
 * what is held) for each pool.
 */
export function explainSkew(job: Job): Skew[] {
  const { spread, mode } = job.distribution;
  if (spread.length === 0 || mode === 'Daemon') return [];
  const skews = skewsOf(job, spread, (pool, note) => noteAll(job, pool, counted(job, pool), note));
  if (!skews.some(({ value, max = Infinity }) => value > max)) return skews;
  return skewsOf(job, spread, (pool, note) => {
    noteAll(job, pool, withRoom(job.request(pool, 0)), note);
  });
}

/** What a skew is drawn from. */
interface Sums {
  readonly figures: Figures;
  /** Whether a domain has room for more. */
  readonly hasRoom: (node: number) => boolean;
  /** Whether a host that holds some has room for more, by position. */
  readonly isOpen: (position: number) => boolean;
  /** Whether a host of a leaf that holds none has room. */
  readonly hasOthers: (leaf: number, holders: number, roomOfHolders: number) => boolean;
  readonly roomAt: (position: number) => number;
}

/** Every domain counts as if it had room. */
function counted({ shelf }: Job, { tree, held }: Pool): Sums {
  const { size, leaves, parents, positions, starts, ends } = tree;
  const figures = shelf.take(size, tree.indices.length);
  const { holding } = figures;
  holding.fill(0, 0, size);
  for (let i = 0; i < held.size; i++) {
    const leaf = leaves[positions[held.hosts[i] ?? -1] ?? -1] ?? 0;
    holding[leaf] = (holding[leaf] ?? 0) + (held.counts[i] ?? 0);
  }
  for (let node = size - 1; node > 0; node--) {
    const parent = parents[node] ?? 0;
    holding[parent] = (holding[parent] ?? 0) + (holding[node] ?? 0);
  }
  const hasOthers = (leaf: number, holders: number): boolean =>
    (tree.eligible[leaf] ?? 0) > 0 && (ends[leaf] ?? 0) - (starts[leaf] ?? 0) > holders;
  return { figures, hasRoom: () => true, isOpen: () => true, hasOthers, roomAt: () => 0 };
}

function withRoom(request: Request): Sums {
  const figures = measure(request);
  const roomOf = (leaf: number): number => (figures.capacity[leaf] ?? 0) - (figures.holding[leaf] ?? 0);
  return {
    figures,
    hasRoom: (node) => (figures.capacity[node] ?? 0) > (figures.holding[node] ?? 0),
    isOpen: (position) => figures.roomAt(position) > 0,
    // Whatever room is left elsewhere is on hosts that hold none.
    hasOthers: (leaf, _, roomOfHolders) => roomOf(leaf) > roomOfHolders,
    roomAt: (position) => figures.roomAt(position),
  };
}

/** Takes note of a skew of the entry with an index. */
type Note = (index: number, skew: number) => void;

function skewsOf({ pools }: Job, spread: readonly SpreadEntry[], look: (pool: Pool, note: Note) => void): Skew[] {
  const worst = spread.map(() => 0);
  for (const pool of pools)
    look(pool, (index, skew) => {
      if (skew > (worst[index] ?? 0)) worst[index] = skew;
    });
  return spread.map((entry, index) => ({
    topologyKey: entry.topologyKey,
    value: worst[index] ?? 0,
    ...(entry.weights === undefined && { max: entry.maxSkew }),
  }));
}

function noteAll({ seed }: Job, pool: Pool, sums: Sums, note: Note): void {
  const { tree } = pool;
  const { holding } = sums.figures;
  for (const node of tree.spreads) {
    const rule = tree.rules[node];
    // Nothing held is nothing askew.
    if ((holding[node] ?? 0) === 0 || rule?.kind !== 'Spread') continue;
    note(rule.index, skewOfFamily(pool, node, sums, rule.entry, rule.weights, seed));
  }
  if (tree.hasEntries) noteHosts(pool, sums, note);
}

function skewOfFamily(
  { tree }: Pool,
  branch: number,
  { figures, hasRoom }: Sums,
  entry: SpreadEntry,
  weights: Float64Array | undefined,
  seed: number,
): number {
  const { holding } = figures;
  const start = tree.first[branch] ?? 0;
  const end = start + (tree.families[branch] ?? 0);
  if (weights !== undefined) return distanceFromShares(tree, start, end, figures, weights, seed);
  let most = 0;
  let least = Infinity;
  let domains = 0;
  for (let child = start; child < end; child++) {
    if ((tree.eligible[child] ?? 0) === 0) continue;
    const holds = holding[child] ?? 0;
    domains += 1;
    if (holds > most) most = holds;
    if (holds < least && (entry.fullDomainsBlock || hasRoom(child))) least = holds;
  }
  if (domains === 0) return 0;
  return domains < entry.minDomains ? most : Math.max(0, most - least);
}

function distanceFromShares(
  { eligible, nodeSeeds }: Pool['tree'],
  start: number,
  end: number,
  { holding, share, bound, floor }: Figures,
  weights: Float64Array,
  seed: number,
): number {
  let total = 0;
  for (let child = start; child < end; child++) {
    const counts = (eligible[child] ?? 0) > 0;
    if (counts) total += holding[child] ?? 0;
    floor[child] = 0;
    bound[child] = counts ? Infinity : 0;
  }
  websterInto(share, total, weights, floor, bound, start, end, (child) => (seed ^ (nodeSeeds[child] ?? 0)) >>> 0);
  let worst = 0;
  for (let child = start; child < end; child++)
    if ((eligible[child] ?? 0) > 0) worst = Math.max(worst, Math.abs((holding[child] ?? 0) - (share[child] ?? 0)));
  return worst;
}

/** Entries by host: leaves stand for them. */
function noteHosts({ tree, held }: Pool, { figures, ...sums }: Sums, note: Note): void {
  const { bound: most, share: least, asked: holders, floor: room } = figures;
  const { hosts, counts } = held;
  const { positions, leaves } = tree;
  const leafOf = (i: number): number => leaves[positions[hosts[i] ?? -1] ?? -1] ?? 0;
  for (let i = 0; i < hosts.length; i++) {
    const leaf = leafOf(i);
    most[leaf] = 0;
    least[leaf] = Infinity;
    holders[leaf] = 0;
    room[leaf] = 0;
  }
  for (let i = 0; i < hosts.length; i++) {
    const leaf = leafOf(i);
    const position = positions[hosts[i] ?? -1] ?? -1;
    const count = counts[i] ?? 0;
    holders[leaf] = (holders[leaf] ?? 0) + 1;
    room[leaf] = (room[leaf] ?? 0) + sums.roomAt(position);
    if (count > (most[leaf] ?? 0)) most[leaf] = count;
    if (count < (least[leaf] ?? 0) && sums.isOpen(position)) least[leaf] = count;
  }
  for (let i = 0; i < hosts.length; i++) {
    const leaf = leafOf(i);
    const entry = tree.entries[leaf];
    if (entry === undefined) continue;
    const lowest = sums.hasOthers(leaf, holders[leaf] ?? 0, room[leaf] ?? 0) ? 0 : (least[leaf] ?? 0);
    note(entry.index, Math.max(0, (most[leaf] ?? 0) - lowest));
  }
}
