import { pack, unpack } from '../apportion/pack.ts';
import { waterFill, type Rank } from '../apportion/water-fill.ts';
import type { Division } from './division.ts';

/**
 * Gives the hosts of a leaf `wanted` replicas by how much each is preferred: those with the highest score first, each
 * full before the next; among hosts of one score as level as possible over clusters, then hosts (or packed). What is too
 * much goes from the lowest score first. Returns how many found room. O(hosts of the leaf × log scores).
 */
export function chooseByScore(division: Division, leaf: number, wanted: number, again: boolean, rank: Rank): number {
  const { request, figures } = division;
  const { tree } = request;
  const held = figures.holding[leaf] ?? 0;
  if (wanted === held + 1 && !again && !tree.packed && isOneCluster(division, leaf))
    return addOne(division, leaf, rank);
  const groups = new Map<number, number[]>();
  for (let position = tree.starts[leaf] ?? 0; position < (tree.ends[leaf] ?? 0); position++) {
    const score = scoreAt(division, position);
    const group = groups.get(score);
    if (group === undefined) groups.set(score, [position]);
    else group.push(position);
  }
  const isLess = wanted < held;
  let left = Math.abs(wanted - held);
  for (const [, positions] of [...groups].toSorted(([a], [b]) => (isLess ? a - b : b - a))) {
    // What a round that was given up has dealt to the others is taken back.
    if (left === 0 && !again) break;
    left -= new Group(division, positions, isLess, rank).change(left);
  }
  return isLess ? wanted + left : wanted - left;
}

function scoreAt({ request: { tree, scoreOf } }: Division, position: number): number {
  return (tree.scores?.[position] ?? 0) + (scoreOf === undefined ? 0 : scoreOf(tree.indices[position] ?? -1));
}

/** Hosts of a leaf are in order of cluster. */
function isOneCluster({ request: { tree, clusters } }: Division, leaf: number): boolean {
  const first = tree.indices[tree.starts[leaf] ?? -1] ?? -1;
  const last = tree.indices[(tree.ends[leaf] ?? 0) - 1] ?? -1;
  return clusters[first] === clusters[last];
}

/** The common case of one replica more: a single look at every host. */
function addOne(division: Division, leaf: number, rank: Rank): number {
  const { figures, request } = division;
  const { standing } = figures;
  const held = figures.holding[leaf] ?? 0;
  let best = -1;
  let highest = -Infinity;
  let first = Infinity;
  for (let position = request.tree.starts[leaf] ?? 0; position < (request.tree.ends[leaf] ?? 0); position++) {
    if (figures.roomAt(position) <= 0) continue;
    const score = scoreAt(division, position);
    if (score < highest) continue;
    const fewer = best < 0 ? 0 : (standing[position] ?? 0) - (standing[best] ?? 0);
    if (score === highest && fewer > 0) continue;
    const place = rank(position, (standing[position] ?? 0) + 1);
    if (score === highest && fewer === 0 && place >= first) continue;
    best = position;
    highest = score;
    first = place;
  }
  if (best < 0) return held;
  figures.write(best, (standing[best] ?? 0) + 1);
  return held + 1;
}

/** Hosts of one score. */
class Group {
  readonly #division: Division;
  readonly #positions: readonly number[];
  readonly #isLess: boolean;
  readonly #rank: Rank;

  constructor(division: Division, positions: readonly number[], isLess: boolean, rank: Rank) {
    this.#division = division;
    this.#positions = positions;
    this.#isLess = isLess;
    this.#rank = rank;
  }

  /** Gives to, or takes from, the hosts up to a number of replicas. Returns how many. */
  change(most: number): number {
    const { figures, request } = this.#division;
    const lo = this.#sum(this.#positions, this.#lo);
    const hi = this.#sum(this.#positions, this.#hi);
    const count = Math.min(most, hi - lo);
    const families = Map.groupBy(
      this.#positions,
      (position) => request.clusters[request.tree.indices[position] ?? -1] ?? -1,
    );
    const inside = [...families.values()];
    const shares = this.#divide(this.#isLess ? hi - count : lo + count, inside);
    for (const [i, family] of inside.entries()) {
      const alone = family.map((position) => [position]);
      for (const [j, due] of this.#divide(shares[i] ?? 0, alone).entries()) {
        const position = family[j] ?? -1;
        if (due !== figures.standing[position] || figures.isTouched(position)) figures.write(position, due);
      }
    }
    return count;
  }

  /** Least that a host has afterwards. */
  readonly #lo = (position: number): number => {
    const { figures, request } = this.#division;
    return this.#isLess && request.tree.frozen[position] !== 1 ? 0 : (figures.standing[position] ?? 0);
  };

  /** Most that it has. */
  readonly #hi = (position: number): number => {
    const { figures } = this.#division;
    return (figures.standing[position] ?? 0) + (this.#isLess ? 0 : figures.roomAt(position));
  };

  #sum(positions: readonly number[], figure: (position: number) => number): number {
    return positions.reduce((sum, position) => sum + figure(position), 0);
  }

  /** What each of several families of hosts is due. */
  #divide(wanted: number, families: readonly (readonly number[])[]): number[] {
    const lo = families.map((family) => this.#sum(family, this.#lo));
    const hi = families.map((family) => this.#sum(family, this.#hi));
    const rank: Rank = (i, seat) => this.#rank(families[i]?.[0] ?? -1, seat);
    if (!this.#division.request.tree.packed) return waterFill(wanted, lo, hi, rank);
    return this.#isLess ? unpack(wanted, lo, hi, rank) : pack(wanted, lo, hi, rank);
  }
}
