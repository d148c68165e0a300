import type { Distribution, SpreadEntry } from '../model/distribution.ts';
import { compareText, hashText } from '../model/hash.ts';
import { holds, holdsAny } from '../filter/term.ts';
import { judgeTaints } from '../filter/taint.ts';
import type { Verdict } from '../filter/verdict.ts';
import type { HostView } from './inventory.ts';

/** How a branch divides its replicas among its children. */
export type Rule =
  /** One entry of `spread`; `index` is its place in the spec. */
  | { readonly kind: 'Spread'; readonly entry: SpreadEntry; readonly index: number }
  /** As level as possible. */
  | { readonly kind: 'Even' }
  /** As few children as possible. */
  | { readonly kind: 'Packed' }
  /** Each child full before the next; a closed child takes nothing new. */
  | { readonly kind: 'Ordered'; readonly closed: readonly boolean[] };

interface Domain {
  /** Number of the node within its tree. */
  readonly id: number;
  /** Value of the topology key; what weights go by. */
  readonly value: string;
  readonly seed: number;
  /** Whether an eligible host is in it: only then does it count in a skew. */
  readonly counted: boolean;
}

export interface Branch extends Domain {
  readonly kind: 'Branch';
  readonly rule: Rule;
  readonly children: readonly Node[];
}

/** The hosts `start ≤ position < end` of the tree. */
export interface Leaf extends Domain {
  readonly kind: 'Leaf';
  readonly packed: boolean;
  readonly start: number;
  readonly end: number;
}

export type Node = Branch | Leaf;

/** Every host that may hold a replica, arranged by the domains that matter to one distribution. */
export interface Tree {
  readonly root: Node;
  /** Number of nodes. */
  readonly size: number;
  readonly hosts: readonly HostView[];
  /** By position: number of the host in the inventory. */
  readonly indices: Int32Array;
  /** By position: hash of the host, for ties. */
  readonly seeds: Uint32Array;
  /** By position: whether the host takes anything new. */
  readonly open: readonly boolean[];
  /** By position: whether what the host has neither grows nor shrinks. */
  readonly frozen: readonly boolean[];
  /** By position: number of the leaf that the host is in. */
  readonly leaves: Int32Array;
  /** Position by number of the host in the inventory; -1 when it is not in the tree. */
  readonly positions: Int32Array;
}

interface Member {
  readonly host: HostView;
  readonly verdict: Verdict;
}

interface Part {
  readonly value: string;
  readonly members: readonly Member[];
}

/** Divides members into parts, and says by which rule replicas go to them. */
type Level = (members: readonly Member[]) => { readonly rule: Rule; readonly parts: readonly Part[] };

/** Builds the tree over `members`, which are in inventory order; `total` is the size of the inventory. */
export function buildTree(distribution: Distribution, members: readonly Member[], total: number): Tree {
  const levels = levelsOf(distribution);
  const packed = distribution.mode === 'Pack';
  const placed: Member[] = [];
  const leaves: number[] = [];
  let size = 0;
  const root = build('', members, 0);
  const positions = new Int32Array(total).fill(-1);
  for (const [position, { host }] of placed.entries()) positions[host.index] = position;
  return {
    root,
    size,
    hosts: placed.map(({ host }) => host),
    indices: Int32Array.from(placed, ({ host }) => host.index),
    seeds: Uint32Array.from(placed, ({ host }) => host.seed),
    open: placed.map(({ verdict }) => verdict.use === 'Open'),
    frozen: placed.map(({ verdict }) => verdict.frozen),
    leaves: Int32Array.from(leaves),
    positions,
  };

  function build(value: string, inside: readonly Member[], depth: number): Node {
    const level = levels[depth];
    const division = level?.(inside);
    const only = division?.parts[0];
    // A single part under a rule that binds no part is no level at all.
    if (only !== undefined && division?.parts.length === 1 && division.rule.kind !== 'Spread')
      return build(value, inside, depth + 1);
    const counted = inside.some(({ verdict }) => verdict.use === 'Open' || verdict.use === 'Full');
    const domain: Domain = { id: size++, value, seed: hashText(value), counted };
    if (division === undefined) {
      const start = placed.length;
      for (const member of inside) {
        placed.push(member);
        leaves.push(domain.id);
      }
      return { ...domain, kind: 'Leaf', packed, start, end: placed.length };
    }
    const children = division.parts.map((part) => build(part.value, part.members, depth + 1));
    return { ...domain, kind: 'Branch', rule: division.rule, children };
  }
}

/** Tiers first, then the spread entries, then what is preferred, then clusters; the hosts themselves are the leaves. */
function levelsOf(distribution: Distribution): Level[] {
  if (distribution.mode === 'Daemon') return [];
  const levels: Level[] = [];
  if (distribution.tiers.length > 0) levels.push(tiersLevel(distribution));
  for (const [index, entry] of distribution.spread.entries())
    levels.push(labelledFirst(entry), spreadLevel(entry, index));
  levels.push(preferenceLevel(distribution));
  const rule: Rule = distribution.mode === 'Pack' ? { kind: 'Packed' } : { kind: 'Even' };
  levels.push((members) => ({ rule, parts: partition(members, ({ host }) => host.cluster.name) }));
  return levels;
}

function tiersLevel({ tiers }: Distribution): Level {
  return (members) => {
    const rank = ({ host }: Member): number => tiers.findIndex((tier) => holdsAny(tier.required, host.cluster.labels));
    const parts = tiers.map((tier, index) => ({
      value: tier.name,
      members: members.filter((one) => rank(one) === index),
    }));
    const usable = parts.map((part) =>
      part.members.some(({ verdict }) => verdict.use === 'Open' || verdict.use === 'Full'),
    );
    const closed = tiers.map((_, index) =>
      tiers.slice(0, index).some((tier, i) => !tier.overflow && usable[i] === true),
    );
    // Hosts of no tier keep what they have until it is moved: they stand in no part and so in no tree.
    return { rule: { kind: 'Ordered', closed }, parts };
  };
}

/** Hosts without the label come last: they belong to no domain and count in none. */
function labelledFirst(entry: SpreadEntry): Level {
  return (members) => {
    const labelled = members.filter(({ host }) => host.domain(entry.topologyKey) !== undefined);
    const rest = members.filter(({ host }) => host.domain(entry.topologyKey) === undefined);
    return inOrder([
      { value: 'labelled', members: labelled },
      { value: 'unlabelled', members: rest },
    ]);
  };
}

function spreadLevel(entry: SpreadEntry, index: number): Level {
  const rule: Rule = { kind: 'Spread', entry, index };
  const even: Rule = { kind: 'Even' };
  return (members) => {
    const parts = partition(members, ({ host }) => host.domain(entry.topologyKey) ?? '');
    const labelled = members.every(({ host }) => host.domain(entry.topologyKey) !== undefined);
    return { rule: labelled ? rule : even, parts };
  };
}

/** Highest sum of preferred weights first; hosts with a PreferNoSchedule taint after all the others. */
function preferenceLevel(distribution: Distribution): Level {
  const score = ({ host }: Member): number => {
    const { clusters, hosts } = distribution;
    const ofCluster = clusters.preferred.filter(({ term }) => holds(term, host.cluster.labels));
    const ofHost = hosts.preferred.filter(({ term }) => holds(term, host.labels));
    const weight = [...ofCluster, ...ofHost].reduce((sum, preference) => sum + preference.weight, 0);
    return judgeTaints(host.taints, distribution.tolerations) === 'Avoid' ? weight - 1e9 : weight;
  };
  return (members) => {
    const classes = Map.groupBy(members, score);
    const scores = [...classes.keys()].toSorted((a, b) => b - a);
    return inOrder(scores.map((value) => ({ value: String(value), members: classes.get(value) ?? [] })));
  };
}

function inOrder(parts: readonly Part[]): { rule: Rule; parts: readonly Part[] } {
  const present = parts.filter((part) => part.members.length > 0);
  return { rule: { kind: 'Ordered', closed: present.map(() => false) }, parts: present };
}

function partition(members: readonly Member[], valueOf: (member: Member) => string): Part[] {
  const groups = Map.groupBy(members, valueOf);
  return [...groups]
    .map(([value, inside]) => ({ value, members: inside }))
    .toSorted((a, b) => compareText(a.value, b.value));
}
