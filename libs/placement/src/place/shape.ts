import type { Distribution, SpreadEntry } from '../model/distribution.ts';
import { matchesAll } from '../filter/term.ts';
import { codeOf, judge, VERDICTS, type Verdict } from '../filter/verdict.ts';
import type { HostView, Inventory } from './inventory.ts';
import { buildTree, keptApart, keysOf, type Member } from './levels.ts';
import type { Tree } from './tree.ts';

/** What follows from a distribution's constraints alone: many distributions share one. */
export class Shape {
  /** One tree for each group, in their order; a single one without groups, and for daemons. */
  readonly trees: readonly Tree[];
  /** A distribution with these constraints. */
  readonly #example: Distribution;
  /** By number of the host: number of its verdict. */
  readonly #codes: Uint8Array;

  /** O(hosts + classes of hosts × filters). */
  constructor(distribution: Distribution, inventory: Inventory) {
    const { hosts } = inventory;
    const { members: classes } = inventory.classesBy(keysOf(distribution));
    this.#example = distribution;
    this.#codes = new Uint8Array(hosts.length);
    const members: Member[] = [];
    for (const numbers of classes) {
      const host = hosts[numbers[0] ?? -1];
      if (host === undefined) continue;
      const verdict = judge(distribution, host);
      const code = codeOf(verdict);
      for (const index of numbers) this.#codes[index] = code;
      if (mayEverKeep(distribution, host, verdict)) members.push({ host, hosts: numbers });
    }
    this.trees = partsOf(distribution, members).map((inside) => buildTree(distribution, inside, inventory));
    for (const tree of this.trees) for (const index of tree.indices) tree.judge(index, this.#codes[index] ?? 0);
  }

  verdictOf(host: number): Verdict | undefined {
    return VERDICTS[this.#codes[host] ?? -1];
  }

  /** Whether a host may hold replicas: if not, what it has must go. */
  holds(host: number): boolean {
    for (const { positions } of this.trees) if ((positions[host] ?? -1) >= 0) return true;
    return false;
  }

  /** Whether what a host has may stay there as it is, and is not frozen. */
  keeps(host: number): boolean {
    return KEEPS[this.#codes[host] ?? -1] === true && this.holds(host);
  }

  /** Takes note of a host's new state. */
  review(host: HostView): void {
    const code = codeOf(judge(this.#example, host));
    if (this.#codes[host.index] === code) return;
    this.#codes[host.index] = code;
    for (const tree of this.trees) tree.judge(host.index, code);
  }
}

/** Says only what is not the default: most entries say little. */
function keyOfEntry(entry: SpreadEntry): string {
  const { topologyKey, weights, min, max, minDomains, maxDomains, maxSkew, block, fullDomainsBlock } = entry;
  let key = block ? `\n!${topologyKey}` : `\n${topologyKey}`;
  if (maxSkew !== 1) key += ` skew ${maxSkew}`;
  if (min !== 0 || max !== Infinity) key += ` ${min}..${max}`;
  if (minDomains !== 1 || maxDomains !== Infinity) key += ` in ${minDomains}..${maxDomains}`;
  if (fullDomainsBlock) key += ' full';
  // A value may hold any text: its length says where it ends.
  if (weights !== undefined) for (const [value, weight] of weights) key += ` ${value.length}:${value}=${weight}`;
  return key;
}

/** By number of a verdict: whether what stands may stay, and may go. */
const KEEPS = VERDICTS.map(({ use, frozen }) => use !== 'Out' && !frozen);

/** Lost hosts have their place in the tree, too: they may come back. */
function mayEverKeep(distribution: Distribution, host: HostView, { use, filter }: Verdict): boolean {
  if (use !== 'Out') return true;
  if (filter !== 'HostLost' && filter !== 'ClusterLost') return false;
  return (
    judge(distribution, { ...host, state: 'Ready', cluster: { ...host.cluster, reach: 'Reachable' } }).use !== 'Out'
  );
}

function partsOf({ mode, groups }: Distribution, members: readonly Member[]): (readonly Member[])[] {
  if (mode === 'Daemon' || groups.length === 0) return [members];
  return groups.map(({ requirements }) =>
    members.filter(({ host }) => host.ghost || matchesAll(requirements, host.labels)),
  );
}

/** Works out shapes, each once. */
export class Shapes {
  readonly #inventory: Inventory;
  readonly #known = new Map<string, Shape>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  of(distribution: Distribution): Shape {
    const key = this.#keyOf(distribution);
    let shape = this.#known.get(key);
    if (shape === undefined) this.#known.set(key, (shape = new Shape(distribution, this.#inventory)));
    return shape;
  }

  /** Tells every shape of a host's new state. */
  review(host: HostView): void {
    for (const shape of this.#known.values()) shape.review(host);
  }

  #keyOf(distribution: Distribution): string {
    const { namespace, mode, inPods, clusters, hosts, interfaces, tiers, tolerations, spread, groups, patience } =
      distribution;
    let key = `${this.#served(namespace)} ${mode}`;
    if (inPods) key += ' in pods';
    if (patience.hostMs !== undefined || patience.clusterMs !== undefined)
      key += ` waits ${patience.hostMs} ${patience.clusterMs}`;
    for (const entry of spread) key += keyOfEntry(entry);
    // Most have few of these: what is empty costs nothing.
    for (const list of [
      clusters.required,
      clusters.preferred,
      hosts.required,
      hosts.preferred,
      interfaces,
      tiers,
      tolerations,
      groups,
    ])
      key += list.length === 0 ? ';' : JSON.stringify(list);
    if (distribution.affinity.preferred.length + distribution.antiAffinity.preferred.length > 0)
      key += `scored ${JSON.stringify(keptApart(distribution))}`;
    return key;
  }

  /** Which hosts serve a namespace, as far as that differs from one namespace to another: to every filter, those that the same hosts serve are one. */
  #served(namespace: string): string {
    return this.#inventory.lattices.has(namespace) ? namespace : '';
  }
}
