import { pack, unpack } from '../apportion/pack.ts';
import { waterFillInto, type Rank } from '../apportion/water-fill.ts';
import { mix } from '../model/hash.ts';
import type { Division } from './division.ts';

/**
 * Gives the hosts of a leaf `wanted` replicas: as level as possible (or packed), and among equals to the idlest, then by
 * hash. `again`: the leaf was dealt to before, in a round that was given up. Returns how many found room.
 * O(hosts of the leaf).
 */
export function chooseHosts(division: Division, leaf: number, wanted: number, again: boolean): number {
  const { request, figures, liked } = division;
  const { tree } = request;
  const held = figures.holding[leaf] ?? 0;
  const start = tree.starts[leaf] ?? 0;
  const end = tree.ends[leaf] ?? 0;
  if (wanted === 1 && held === 0 && liked === undefined && !tree.packed && !again)
    return chooseOne(division, start, end);
  const { standing, least, most, result } = figures;
  for (let position = start; position < end; position++) {
    const holds = standing[position] ?? 0;
    least[position] = tree.frozen[position] === 1 ? holds : 0;
    most[position] = figures.roomAt(position) + holds;
  }
  const rank = rankOf(division);
  const lo = wanted < held ? least : standing;
  const hi = wanted < held ? standing : most;
  if (tree.packed) {
    const way = wanted < held ? unpack : pack;
    const ofLeaf: Rank = (i, seat) => rank(start + i, seat);
    result.set(way(wanted, lo.subarray(start, end), hi.subarray(start, end), ofLeaf), start);
  } else {
    waterFillInto(result, wanted, lo, hi, start, end, rank);
  }
  let sum = 0;
  for (let position = start; position < end; position++) {
    const count = result[position] ?? 0;
    sum += count;
    if (count > 0 || (standing[position] ?? 0) > 0 || again) figures.write(position, count);
  }
  return sum;
}

/** The common case of one replica for a leaf that holds none: a single look at every host. */
function chooseOne({ request, figures }: Division, start: number, end: number): number {
  const { tree, loads, seed } = request;
  const { indices, seeds } = tree;
  const { rooms, own, excepted, allocation } = figures;
  let best = -1;
  let lowest = MOST;
  let first = 0;
  for (let position = start; position < end; position++) {
    const room = excepted[position] === allocation ? own[position] : rooms[position];
    if (room === undefined || room <= 0) continue;
    const load = loads[indices[position] ?? 0] ?? 0;
    if (load > lowest) continue;
    const rank = mix(seed, seeds[position] ?? 0);
    if (load === lowest && rank >= first) continue;
    lowest = load;
    first = rank;
    best = position;
  }
  if (best < 0) return 0;
  figures.write(best, 1);
  return 1;
}

/** More than any host is busy. */
const MOST = 2 ** 30;

function rankOf({ request, liked }: Division): Rank {
  const { tree, loads, seed } = request;
  const { indices, seeds } = tree;
  const rank = (position: number): number =>
    (loads[indices[position] ?? 0] ?? 0) + mix(seed, seeds[position] ?? 0) / 2 ** 32;
  return liked === undefined ? rank : (position, seat) => rank(position) - liked.at(position, seat);
}
