import type { Distribution } from '../model/distribution.ts';
import { canonicalText } from '../model/canonical.ts';
import { matchesAll } from '../filter/term.ts';
import { judge, type Verdict } from '../filter/verdict.ts';
import type { HostView, Inventory } from './inventory.ts';
import { buildTree, type Tree } from './tree.ts';

/** What follows from a distribution's constraints alone: many distributions share one. */
export interface Shape {
  /** By number of the host. */
  readonly verdicts: readonly Verdict[];
  /** One tree for each group, in their order; a single one without groups, and for daemons. */
  readonly trees: readonly Tree[];
}

/** Works out shapes, each once. */
export class Shapes {
  readonly #inventory: Inventory;
  readonly #known = new Map<string, Shape>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  of(distribution: Distribution): Shape {
    const key = keyOf(distribution);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const shape = shapeOf(distribution, this.#inventory.hosts);
    this.#known.set(key, shape);
    return shape;
  }
}

function shapeOf(distribution: Distribution, hosts: readonly HostView[]): Shape {
  const verdicts = hosts.map((host) => judge(distribution, host));
  const members = hosts.flatMap((host) => {
    const verdict = verdicts[host.index];
    return verdict === undefined || verdict.use === 'Out' ? [] : [{ host, verdict }];
  });
  const single = distribution.mode === 'Daemon' || distribution.groups.length === 0;
  const trees = single
    ? [buildTree(distribution, members, hosts.length)]
    : distribution.groups.map(({ requirements }) => {
        const inside = members.filter(({ host }) => host.ghost || matchesAll(requirements, host.labels));
        return buildTree(distribution, inside, hosts.length);
      });
  return { verdicts, trees };
}

function keyOf(distribution: Distribution): string {
  const { namespace, mode, clusters, hosts, interfaces, tiers, tolerations, spread, groups } = distribution;
  const entries = spread.map((entry) => ({ ...entry, weights: entry.weights && [...entry.weights] }));
  // Infinity has no JSON; bounds without limit are told apart as null, which no number is.
  return canonicalText({ namespace, mode, clusters, hosts, interfaces, tiers, tolerations, entries, groups });
}
