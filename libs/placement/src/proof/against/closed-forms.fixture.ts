import { labels } from '@kasmcloud/kube-api';
import { movesToRepair, place, placeableUnderSkew, wadmCounts } from '../../index.ts';
import { compare, effort, type Tally } from '../effort.fixture.ts';
import { fewestMoves, mostUnderSkew, wadmShares } from '../oracle/closed-forms.fixture.ts';
import { placeGreedily } from '../oracle/kube-greedy.fixture.ts';
import { countsOf, placeOne, planOf, roomOf, standing, sum, wish, worldOf } from '../world.fixture.ts';
import { Dice } from '../effort.fixture.ts';

const zone = (i: number): string => `z${i}`;

/** Σ min(c, min c + s) for up to 40 domains of up to 100,000, and every total below it is reached. */
export const capacityUnderSkew = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const size = dice.pick([3, 30, 100_000]);
    const rooms = dice.numbers(dice.between(1, 40), 0, size);
    const maxSkew = dice.between(1, Math.min(10_000, size));
    const most = mostUnderSkew(rooms, maxSkew);
    const beyond = dice.between(0, 5);
    const within = dice.between(0, most);
    const hosts = rooms.map((room, i) => roomOf(`eu/h${i}`, room, zone(i)));
    const entry = { topologyKey: labels.zone, maxSkew, whenUnsatisfiable: 'Block', whenDomainFull: 'Block' } as const;
    const full = placeOne(hosts, { spec: { replicas: most + beyond, spread: [entry] } });
    const part = placeOne(hosts, { spec: { replicas: within, spread: [entry] } });
    const agrees = full.placed === most && part.placed === within && placeableUnderSkew(rooms, maxSkew) === most;
    return agrees ? undefined : { rooms, maxSkew, most, placed: full.placed, within, part: part.placed };
  });

/** The fewest moves to within maxSkew: the closed form, what is published, and what converging does. */
export const movesUnderSkew = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const size = dice.pick([4, 40, 400]);
    const held = dice.numbers(dice.between(1, 20), 0, size);
    const level = Math.ceil(sum(held) / held.length);
    const rooms = held.map((count) => Math.max(count, level) + dice.between(0, size));
    const skew = dice.between(1, 5);
    const published = movesToRepair(held, rooms, skew);
    const hosts = rooms.map((room, i) => roomOf(`eu/h${i}`, room, zone(i)));
    const current = standing(Object.fromEntries(held.map((count, i) => [`eu/h${i}`, count])));
    const spec = { replicas: sum(held), spread: [{ topologyKey: labels.zone }] };
    const { moves } = placeOne(hosts, { spec, current, changed: true });
    const agrees = published === fewestMoves(held, rooms, skew) && moves.count === fewestMoves(held, rooms, 1);
    return agrees ? undefined : { held, rooms, skew, published, moves };
  });

/** wadm's group counts, through the engine: each group has its own host. */
export const wadmArithmetic = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const weights = [dice.between(1, 100), ...dice.numbers(dice.between(0, 7), 0, 100)];
    const replicas = dice.between(0, 500);
    const shares = wadmShares(replicas, weights);
    const groups = weights.map((weight, i) => ({ name: `g${i}`, weight, requirements: { [labels.zone]: zone(i) } }));
    const hosts = weights.map((_, i) => roomOf(`eu/h${i}`, 1000, zone(i)));
    const counts = countsOf(placeOne(hosts, { spec: { replicas, groups } }));
    const got = weights.map((_, i) => counts[`eu/h${i}`] ?? 0);
    const agrees = [got, wadmCounts(replicas, weights)].every((one) => one.every((count, i) => count === shares[i]));
    return agrees ? undefined : { weights, replicas, shares, got };
  });

/** Against a greedy that never looks back: never more without a place, and of equal number never a worse skew. */
export const greedyIsNoBetter = (instances: number, seed: number): Tally =>
  compare(instances, seed, (dice) => {
    const zones = dice.between(1, 5);
    const rooms = dice.numbers(dice.between(1, 20), 0, 6);
    const places = rooms.map((room) => ({ room, zone: zone(dice.between(1, zones)) }));
    const replicas = dice.between(0, 60);
    const hardSkew = dice.pick([undefined, 1, 2, 5]);
    const hosts = places.map(({ room, zone: inside }, i) => roomOf(`eu/h${i}`, room, inside));
    const hard = { whenUnsatisfiable: 'Block', whenDomainFull: 'Block', maxSkew: hardSkew ?? 1 } as const;
    const spread = [{ topologyKey: labels.zone, ...(hardSkew !== undefined && hard) }];
    const counts = countsOf(placeOne(hosts, { spec: { replicas, spread } }));
    const ours = places.map((_, i) => counts[`eu/h${i}`] ?? 0);
    const theirs = placeGreedily(places, replicas, hardSkew);
    const skewOf = (all: readonly number[]): number => {
      const inZone = Map.groupBy(all.keys(), (i) => places[i]?.zone);
      const sums = [...inZone.values()].map((hostsThere) => sum(hostsThere.map((i) => all[i] ?? 0)));
      return Math.max(...sums) - Math.min(...sums);
    };
    const more = sum(ours) > sum(theirs);
    const noWorse = more || (sum(ours) === sum(theirs) && skewOf(ours) <= skewOf(theirs));
    return noWorse ? undefined : { places, replicas, hardSkew, ours, theirs };
  });

/**
 * A cold plan of one replica more takes none away anywhere, so growing never moves what runs. Instances are steps of
 * growth, half of them between domains with limits. Webster may leave the quota (Balinski and Young: no method is
 * monotone and keeps it); how often is told.
 */
export function houseMonotonicity(steps: number, seed: number): Tally {
  const mismatches: string[] = [];
  let tried = 0;
  let outsideQuota = 0;
  const goal = Math.max(1, Math.round(steps * effort));
  for (let instance = 0; tried < goal; instance++) {
    const dice = new Dice(seed + instance * 7919);
    const weights = dice.numbers(dice.between(2, 8), 1, dice.pick([5, 100, 1_000_000]));
    const capped = instance % 2 === 0;
    const hosts = weights.map((_, i) => roomOf(`eu/h${i}`, capped ? dice.between(0, 40) : 10_000, zone(i)));
    const listed = weights.map((weight, i) => ({ value: zone(i), weight }));
    const spread = [{ topologyKey: labels.zone, weights: listed }];
    const plain = wish({ spec: { replicas: 0, spread } });
    let before = weights.map(() => 0);
    for (let replicas = 1; replicas <= 200 && tried < goal; replicas++, tried++) {
      const counts = countsOf(planOf(place(worldOf(hosts, [{ ...plain, replicas }]))));
      const now = weights.map((_, i) => counts[`eu/h${i}`] ?? 0);
      const falls = now.some((count, i) => count < (before[i] ?? 0));
      const grows = sum(now) - sum(before);
      const room = sum(hosts.map(({ allocatable }) => allocatable['instances'] ?? 0));
      if ((falls || grows !== (sum(before) < room ? 1 : 0)) && mismatches.length < 5)
        mismatches.push(JSON.stringify({ weights, capped, replicas, before, now }));
      const whole = sum(weights);
      if (!capped && now.some((count, i) => Math.abs(count - (replicas * (weights[i] ?? 0)) / whole) >= 1))
        outsideQuota += 1;
      before = now;
    }
  }
  return { instances: tried, mismatches, note: `${outsideQuota} outside the quota` };
}
