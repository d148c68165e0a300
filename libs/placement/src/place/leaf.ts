import { mix } from '../model/hash.ts';
import { pack, unpack } from '../apportion/pack.ts';
import { waterFillInto, type Rank } from '../apportion/water-fill.ts';
import type { Request } from './allocate.ts';
import type { Figures } from './figures.ts';
import type { Likes } from './likes.ts';

/** An allocation under way, as far as a leaf is concerned. */
export interface Dealing {
  readonly request: Request;
  readonly figures: Figures;
  readonly liked: Likes | undefined;
  /** By position: what is written. */
  readonly counts: Map<number, number>;
  /** Whether the leaf was dealt to before, in a round that was given up. */
  readonly again: boolean;
}

/**
 * Gives the hosts of a leaf `wanted` replicas: as level as possible (or packed), and among equals to the idlest, then by
 * hash. Returns how many found room. O(hosts of the leaf).
 */
export function chooseHosts(dealing: Dealing, leaf: number, wanted: number): number {
  const { request, figures, liked } = dealing;
  const { tree, rooms } = request;
  const held = figures.holding[leaf] ?? 0;
  const start = tree.starts[leaf] ?? 0;
  const end = tree.ends[leaf] ?? 0;
  if (wanted === 1 && held === 0 && liked === undefined && !tree.packed && !dealing.again)
    return chooseOne(dealing, start, end);
  const { standing, least, most, result } = figures;
  for (let position = start; position < end; position++) {
    const holds = standing[position] ?? 0;
    least[position] = tree.frozen[position] === 1 ? holds : 0;
    most[position] = (rooms.at[position] ?? 0) + holds;
  }
  const rank = rankOf(request, liked);
  const [lo, hi] = wanted < held ? [least, standing] : [standing, most];
  if (tree.packed) {
    const way = wanted < held ? unpack : pack;
    const packed = way(wanted, lo.subarray(start, end), hi.subarray(start, end), (i, seat) => rank(start + i, seat));
    result.set(packed, start);
  } else {
    waterFillInto(result, wanted, lo, hi, { start, end }, rank);
  }
  return write(dealing, start, end);
}

/** The common case of one replica for a leaf that holds none: a single look at every host. */
function chooseOne({ request, counts }: Dealing, start: number, end: number): number {
  const { tree, rooms, loads, seed } = request;
  const { at } = rooms;
  const { indices, seeds } = tree;
  let best = -1;
  let lowest = Infinity;
  for (let position = start; position < end; position++) {
    if ((at[position] ?? 0) <= 0) continue;
    const load = loads[indices[position] ?? 0] ?? 0;
    if (load > lowest) continue;
    const rank = load + mix(seed, seeds[position] ?? 0) / 2 ** 32;
    if (rank >= lowest) continue;
    lowest = rank;
    best = position;
  }
  if (best < 0) return 0;
  counts.set(best, 1);
  return 1;
}

const rankOf =
  ({ tree, loads, seed }: Request, liked: Likes | undefined): Rank =>
  (position, seat) =>
    (loads[tree.indices[position] ?? 0] ?? 0) -
    (liked?.at(position, seat) ?? 0) +
    mix(seed, tree.seeds[position] ?? 0) / 2 ** 32;

function write({ figures, counts, again }: Dealing, start: number, end: number): number {
  let sum = 0;
  for (let position = start; position < end; position++) {
    const count = figures.result[position] ?? 0;
    sum += count;
    if (count > 0) counts.set(position, count);
    else if (again || (figures.standing[position] ?? 0) > 0) counts.delete(position);
  }
  return sum;
}
