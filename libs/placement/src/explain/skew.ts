import type { SpreadEntry } from '../model/distribution.ts';
import type { Skew } from '../model/plan.ts';
import { websterInto } from '../apportion/webster.ts';
import { measure, type Figures } from '../place/figures.ts';
import type { Request } from '../place/allocate.ts';
import type { Job } from '../place/job.ts';

/**
 * The worst skew of every spread entry, over all places where it is evaluated. O(nodes + what is held) for each pool.
 * A domain that neighbours keep the distribution from has no room, and so can only make a skew smaller: the neighbours
 * are asked where a skew would be too large.
 */
export function explainSkew(job: Job): Skew[] {
  if (job.distribution.spread.length === 0 || job.distribution.mode === 'Daemon') return [];
  const skews = measureSkew(job, ALONE);
  return skews.some(({ value, max = Infinity }) => value > max) ? measureSkew(job, NONE) : skews;
}

const ALONE = { isAlone: true };
const NONE = {};

function measureSkew(job: Job, options: { readonly isAlone?: boolean }): Skew[] {
  const { spread } = job.distribution;
  const worst = spread.map(() => 0);
  const note = (index: number, skew: number): void => {
    if (skew > (worst[index] ?? 0)) worst[index] = skew;
  };
  for (const pool of job.pools) {
    const request = job.request(pool, 0, options);
    const { tree } = request;
    const figures = measure(request);
    const ofHosts = skewOfHosts(request);
    for (let node = 0; node < tree.size; node++) {
      const rule = tree.rules[node];
      const entry = tree.entries[node];
      if (rule?.kind === 'Spread') note(rule.index, skewOfFamily(request, node, figures, rule.entry, rule.weights));
      else if (entry !== undefined && rule === undefined) note(entry.index, ofHosts[node] ?? 0);
    }
  }
  return spread.map((entry, index) => ({
    topologyKey: entry.topologyKey,
    value: worst[index] ?? 0,
    ...(entry.weights === undefined && { max: entry.maxSkew }),
  }));
}

function skewOfFamily(
  { tree, seed }: Request,
  branch: number,
  figures: Figures,
  entry: SpreadEntry,
  weights: Float64Array | undefined,
): number {
  const { holding, capacity } = figures;
  // Nothing held is nothing askew.
  if ((holding[branch] ?? 0) === 0) return 0;
  const start = tree.first[branch] ?? 0;
  const end = start + (tree.families[branch] ?? 0);
  if (weights !== undefined) return distanceFromShares(tree, start, end, figures, weights, seed);
  let most = 0;
  let least = Infinity;
  let counted = 0;
  for (let child = start; child < end; child++) {
    if ((tree.eligible[child] ?? 0) === 0) continue;
    const holds = holding[child] ?? 0;
    counted += 1;
    if (holds > most) most = holds;
    // A domain without room is left out of the minimum, unless the entry says that it holds the others back.
    const counts = entry.fullDomainsBlock || (capacity[child] ?? 0) > holds;
    if (counts && holds < least) least = holds;
  }
  if (counted === 0) return 0;
  return counted < entry.minDomains ? most : Math.max(0, most - least);
}

function distanceFromShares(
  { eligible, nodeSeeds }: Request['tree'],
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
  websterInto(share, total, weights, floor, bound, { start, end }, (child) => (seed ^ (nodeSeeds[child] ?? 0)) >>> 0);
  let worst = 0;
  for (let child = start; child < end; child++)
    if ((eligible[child] ?? 0) > 0) worst = Math.max(worst, Math.abs((holding[child] ?? 0) - (share[child] ?? 0)));
  return worst;
}

/** Skews of the leaves that stand for an entry by host; hosts without room are left out of the minimum. O(nodes + what is held). */
function skewOfHosts({ tree, rooms, exceptions, held }: Request): Float64Array {
  const most = new Float64Array(tree.size);
  const least = new Float64Array(tree.size).fill(Infinity);
  const roomHere = new Float64Array(tree.size);
  for (const [position, count] of held) {
    const leaf = tree.leaves[position] ?? 0;
    roomHere[leaf] = (roomHere[leaf] ?? 0) + (rooms.at[position] ?? 0);
    if (count > (most[leaf] ?? 0)) most[leaf] = count;
    if ((exceptions.get(position) ?? 0) > 0 && count < (least[leaf] ?? 0)) least[leaf] = count;
  }
  return most.map((highest, leaf) => {
    // Whatever room is left elsewhere is on hosts that hold none.
    const lowest = (rooms.inLeaf[leaf] ?? 0) > (roomHere[leaf] ?? 0) ? 0 : (least[leaf] ?? 0);
    return Math.max(0, highest - lowest);
  });
}
