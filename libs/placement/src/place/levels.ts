import { labels as names } from '@kasmcloud/kube-api';
import type { Distribution, SpreadEntry } from '../model/distribution.ts';
import { compareText } from '../model/hash.ts';
import { selects } from '../filter/selector.ts';
import { weightOf } from '../filter/preference.ts';
import { holdsAny } from '../filter/term.ts';
import { judgeTaints } from '../filter/taint.ts';
import type { HostView, Inventory } from './inventory.ts';
import { Tree, type Draft, type Rule } from './tree.ts';

/** Hosts that nothing in this tree tells apart. */
export interface Member {
  /** Any of them. */
  readonly host: HostView;
  /** Their numbers, ascending. */
  readonly hosts: Int32Array;
}

interface Part {
  readonly value: string;
  readonly members: readonly Member[];
}

/** Divides members into parts, and says by which rule replicas go to them. */
interface Level {
  readonly divide: (members: readonly Member[]) => { readonly rule: Rule; readonly parts: readonly Part[] };
  /** The level divides by host alone, as leaves do: below it there is nothing. */
  readonly leaf?: Draft['entry'];
}

/** Builds the tree over `members`. O(classes of hosts × levels + hosts). */
export function buildTree(distribution: Distribution, members: readonly Member[], inventory: Inventory): Tree {
  const levels = levelsOf(distribution);
  const isPacked = distribution.mode === 'Pack';
  return new Tree(build('', members, 0), isPacked, inventory.hosts, scores(distribution, members));

  function build(value: string, inside: readonly Member[], depth: number): Draft {
    const level = levels[depth];
    if (level === undefined || level.leaf !== undefined) return leaf(value, inside, level?.leaf);
    const { rule, parts } = level.divide(inside);
    const [only] = parts;
    // A single part under a rule that binds no part is no level at all.
    if (only !== undefined && parts.length === 1 && rule.kind !== 'Spread') return build(value, inside, depth + 1);
    const children = parts.map((part) => build(part.value, part.members, depth + 1));
    return { value, rule, children, hosts: NO_HOSTS, entry: undefined };
  }

  function leaf(value: string, inside: readonly Member[], entry: Draft['entry']): Draft {
    const numbers = new Int32Array(inside.reduce((sum, { hosts }) => sum + hosts.length, 0));
    let filled = 0;
    for (const { hosts } of inside) {
      numbers.set(hosts, filled);
      filled += hosts.length;
    }
    return { value, rule: undefined, children: [], hosts: numbers.toSorted(), entry };
  }
}

/** Where neighbours have a say in what is preferred, that is no level: it is decided host by host. */
function scores(distribution: Distribution, members: readonly Member[]): ((host: number) => number) | undefined {
  if (!isScored(distribution)) return undefined;
  const byHost = new Map<number, number>();
  const scoreOf = preferenceOf(distribution);
  for (const member of members) {
    const score = scoreOf(member);
    if (score !== 0) for (const host of member.hosts) byHost.set(host, score);
  }
  return (host) => byHost.get(host) ?? 0;
}

const isScored = ({ mode, affinity, antiAffinity }: Distribution): boolean =>
  mode !== 'Daemon' && affinity.preferred.length + antiAffinity.preferred.length > 0;

/** Topology keys by which a distribution prefers not to be beside itself: it is spread softly over them. */
export const keptApart = ({ antiAffinity, namespace, labels }: Distribution): string[] =>
  antiAffinity.preferred
    .filter(({ term }) => term.namespaces.includes(namespace) && selects(term.selector, labels))
    .map(({ term }) => term.topologyKey)
    .filter((key) => key !== names.hostname);

const NO_HOSTS = new Int32Array(0);

/** Labels that the levels and the terms of a distribution look at. */
export function keysOf(distribution: Distribution): string[] {
  const { hosts, spread, groups, mode } = distribution;
  const terms = [...hosts.required, ...hosts.preferred.map(({ term }) => term)].flat();
  const entries = spread.filter((entry) => mode === 'Pack' || !isByHost(entry));
  return [
    ...terms.map(({ key }) => key),
    ...entries.map(({ topologyKey }) => topologyKey),
    ...groups.flatMap(({ requirements }) => Object.keys(requirements)),
    ...keptApart(distribution),
  ];
}

/** Tiers first, then the spread entries, then what is preferred, then clusters; the hosts themselves are the leaves. */
function levelsOf(distribution: Distribution): Level[] {
  if (distribution.mode === 'Daemon') return [];
  const levels: Level[] = [];
  if (distribution.tiers.length > 0) levels.push(tiersLevel(distribution));
  for (const [index, entry] of distribution.spread.entries()) {
    const byHost = isByHost(entry) && distribution.mode !== 'Pack';
    levels.push(
      ...(byHost
        ? [{ ...spreadLevel(entry, index), leaf: { entry, index } }]
        : [labelledFirst(entry), spreadLevel(entry, index)]),
    );
  }
  for (const key of keptApart(distribution)) levels.push(apartLevel(key));
  if (isScored(distribution)) return levels;
  levels.push(preferenceLevel(distribution));
  const rule: Rule = distribution.mode === 'Pack' ? { kind: 'Packed' } : { kind: 'Even' };
  levels.push({ divide: (members) => ({ rule, parts: partition(members, ({ cluster }) => cluster.name) }) });
  return levels;
}

/** Whether an entry asks for nothing but level hosts, which is what leaves are. */
function isByHost({ topologyKey, weights, min, max, minDomains, maxDomains, fullDomainsBlock }: SpreadEntry): boolean {
  const isBounded = min > 0 || max !== Infinity || maxDomains !== Infinity || minDomains > 1 || fullDomainsBlock;
  return topologyKey === names.hostname && weights === undefined && !isBounded;
}

function tiersLevel({ tiers }: Distribution): Level {
  const rule: Rule = { kind: 'Ordered', overflow: tiers.map(({ overflow }) => overflow) };
  const rank = ({ host }: Member): number => tiers.findIndex((tier) => holdsAny(tier.required, host.cluster.labels));
  return {
    divide: (members) => {
      const parts = Map.groupBy(members, rank);
      // Hosts of no tier keep what they have until it is moved: they stand in no part and so in no tree.
      return { rule, parts: tiers.map((tier, index) => ({ value: tier.name, members: parts.get(index) ?? [] })) };
    },
  };
}

/** Hosts without the label come last: they belong to no domain and count in none. */
function labelledFirst(entry: SpreadEntry): Level {
  const isLabelled = ({ host }: Member): boolean => host.domain(entry.topologyKey) !== undefined;
  return {
    divide: (members) => {
      const parts = Map.groupBy(members, isLabelled);
      return inOrder([
        { value: 'labelled', members: parts.get(true) ?? [] },
        { value: 'unlabelled', members: parts.get(false) ?? [] },
      ]);
    },
  };
}

function spreadLevel(entry: SpreadEntry, index: number): Level {
  return {
    divide: (members) => {
      const parts = partition(members, (host) => host.domain(entry.topologyKey) ?? '');
      const labelled = members.every(({ host }) => host.domain(entry.topologyKey) !== undefined);
      return { rule: labelled ? spreadRule(entry, index, parts) : { kind: 'Even' }, parts };
    },
  };
}

function spreadRule(entry: SpreadEntry, index: number, parts: readonly Part[]): Rule {
  const weightOf = ({ value }: Part): number => entry.weights?.get(value) ?? entry.weights?.get('*') ?? 0;
  return { kind: 'Spread', entry, index, weights: entry.weights && Float64Array.from(parts, weightOf) };
}

/** As level as possible over the values of a label; hosts without it are one more part. */
const apartLevel = (topologyKey: string): Level => ({
  divide: (members) => ({
    rule: { kind: 'Even' },
    parts: partition(members, (host) => host.domain(topologyKey) ?? ''),
  }),
});

/** Highest sum of preferred weights first; hosts with a PreferNoSchedule taint after all the others. */
function preferenceLevel(distribution: Distribution): Level {
  const score = preferenceOf(distribution);
  return {
    divide: (members) => {
      const parts = [...Map.groupBy(members, score)].toSorted(([a], [b]) => b - a);
      return inOrder(parts.map(([value, inside]) => ({ value: String(value), members: inside })));
    },
  };
}

/** What the preferred terms say of hosts; a PreferNoSchedule taint outweighs them all. */
const preferenceOf =
  (distribution: Distribution) =>
  ({ host }: Member): number => {
    const isShunned = judgeTaints(host.taints, distribution.tolerations) === 'Avoid';
    return weightOf(distribution, host) - (isShunned ? 1e9 : 0);
  };

function inOrder(parts: readonly Part[]): { rule: Rule; parts: readonly Part[] } {
  return { rule: { kind: 'Ordered', overflow: undefined }, parts: parts.filter((part) => part.members.length > 0) };
}

function partition(members: readonly Member[], valueOf: (host: HostView) => string): Part[] {
  const parts = [...Map.groupBy(members, ({ host }) => valueOf(host))];
  return parts.map(([value, inside]) => ({ value, members: inside })).toSorted((a, b) => compareText(a.value, b.value));
}
