import type { SpreadEntry } from '../model/distribution.ts';
import { mix } from '../model/hash.ts';
import { skewBounds } from '../apportion/skew.ts';
import { webster } from '../apportion/webster.ts';
import type { Figures } from './figures.ts';
import type { Branch, Node } from './tree.ts';

/** Weight of each child under an entry with weights; undefined without. */
export function spreadWeights(entry: SpreadEntry, children: readonly Node[]): number[] | undefined {
  const { weights } = entry;
  if (weights === undefined) return undefined;
  return children.map((child) => weights.get(child.value) ?? weights.get('*') ?? 0);
}

/**
 * Most that each child may hold. Never less than it holds: hard constraints bind new placements only.
 * `asked` is what the branch is asked for; undefined while that is not known, and then shares do not bound.
 */
export function childBounds(
  branch: Branch,
  figures: Figures,
  asked: number | undefined,
  seed: number,
  without?: ReadonlySet<'spread' | 'tiers'>,
): number[] {
  const { children, rule } = branch;
  const held = children.map((child) => figures.holding[child.id] ?? 0);
  const capacity = children.map((child) => figures.capacity[child.id] ?? 0);
  switch (rule.kind) {
    case 'Even':
    case 'Packed':
      return capacity;
    case 'Ordered':
      return without?.has('tiers') === true
        ? capacity
        : capacity.map((room, i) => (rule.closed[i] === true ? (held[i] ?? 0) : room));
    case 'Spread':
      return without?.has('spread') === true
        ? capacity
        : spreadBounds(rule.entry, children, held, capacity, asked, seed);
  }
}

function spreadBounds(
  entry: SpreadEntry,
  children: readonly Node[],
  held: readonly number[],
  capacity: readonly number[],
  asked: number | undefined,
  seed: number,
): number[] {
  const weights = spreadWeights(entry, children);
  const isFree = weights === undefined && !entry.block && entry.max === Infinity;
  if (isFree && children.length <= entry.maxDomains) return [...capacity];
  const chosen = chooseDomains(entry, children, held, capacity, seed);
  const own = capacity.map((room, i) => {
    const most = chosen.has(i) && weights?.[i] !== 0 ? Math.min(room, entry.max) : 0;
    return Math.max(held[i] ?? 0, most);
  });
  if (!entry.block) return own;
  const counted = children.flatMap((child, i) => (child.counted && chosen.has(i) ? [i] : []));
  if (weights !== undefined) {
    if (asked === undefined) return own;
    const rank = (i: number): number => mix(seed, children[i]?.seed ?? 0);
    const present = weights.map((weight, i) => (counted.includes(i) ? weight : 0));
    const open = children.map(() => asked);
    const shares = webster(
      asked,
      present,
      children.map(() => 0),
      open,
      rank,
    );
    return own.map((room, i) => Math.max(held[i] ?? 0, Math.min(room, shares[i] ?? 0)));
  }
  // Fewer domains than minDomains: the smallest counts as empty, as in Kubernetes.
  if (counted.length < entry.minDomains) return skewBounds(own, held, 0, entry.maxSkew);
  if (!entry.fullDomainsBlock || counted.length === 0) return own;
  return skewBounds(own, held, Math.min(...counted.map((i) => own[i] ?? 0)), entry.maxSkew);
}

/** At most `maxDomains`: those in use, then those with most room. */
function chooseDomains(
  entry: SpreadEntry,
  children: readonly Node[],
  held: readonly number[],
  capacity: readonly number[],
  seed: number,
): ReadonlySet<number> {
  const order = children.map((_, i) => i);
  if (children.length <= entry.maxDomains) return new Set(order);
  const rank = (i: number): number => mix(seed, children[i]?.seed ?? 0);
  order.sort((a, b) => {
    const used = Number((held[b] ?? 0) > 0) - Number((held[a] ?? 0) > 0);
    return used || (capacity[b] ?? 0) - (capacity[a] ?? 0) || rank(a) - rank(b) || a - b;
  });
  return new Set(order.slice(0, entry.maxDomains));
}
