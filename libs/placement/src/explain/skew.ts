import type { SpreadEntry } from '../model/distribution.ts';
import type { Skew } from '../model/plan.ts';
import { webster } from '../apportion/webster.ts';
import { spreadWeights } from '../place/bounds.ts';
import { measure, type Figures } from '../place/figures.ts';
import type { Job } from '../place/job.ts';
import type { Branch, Node } from '../place/tree.ts';

/** The worst skew of every spread entry, over all places where it is evaluated. */
export function explainSkew(job: Job): Skew[] {
  const { spread } = job.distribution;
  if (spread.length === 0 || job.distribution.mode === 'Daemon') return [];
  const worst = spread.map(() => 0);
  for (const pool of job.pools) {
    const figures = measure(job.request(pool, 0));
    visit(pool.tree.root, (branch, entry, index) => {
      worst[index] = Math.max(worst[index] ?? 0, skewOf(branch, entry, figures, job.seed));
    });
  }
  return spread.map((entry, index) => ({
    topologyKey: entry.topologyKey,
    value: worst[index] ?? 0,
    ...(entry.weights === undefined && { max: entry.maxSkew }),
  }));
}

function visit(node: Node, on: (branch: Branch, entry: SpreadEntry, index: number) => void): void {
  if (node.kind === 'Leaf') return;
  if (node.rule.kind === 'Spread') on(node, node.rule.entry, node.rule.index);
  for (const child of node.children) visit(child, on);
}

function skewOf({ children }: Branch, entry: SpreadEntry, figures: Figures, seed: number): number {
  const counted = children.filter((child) => child.counted);
  const holding = counted.map((child) => figures.holding[child.id] ?? 0);
  if (holding.length === 0) return 0;
  const weights = spreadWeights(entry, counted);
  if (weights !== undefined) {
    const total = holding.reduce((a, b) => a + b, 0);
    const shares = webster(
      total,
      weights,
      holding.map(() => 0),
      holding.map(() => total),
      (i) => (seed ^ (counted[i]?.seed ?? 0)) >>> 0,
    );
    return Math.max(...holding.map((count, i) => Math.abs(count - (shares[i] ?? 0))));
  }
  const most = Math.max(...holding);
  if (counted.length < entry.minDomains) return most;
  // A domain without room is left out of the minimum, unless the entry says that it holds the others back.
  const open = counted.filter((child) => (figures.capacity[child.id] ?? 0) > (figures.holding[child.id] ?? 0));
  const base = entry.fullDomainsBlock ? counted : open;
  const least = Math.min(...base.map((child) => figures.holding[child.id] ?? 0));
  return Math.max(0, most - least);
}
