import { websterInto } from '../apportion/webster.ts';
import type { SpreadEntry } from '../model/distribution.ts';
import type { Skew } from '../model/plan.ts';
import { measure, type Figures } from '../place/figures.ts';
import type { Job } from '../place/job.ts';
import type { Pool } from '../place/pool.ts';

/**
 * The worst skew of every spread entry, over all places where it is evaluated. A domain without room is left out of the
 * minimum, which can only make a skew smaller: so room is looked at where a skew would be too large without. O(nodes +
 * what is held) for each pool.
 */
export function explainSkew(job: Job): readonly Skew[] {
  const { spread, mode } = job.distribution;
  if (spread.length === 0 || mode === 'Daemon') return NOTHING;
  let worst = worstOf(job, spread, false);
  const isAskew = spread.some(({ weights, maxSkew }, i) => weights === undefined && (worst[i] ?? 0) > maxSkew);
  if (isAskew) worst = worstOf(job, spread, true);
  return spread.map((entry, i) => {
    const value = worst[i] ?? 0;
    const { topologyKey } = entry;
    return entry.weights === undefined ? { topologyKey, value, max: entry.maxSkew } : { topologyKey, value };
  });
}

const NOTHING: readonly Skew[] = [];

/** By index of the entry. Without a look at room, every domain counts as if it had some. */
function worstOf(job: Job, spread: readonly SpreadEntry[], looksAtRoom: boolean): number[] {
  const worst = spread.map(() => 0);
  for (const pool of job.pools) {
    if (pool.held.size === 0) continue;
    const figures = looksAtRoom ? measure(job.request(pool, 0)) : counted(job, pool);
    const { tree } = pool;
    for (let i = 0; i < tree.spreads.length; i++) {
      const node = tree.spreads[i] ?? -1;
      const rule = tree.rules[node];
      // Nothing held is nothing askew.
      if ((figures.holding[node] ?? 0) === 0 || rule?.kind !== 'Spread') continue;
      const start = tree.first[node] ?? 0;
      const end = start + (tree.families[node] ?? 0);
      const skew =
        rule.weights === undefined
          ? skewOf(tree, start, end, figures, rule.entry, looksAtRoom)
          : distanceFromShares(tree, start, end, figures, rule.weights);
      if (skew > (worst[rule.index] ?? 0)) worst[rule.index] = skew;
    }
    if (tree.hasEntries) compareHosts(pool, figures, looksAtRoom, worst);
  }
  return worst;
}

/** What every node holds. */
function counted({ shelf }: Job, { tree, held }: Pool): Figures {
  const { size, leaves, parents, positions } = tree;
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
  return figures;
}

function skewOf(
  { eligible }: Pool['tree'],
  start: number,
  end: number,
  { holding, capacity }: Figures,
  entry: SpreadEntry,
  looksAtRoom: boolean,
): number {
  let most = 0;
  let least = Infinity;
  let domains = 0;
  for (let child = start; child < end; child++) {
    if ((eligible[child] ?? 0) === 0) continue;
    const holds = holding[child] ?? 0;
    domains += 1;
    if (holds > most) most = holds;
    const counts = entry.fullDomainsBlock || !looksAtRoom || (capacity[child] ?? 0) > holds;
    if (counts && holds < least) least = holds;
  }
  if (domains === 0) return 0;
  return domains < entry.minDomains ? most : Math.max(0, most - least);
}

/** How far what is held is from the shares: of those that are equally due, the ones that are nearest. */
function distanceFromShares(
  tree: Pool['tree'],
  start: number,
  end: number,
  figures: Figures,
  weights: Float64Array,
): number {
  if (isApportioned(tree, start, end, figures, weights)) return 0;
  const { eligible } = tree;
  const { holding, share, bound, floor } = figures;
  let total = 0;
  for (let child = start; child < end; child++) {
    const counts = (eligible[child] ?? 0) > 0;
    if (counts) total += holding[child] ?? 0;
    floor[child] = 0;
    bound[child] = counts ? Infinity : 0;
  }
  websterInto(share, total, weights, floor, bound, start, end, heldFirst(holding));
  let worst = 0;
  for (let child = start; child < end; child++)
    if ((eligible[child] ?? 0) > 0) worst = Math.max(worst, Math.abs((holding[child] ?? 0) - (share[child] ?? 0)));
  return worst;
}

/**
 * Whether what is held are Webster shares: nobody's last seat was due later than the next seat of another, max (h − ½)/w ≤
 * min (h + ½)/w (Balinski and Young 1982).
 */
function isApportioned(
  { eligible }: Pool['tree'],
  start: number,
  end: number,
  { holding }: Figures,
  weights: Float64Array,
): boolean {
  let last = 0;
  let weightOfLast = 1;
  let next = Infinity;
  let weightOfNext = 1;
  for (let child = start; child < end; child++) {
    if ((eligible[child] ?? 0) === 0) continue;
    const weight = weights[child - start] ?? 0;
    const held = holding[child] ?? 0;
    if (weight <= 0 && held > 0) return false;
    if (weight <= 0) continue;
    // Whole numbers, compared by cross-multiplication.
    if (held > 0 && (2 * held - 1) * weightOfLast > last * weight) {
      last = 2 * held - 1;
      weightOfLast = weight;
    }
    if ((2 * held + 1) * weightOfNext < next * weight) {
      next = 2 * held + 1;
      weightOfNext = weight;
    }
  }
  return last * weightOfNext <= next * weightOfLast;
}

/** Of those that are equally due, who has the seat already. */
const heldFirst =
  (holding: Float64Array) =>
  (child: number, seat: number): number =>
    seat > (holding[child] ?? 0) ? 1 : 0;

/** Entries by host: leaves stand for them. */
function compareHosts({ tree, held }: Pool, figures: Figures, looksAtRoom: boolean, worst: number[]): void {
  const { positions, leaves, eligible, starts, ends } = tree;
  const { bound: most, share: least, asked: holders, floor: roomOfHolders, capacity, holding } = figures;
  for (let i = 0; i < held.size; i++) {
    const leaf = leaves[positions[held.hosts[i] ?? -1] ?? -1] ?? 0;
    most[leaf] = 0;
    least[leaf] = Infinity;
    holders[leaf] = 0;
    roomOfHolders[leaf] = 0;
  }
  for (let i = 0; i < held.size; i++) {
    const position = positions[held.hosts[i] ?? -1] ?? -1;
    const leaf = leaves[position] ?? 0;
    const count = held.counts[i] ?? 0;
    const room = looksAtRoom ? figures.roomAt(position) : 1;
    holders[leaf] = (holders[leaf] ?? 0) + 1;
    roomOfHolders[leaf] = (roomOfHolders[leaf] ?? 0) + room;
    if (count > (most[leaf] ?? 0)) most[leaf] = count;
    if (count < (least[leaf] ?? 0) && room > 0) least[leaf] = count;
  }
  for (let i = 0; i < held.size; i++) {
    const leaf = leaves[positions[held.hosts[i] ?? -1] ?? -1] ?? 0;
    const entry = tree.entries[leaf];
    if (entry === undefined) continue;
    // Whatever room is left elsewhere is on hosts that hold none.
    const hasOthers = looksAtRoom
      ? (capacity[leaf] ?? 0) - (holding[leaf] ?? 0) > (roomOfHolders[leaf] ?? 0)
      : (eligible[leaf] ?? 0) > 0 && (ends[leaf] ?? 0) - (starts[leaf] ?? 0) > (holders[leaf] ?? 0);
    const skew = (most[leaf] ?? 0) - (hasOthers ? 0 : (least[leaf] ?? 0));
    if (skew > (worst[entry.index] ?? 0)) worst[entry.index] = skew;
  }
}
