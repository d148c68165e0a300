import { pack, unpack } from '../apportion/pack.ts';
import { waterFillInto, type Rank } from '../apportion/water-fill.ts';
import { mix } from '../model/hash.ts';
import type { Division } from './division.ts';
import { chooseByScore } from './scored.ts';

/**
 * Gives the hosts of a leaf `wanted` replicas: as level as possible (or packed), and among equals to the idlest, then by
 * window and hash. `again`: the leaf was dealt to before, in a round that was given up. Returns how many found room.
 * O(hosts of the leaf).
 */
export function chooseHosts(division: Division, leaf: number, wanted: number, again: boolean): number {
  const { tree } = division.request;
  const held = division.figures.holding[leaf] ?? 0;
  const start = tree.starts[leaf] ?? 0;
  const end = tree.ends[leaf] ?? 0;
  if (tree.scores !== undefined) return chooseByScore(division, leaf, wanted, again, rankOf(division, start, end));
  if (wanted === 1 && held === 0 && division.liked === undefined && !tree.packed && !again)
    return chooseOne(division, start, end);
  return chooseSome(division, leaf, wanted, again);
}

/** Apart from the common case, so that the compiler inlines that one. */
function chooseSome(division: Division, leaf: number, wanted: number, again: boolean): number {
  const { request, figures } = division;
  const { tree } = request;
  const held = figures.holding[leaf] ?? 0;
  const start = tree.starts[leaf] ?? 0;
  const end = tree.ends[leaf] ?? 0;
  const { standing, least, most, result } = figures;
  for (let position = start; position < end; position++) {
    const holds = standing[position] ?? 0;
    least[position] = tree.frozen[position] === 1 ? holds : 0;
    most[position] = figures.roomAt(position) + holds;
  }
  const rank = rankOf(division, start, end);
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

/**
 * The common case of one replica for a leaf that holds none. Among idle hosts those in a distribution's window come
 * first, so that most often few have to be looked at: an idle one in there cannot be outdone.
 */
function chooseOne({ request, figures }: Division, start: number, end: number): number {
  const { tree, loads, seed } = request;
  const { indices, seeds } = tree;
  const { rooms, own, excepted, allocation } = figures;
  const from = windowOf(request, start, end);
  let best = -1;
  let lowest = MOST;
  let first = 0;
  let position = from;
  for (let looked = 0; looked < end - start; looked++, position++) {
    if (looked === WINDOW && lowest === 0) break;
    if (position === end) position = start;
    const room = excepted[position] === allocation ? own[position] : rooms[position];
    if (room === undefined || room <= 0) continue;
    const load = loads[indices[position] ?? 0] ?? 0;
    if (load > lowest) continue;
    const rank = mix(seed, seeds[position] ?? 0) + (looked < WINDOW ? 0 : OUTSIDE);
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

/** Hosts of a leaf that a distribution looks at first. Each host is in as many windows. */
const WINDOW = 8;

/** What is added to the rank of hosts outside. */
const OUTSIDE = 2 ** 32;

/** Where in a leaf the window of a distribution starts. */
const windowOf = ({ tree, seed }: Division['request'], start: number, end: number): number =>
  start + (mix(seed, tree.seeds[start] ?? 0) % (end - start));

function rankOf({ request, liked }: Division, start: number, end: number): Rank {
  const { tree, loads, seed } = request;
  const { indices, seeds } = tree;
  const from = windowOf(request, start, end);
  const rank = (position: number): number => {
    const distance = position < from ? position - from + end - start : position - from;
    const order = mix(seed, seeds[position] ?? 0) + (distance < WINDOW ? 0 : OUTSIDE);
    return (loads[indices[position] ?? 0] ?? 0) + order / 2 ** 33;
  };
  return liked === undefined ? rank : (position, seat) => rank(position) - liked.at(position, seat);
}
