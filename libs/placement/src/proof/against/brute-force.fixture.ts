import { labels } from '@kasmcloud/kube-api';
import type { Host } from '../../index.ts';
import { compare, type Dice, type Tally } from '../effort.fixture.ts';
import {
  bestOf,
  divisions,
  fewestPlaces,
  isLevel,
  isLevelWhereRoom,
  movesBetween,
  unevenness,
  unfairness,
} from '../oracle/brute-force.fixture.ts';
import { countsOf, placeOne, roomOf, standing, sum, worldOf, wish, planOf, type Counts } from '../world.fixture.ts';
import { place } from '../../index.ts';

/** At most 4 zones of one region, at most 12 replicas: everything can be tried. */

const zoneNames = ['z1', 'z2', 'z3', 'z4'];

/** One to three hosts in each zone, whose rooms add up to the zone's. */
function hostsIn(dice: Dice, rooms: readonly number[]): Host[] {
  return rooms.flatMap((room, z) => {
    const first = dice.between(0, room);
    const second = dice.between(0, room - first);
    return [first, second, room - first - second].map((size, i) => roomOf(`eu/h${z}${i}`, size, zoneNames[z]));
  });
}

/** Counts by number of the zone: a host is `eu/h<zone><number>`. */
const perZone = (counts: Counts, zones: number): number[] =>
  Array.from({ length: zones }, (_, z) =>
    sum(Object.entries(counts).map(([path, count]) => (path.startsWith(`eu/h${z}`) ? count : 0))),
  );

/** One hard skew, with every combination of `max`, `minDomains` and `whenDomainFull`. */
export const hardSkew = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const rooms = dice.numbers(dice.between(1, 4), 0, 12);
    const [maxSkew, replicas] = [dice.between(1, 3), dice.between(0, 12)];
    const max = dice.pick([undefined, undefined, 1, 3, 5]);
    const minDomains = dice.pick([undefined, undefined, 2, 4]);
    const whenDomainFull = dice.pick(['Ignore', 'Block']);
    const hosts = hostsIn(dice, rooms);
    const entry = { topologyKey: labels.zone, maxSkew, whenUnsatisfiable: 'Block' as const, whenDomainFull };
    const bounded = { ...entry, ...(max !== undefined && { max }), ...(minDomains !== undefined && { minDomains }) };
    const plan = placeOne(hosts, { spec: { replicas, spread: [bounded] } });

    const most = rooms.map((room) => Math.min(room, max ?? Infinity));
    const isLegal = (counts: readonly number[]): boolean => {
      if (rooms.length < (minDomains ?? 1)) return counts.every((count) => count <= maxSkew);
      return whenDomainFull === 'Block' ? isLevel(counts, maxSkew) : isLevelWhereRoom(counts, most, maxSkew);
    };
    const best = bestOf([...divisions(replicas, most)].filter(isLegal), unevenness);
    const got = perZone(countsOf(plan), rooms.length);
    const agrees = best.some((counts) => counts.every((count, i) => count === got[i]));
    return agrees ? undefined : { rooms, bounded, replicas, got, best };
  });

/** Shares by weight: Webster's division is the one with the least Σ x²/w. Prefer is bound by room, Block by the share too. */
export const weights = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const count = dice.between(1, 4);
    const rooms = dice.numbers(count, 0, 12);
    const shares = [dice.between(1, 6), ...dice.numbers(count - 1, 0, 6)];
    const replicas = dice.between(0, 12);
    const whenUnsatisfiable = dice.pick(['Prefer', 'Block']);
    const listed = shares.map((weight, z) => ({ value: zoneNames[z] ?? '', weight }));
    const spread = [{ topologyKey: labels.zone, weights: listed, whenUnsatisfiable }];
    const plan = placeOne(hostsIn(dice, rooms), { spec: { replicas, spread } });

    const cost = unfairness(shares);
    const open = shares.map((weight) => (weight === 0 ? 0 : 12));
    const within = open.map((most, i) => Math.min(most, rooms[i] ?? 0));
    const best =
      whenUnsatisfiable === 'Prefer'
        ? bestOf(divisions(replicas, within), cost)
        : bestOf(divisions(replicas, open), cost).map((due) => due.map((seats, i) => Math.min(seats, rooms[i] ?? 0)));
    const got = perZone(countsOf(plan), count);
    const agrees = best.some((counts) => counts.every((seats, i) => seats === got[i]));
    return agrees ? undefined : { rooms, shares, replicas, whenUnsatisfiable, got, best };
  });

/**
 * Two entries, one inside the other: regions `a` and `b`, each with two zones. The first is as level as can be, and so is
 * the second within what the first gave each region.
 */
export const nested = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const rooms = dice.numbers(4, 0, 8);
    const replicas = dice.between(0, 12);
    const [outer, inner] = [dice.between(1, 3), dice.between(1, 3)];
    const hard = dice.pick([true, false]);
    const hosts = rooms.map((room, i) => roomOf(`eu/h${i}`, room, `z${i}`, i < 2 ? 'a' : 'b'));
    const how = hard
      ? ({ whenUnsatisfiable: 'Block', whenDomainFull: 'Block' } as const)
      : ({ whenUnsatisfiable: 'Prefer' } as const);
    const spread = [
      { topologyKey: labels.region, maxSkew: outer, ...how },
      { topologyKey: labels.zone, maxSkew: inner, ...how },
    ];
    const plan = placeOne(hosts, { spec: { replicas, spread } });

    const regions = (counts: readonly number[]): number[] => [sum(counts.slice(0, 2)), sum(counts.slice(2))];
    const isLegal = (counts: readonly number[]): boolean =>
      !hard ||
      (isLevel(regions(counts), outer) && isLevel(counts.slice(0, 2), inner) && isLevel(counts.slice(2), inner));
    const legal = [...divisions(replicas, rooms)].filter(isLegal);
    const best = bestOf(legal, (counts) => unevenness(regions(counts)));
    const counts = countsOf(plan);
    const got = rooms.map((_, i) => counts[`eu/h${i}`] ?? 0);
    const alike = best.filter((one) => regions(one)[0] === regions(got)[0]);
    const agrees =
      isLegal(got) &&
      alike.some(
        (one) => unevenness(one) === Math.min(...alike.map(unevenness)) && one.every((count, i) => count === got[i]),
      );
    return agrees ? undefined : { rooms, replicas, outer, inner, hard, got, best };
  });

/** Hosts are lost: what is healthy stays, what was lost comes back where it is due, and nothing else moves. */
export const repair = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const rooms = dice.numbers(dice.between(2, 4), 0, 8);
    const held = rooms.map((room) => dice.between(0, Math.min(room, 3)));
    const lost = rooms.map(() => dice.between(0, 3) === 0);
    const hosts = rooms.map((room, i) => ({
      ...roomOf(`eu/h${i}`, room, zoneNames[i]),
      state: lost[i] === true ? ('Lost' as const) : ('Ready' as const),
    }));
    const current = standing(Object.fromEntries(held.map((count, i) => [`eu/h${i}`, count])));
    const plan = placeOne(hosts, { spec: { replicas: sum(held), spread: [{ topologyKey: labels.zone }] }, current });

    const low = held.map((count, i) => (lost[i] === true ? 0 : count));
    const high = rooms.map((room, i) => (lost[i] === true ? 0 : room));
    const best = bestOf(divisions(sum(held), high, low), unevenness);
    const counts = countsOf(plan);
    const got = rooms.map((_, i) => counts[`eu/h${i}`] ?? 0);
    const moves = movesBetween(held, got) - (sum(held) - sum(got));
    const agrees = best.some((one) => one.every((count, i) => count === got[i])) && plan.moves.count === moves;
    return agrees ? undefined : { rooms, held, lost, got, best, moves: plan.moves };
  });

/** A change of scale: only added or only taken away, and the result as level as that lets it be. */
export const scale = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const rooms = dice.numbers(dice.between(1, 4), 0, 8);
    const held = rooms.map((room) => dice.between(0, Math.min(room, 3)));
    const replicas = dice.between(0, 12);
    const current = standing(Object.fromEntries(held.map((count, i) => [`eu/h${i}`, count])));
    const hosts = rooms.map((room, i) => roomOf(`eu/h${i}`, room, zoneNames[i]));
    const plan = placeOne(hosts, { spec: { replicas, spread: [{ topologyKey: labels.zone }] }, current });

    const grows = replicas >= sum(held);
    const all = grows ? divisions(replicas, rooms, held) : divisions(replicas, held);
    const best = bestOf(all, unevenness);
    const counts = countsOf(plan);
    const got = rooms.map((_, i) => counts[`eu/h${i}`] ?? 0);
    const agrees = best.some((one) => one.every((count, i) => count === got[i])) && plan.moves.count === 0;
    return agrees ? undefined : { rooms, held, replicas, got, best };
  });

/** A changed spec: the most level division is reached, by the fewest moves that reach one. */
export const converge = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const rooms = dice.numbers(dice.between(1, 4), 0, 8);
    const held = rooms.map((room) => dice.between(0, Math.min(room, 3)));
    const current = standing(Object.fromEntries(held.map((count, i) => [`eu/h${i}`, count])));
    const hosts = rooms.map((room, i) => roomOf(`eu/h${i}`, room, zoneNames[i]));
    const spec = { replicas: sum(held), spread: [{ topologyKey: labels.zone }] };
    const plan = placeOne(hosts, { spec, current, changed: true });

    const best = bestOf(divisions(sum(held), rooms), unevenness);
    const fewest = Math.min(...best.map((one) => movesBetween(held, one)));
    const counts = countsOf(plan);
    const got = rooms.map((_, i) => counts[`eu/h${i}`] ?? 0);
    const agrees = best.some((one) => one.every((count, i) => count === got[i])) && plan.moves.count === fewest;
    return agrees ? undefined : { rooms, held, got, fewest, moves: plan.moves };
  });

/** Packing takes the fewest hosts. */
export const packing = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const rooms = dice.numbers(dice.between(1, 8), 0, 6);
    const replicas = dice.between(0, 12);
    const hosts = rooms.map((room, i) => roomOf(`eu/h${i}`, room));
    const plan = placeOne(hosts, { spec: { replicas, mode: 'Pack' } });
    const used = Object.keys(countsOf(plan)).length;
    const agrees = used === fewestPlaces(rooms, replicas) && plan.placed === Math.min(replicas, sum(rooms));
    return agrees ? undefined : { rooms, replicas, counts: countsOf(plan) };
  });

/** Equal priority, scarce room: shared in proportion to what is asked, Webster's way. */
export const sharing = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const asks = dice.numbers(dice.between(2, 4), 1, 6);
    const room = dice.between(0, 12);
    const wishes = asks.map((replicas, i) => wish({ name: `app${i}`, spec: { replicas } }));
    const plan = place(worldOf([roomOf('eu/a', room)], wishes));
    const best = bestOf(divisions(room, asks), unfairness(asks));
    const got = asks.map((_, i) => planOf(plan, `default/app${i}`).placed);
    const agrees = best.some((one) => one.every((count, i) => count === got[i]));
    return agrees ? undefined : { asks, room, got, best };
  });
