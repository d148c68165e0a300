import type { SpreadEntry } from '../model/distribution.ts';
import { mix } from '../model/hash.ts';
import { skewBounds } from '../apportion/skew.ts';
import { webster } from '../apportion/webster.ts';
import type { Figures } from './figures.ts';
import type { Likes } from './likes.ts';
import { bounds, type Rule, type Tree } from './tree.ts';

/** Constraints of a tree that can be taken as absent. */
export type Without = ReadonlySet<'spread' | 'tiers'>;

/**
 * Most that each child of a branch may hold, by number of the node; never less than it holds, since hard constraints bind
 * new placements only. `asked` is what the branch is asked for; undefined while that is not known, and then shares do not bound.
 * Gives the capacities themselves where nothing bounds, else writes into `figures.bound`.
 */
export function childBounds(
  tree: Tree,
  branch: number,
  figures: Figures,
  asked: number | undefined,
  seed: number,
  without?: Without,
  liked?: Likes,
): Float64Array {
  const rule = tree.rules[branch];
  if (rule === undefined || !bounds(rule, tree.families[branch] ?? 0)) return figures.capacity;
  if (rule.kind === 'Ordered' && rule.overflow !== undefined && without?.has('tiers') !== true)
    return tierBounds(tree, branch, figures, rule.overflow);
  if (rule.kind === 'Spread' && without?.has('spread') !== true)
    return spreadBounds(tree, branch, figures, rule, asked, seed, liked);
  return figures.capacity;
}

/** A tier takes nothing new while one before it that does not overflow has an eligible host. */
function tierBounds(
  tree: Tree,
  branch: number,
  { holding, capacity, bound }: Figures,
  overflow: readonly boolean[],
): Float64Array {
  const first = tree.first[branch] ?? 0;
  let closed = false;
  for (const [i, overflows] of overflow.entries()) {
    const child = first + i;
    bound[child] = (closed ? holding[child] : capacity[child]) ?? 0;
    closed ||= !overflows && (tree.eligible[child] ?? 0) > 0;
  }
  return bound;
}

function spreadBounds(
  tree: Tree,
  branch: number,
  figures: Figures,
  { entry, weights }: Rule & { kind: 'Spread' },
  asked: number | undefined,
  seed: number,
  liked: Likes | undefined,
): Float64Array {
  const { holding, capacity, bound } = figures;
  const start = tree.first[branch] ?? 0;
  const end = start + (tree.families[branch] ?? 0);
  if (!entry.block && entry.max === Infinity && end - start <= entry.maxDomains) {
    for (let child = start; child < end; child++)
      bound[child] = (weights?.[child - start] === 0 ? holding[child] : capacity[child]) ?? 0;
    return bound;
  }
  const isChosen = chooseDomains(tree, start, end, entry, figures, asked ?? Infinity, seed, liked);
  for (let child = start; child < end; child++) {
    const may = weights?.[child - start] !== 0 && isChosen(child);
    bound[child] = Math.max(holding[child] ?? 0, may ? Math.min(capacity[child] ?? 0, entry.max) : 0);
  }
  if (!entry.block) return bound;
  const counted: number[] = [];
  for (let child = start; child < end; child++)
    if ((tree.eligible[child] ?? 0) > 0 && isChosen(child)) counted.push(child);
  if (weights === undefined) {
    // Fewer domains than minDomains: the smallest counts as empty, as in Kubernetes.
    const isFew = counted.length < entry.minDomains;
    if (!isFew && (!entry.fullDomainsBlock || counted.length === 0)) return bound;
    const minimum = isFew ? 0 : Math.min(...counted.map((child) => bound[child] ?? 0));
    bound.set(skewBounds(bound.slice(start, end), holding.subarray(start, end), minimum, entry.maxSkew), start);
  } else if (asked !== undefined) {
    const rank = (i: number): number => mix(seed, tree.nodeSeeds[start + i] ?? 0);
    const present = weights.map((weight, i) => (counted.includes(start + i) ? weight : 0));
    const none = new Float64Array(end - start);
    const shares = webster(asked, present, none, none.slice().fill(asked), rank);
    for (const [i, share] of shares.entries())
      bound[start + i] = Math.max(holding[start + i] ?? 0, Math.min(bound[start + i] ?? 0, share));
  }
  return bound;
}

/**
 * At most `maxDomains`: those in use, then those with most room; but among those with room for all that is asked, the ones
 * where it is now, so that room that comes and goes elsewhere draws nobody away.
 */
function chooseDomains(
  tree: Tree,
  start: number,
  end: number,
  { maxDomains }: SpreadEntry,
  { holding, capacity }: Figures,
  asked: number,
  seed: number,
  liked: Likes | undefined,
): (child: number) => boolean {
  if (end - start <= maxDomains) return () => true;
  const order: number[] = [];
  for (let child = start; child < end; child++) if ((tree.present[child] ?? 0) > 0) order.push(child);
  if (order.length <= maxDomains) return () => true;
  const rank = (child: number): number => mix(seed, tree.nodeSeeds[child] ?? 0);
  order.sort((a, b) => {
    const used = Number((holding[b] ?? 0) > 0) - Number((holding[a] ?? 0) > 0);
    const more = Math.min(asked, capacity[b] ?? 0) - Math.min(asked, capacity[a] ?? 0);
    const there = liked === undefined ? 0 : liked.in(b, 1) - liked.in(a, 1);
    return used || more || there || (capacity[b] ?? 0) - (capacity[a] ?? 0) || rank(a) - rank(b) || a - b;
  });
  const chosen = new Set(order.slice(0, maxDomains));
  return (child) => chosen.has(child);
}
