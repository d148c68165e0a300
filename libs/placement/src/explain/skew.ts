import type { SpreadEntry } from '../model/distribution.ts';
import type { Skew } from '../model/plan.ts';
import { webster } from '../apportion/webster.ts';
import { measure, type Figures } from '../place/figures.ts';
import type { Request } from '../place/allocate.ts';
import type { Job } from '../place/job.ts';

/** The worst skew of every spread entry, over all places where it is evaluated. O(nodes + what is held) for each pool. */
export function explainSkew(job: Job): Skew[] {
  const { spread } = job.distribution;
  if (spread.length === 0 || job.distribution.mode === 'Daemon') return [];
  const worst = spread.map(() => 0);
  const note = (index: number, skew: number): void => {
    if (skew > (worst[index] ?? 0)) worst[index] = skew;
  };
  for (const pool of job.pools) {
    const request = job.request(pool, 0);
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
  { holding, capacity }: Figures,
  entry: SpreadEntry,
  weights: Float64Array | undefined,
): number {
  // Nothing held is nothing askew.
  if ((holding[branch] ?? 0) === 0) return 0;
  const start = tree.first[branch] ?? 0;
  const end = start + (tree.families[branch] ?? 0);
  if (weights !== undefined) return distanceFromShares(tree, start, end, holding, weights, seed);
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
  holding: Float64Array,
  weights: Float64Array,
  seed: number,
): number {
  const counted: number[] = [];
  for (let child = start; child < end; child++) if ((eligible[child] ?? 0) > 0) counted.push(child);
  const held = counted.map((child) => holding[child] ?? 0);
  const total = held.reduce((a, b) => a + b, 0);
  const shares = webster(
    total,
    counted.map((child) => weights[child - start] ?? 0),
    held.map(() => 0),
    held.map(() => total),
    (i) => (seed ^ (nodeSeeds[counted[i] ?? 0] ?? 0)) >>> 0,
  );
  return held.reduce((worst, count, i) => Math.max(worst, Math.abs(count - (shares[i] ?? 0))), 0);
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
