import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { place, type Plan } from '../../index.ts';
import { Dice, effort, seed } from '../effort.fixture.ts';
import {
  applied,
  countsOf,
  pathOf,
  placeOne,
  planOf,
  roomOf,
  standing,
  stoodOf,
  sum,
  wish,
  worldOf,
  type Counts,
  type Wish,
} from '../world.fixture.ts';
import { clusterOfHost, limitOf, mayStay } from './legality.fixture.ts';
import { always, respecified, simpleWorlds, snapshotOf, without, worlds, type World } from './worlds.fixture.ts';

const countsFor = (plan: Plan, one: Wish): Counts => countsOf(planOf(plan, wish(one).key));
const before = (one: Wish): Counts => stoodOf({ current: one.current ?? [] });

test('4: what was planned and carried out is planned again, without a move', () => {
  always('4, idempotence', worlds, 800, (world: World) => {
    const once = place(snapshotOf(world));
    const twice = place(applied(snapshotOf(world), once));
    expect(twice.distributions.map(countsOf)).toEqual(once.distributions.map(countsOf));
    expect(twice.distributions.map(({ moves }) => moves.count)).toEqual(once.distributions.map(() => 0));
  });
});

/** Replicas of a host that nothing forbids to stay. */
function legalOn(world: World, one: Wish, path: string): number {
  const host = world.hosts.find((each) => pathOf(each) === path);
  const count = before(one)[path] ?? 0;
  if (host === undefined || !mayStay(one.spec, host, clusterOfHost(world, host))) return 0;
  return Math.min(count, limitOf(one));
}

test('5: a repair moves no healthy replica', () => {
  const plain = worlds.map((world) => respecified(world, (spec) => without(spec, 'groups', 'mode')));
  always('5, repair moves what was lost', plain, 800, (world: World) => {
    const plan = place(snapshotOf(world));
    for (const one of world.wishes) {
      const legal = Object.keys(before(one)).map((path) => [path, legalOn(world, one, path)] as const);
      if (sum(Object.values(before(one))) > (one.spec.replicas ?? 1)) continue;
      for (const [path, count] of legal) expect(countsFor(plan, one)[path] ?? 0).toBeGreaterThanOrEqual(count);
    }
  });
});

test('5: scaling up only adds, scaling down only takes away', () => {
  const scaled = fc.tuple(
    simpleWorlds.map((world) => respecified(world, (spec) => without(spec, 'groups'))),
    fc.nat(14),
  );
  always('5, change of scale', scaled, 800, ([world, replicas]) => {
    const settled = applied(snapshotOf(world), place(snapshotOf(world)));
    const [one] = settled.distributions;
    if (one === undefined) return;
    const now = countsOf(planOf(place({ ...settled, distributions: [{ ...one, replicas }] })));
    const was = stoodOf(one);
    const steps = [...Object.keys(was), ...Object.keys(now)].map((path) =>
      Math.sign((now[path] ?? 0) - (was[path] ?? 0)),
    );
    expect(steps.includes(1) && steps.includes(-1)).toBe(false);
  });
});

test('6: moves are those that stop here and start there, and no more than had to', () => {
  const plain = worlds.map((world) => respecified(world, (spec) => without(spec, 'groups', 'mode')));
  always('6, moves equal the bound', plain, 800, (world: World) => {
    const plan = place(snapshotOf(world));
    for (const one of world.wishes) {
      const [was, now] = [before(one), countsFor(plan, one)];
      const paths = new Set([...Object.keys(was), ...Object.keys(now)]);
      const stops = sum([...paths].map((path) => Math.max(0, (was[path] ?? 0) - (now[path] ?? 0))));
      const starts = sum([...paths].map((path) => Math.max(0, (now[path] ?? 0) - (was[path] ?? 0))));
      const mustGo = sum(Object.keys(was).map((path) => (was[path] ?? 0) - legalOn(world, one, path)));
      const { moves } = planOf(plan, wish(one).key);
      expect(moves.count).toBe(Math.min(stops, starts));
      expect(moves.lowerBound).toBe(moves.count);
      expect(moves.count).toBeLessThanOrEqual(mustGo);
    }
  });
});

test('14: noise of 5 per cent in what hosts offer moves nothing over 1,000 cycles', () => {
  const dice = new Dice(seed);
  const rooms = dice.numbers(12, 40, 80);
  const hostsNow = (): ReturnType<typeof roomOf>[] =>
    rooms.map((room, i) => roomOf(`eu/h${i}`, Math.round(room * (0.95 + dice.roll() / 10)), `z${i % 3}`));
  const spec = { replicas: 200, spread: [{ topologyKey: 'topology.kubernetes.io/zone' }] };
  let current: Counts = countsOf(placeOne(hostsNow(), { spec }));
  const cycles = Math.round(1000 * effort);
  let moves = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const plan = placeOne(hostsNow(), { spec, current: standing(current) });
    moves += plan.moves.count;
    current = countsOf(plan);
  }
  process.stdout.write(`invariant 14, noise: ${cycles} cycles, seed ${seed}, ${moves} moves\n`);
  expect([moves, sum(Object.values(current))]).toEqual([0, 200]);
});

test('14: a replica does not go back to where its revision failed, though it has the most room', () => {
  const hosts = [roomOf('eu/bad', 100), roomOf('eu/good', 3)];
  const avoid = [{ revision: 'r1', cluster: 'eu', host: 'bad' }];
  let current: Counts = { 'eu/good': 1 };
  for (let cycle = 0; cycle < 50; cycle++) {
    const [one] = [wish({ spec: { replicas: 5 }, avoid, current: standing(current) })];
    const plan = planOf(place(worldOf(hosts, [one])));
    expect(plan.unplaced.map(({ reason, count }) => [reason, count])).toEqual([['Avoided', 2]]);
    current = countsOf(plan);
    expect(current).toEqual({ 'eu/good': 3 });
  }
});
