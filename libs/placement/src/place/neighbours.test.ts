import { labels } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, host } from '../example.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Host } from '../model/snapshot.ts';
import { Holding, holdingOf } from './holding.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import { Neighbours, type Neighbour } from './neighbours.ts';
import {
  blockTaken,
  findObstacles,
  isConcerned,
  onePerDomain,
  refusalsOfSelf,
  refusesItselfByHost,
  scoresOf,
} from './obstacles.ts';
import { Rooms } from './rooms.ts';
import { Shape } from './shape.ts';
import type { Tree } from './tree.ts';

const inZone = (path: string, zone?: string, rest: Partial<Host> = {}): Host =>
  host(path, { ...rest, labels: zone === undefined ? {} : { [labels.zone]: zone } });

/** Hosts 0 and 1 in zone z1, 2 in z2, 3 in none. */
const inventory: Inventory = takeInventory({
  clusters: [cluster('eu')],
  hosts: [inZone('eu/a', 'z1'), inZone('eu/b', 'z1', { ports: ['80'] }), inZone('eu/c', 'z2'), inZone('eu/d')],
  distributions: [],
});

const [tree] = new Shape(actor({}), inventory).trees as [Tree];
const rooms = new Rooms(tree, (one) => [1, 2, 2, 9][one] ?? 0);

const by = (app: string, topologyKey: string = labels.zone) => ({ topologyKey, selector: { matchLabels: { app } } });
const called = (app: string, spec: object = {}, facts: object = {}): Distribution =>
  actor(spec, { name: app, labels: { app }, ...facts });

/** Somebody who joins with what stands of him. */
function join(
  neighbours: Neighbours,
  one: Distribution,
  stands: [number, number][] = [],
): Neighbour & { counts: Holding } {
  const counts = holdingOf(stands);
  const neighbour = neighbours.join(one, { counts });
  for (const [at, count] of stands) Neighbours.note(neighbour.neighbourhood, at, count);
  return { ...neighbour, counts };
}

const everything = { affinity: true, antiAffinity: true, ports: true };

function blockedFor({ neighbourhood, counts }: Neighbour & { counts: Holding }, bearing = everything): number[] {
  const blocked: number[] = [];
  findObstacles({ neighbourhood, counts, seed: 1 }, tree, rooms, bearing, blocked);
  return [...new Set(blocked)].toSorted((a, b) => a - b);
}

describe('required anti-affinity', () => {
  test('keeps its owner away from the domains of those it selects, and them from his', () => {
    const neighbours = new Neighbours(inventory);
    const web = join(neighbours, called('web'), [[0, 2]]);
    const shy = join(neighbours, called('shy', { antiAffinity: { required: [by('web')] } }), [[2, 1]]);
    expect(isConcerned(web.neighbourhood)).toBe(true);
    expect([blockedFor(shy), blockedFor(web)]).toEqual([[0, 1], [2]]);
    expect(blockedFor(shy, { ...everything, antiAffinity: false })).toEqual([]);
    expect(blockedFor(web, { ...everything, antiAffinity: false })).toEqual([]);
    Neighbours.note(web.neighbourhood, 0, -2);
    Neighbours.note(web.neighbourhood, 3, 1);
    expect(blockedFor(shy)).toEqual([3]);
  });

  test('by host looks at single hosts', () => {
    const neighbours = new Neighbours(inventory);
    join(neighbours, called('web'), [
      [0, 1],
      [3, 1],
    ]);
    const shy = join(neighbours, called('shy', { antiAffinity: { required: [by('web', labels.hostname)] } }));
    expect(blockedFor(shy)).toEqual([0, 3]);
  });

  test('is nothing to those whom nobody selects', () => {
    const neighbours = new Neighbours(inventory);
    join(neighbours, called('shy', { antiAffinity: { required: [by('web')] } }), [[2, 1]]);
    const other = join(neighbours, called('other'));
    expect([isConcerned(other.neighbourhood), blockedFor(other)]).toEqual([false, []]);
    const elsewhere = join(neighbours, called('web', {}, { namespace: 'bank' }));
    expect(isConcerned(elsewhere.neighbourhood)).toBe(false);
  });

  test('of oneself leaves one in each domain', () => {
    const neighbours = new Neighbours(inventory);
    const terms = { antiAffinity: { required: [by('web'), by('db'), by('web', labels.hostname)] } };
    const { neighbourhood } = join(neighbours, called('web', terms));
    const refusals = refusalsOfSelf(neighbourhood);
    expect(refusals.map(({ term }) => [term.topologyKey, term.selector.matchLabels])).toEqual([
      [labels.zone, { app: 'web' }],
    ]);
    expect(refusesItselfByHost(neighbourhood)).toBe(true);
    const counts = holdingOf([
      [0, 2],
      [1, 1],
      [2, 1],
      [3, 4],
    ]);
    expect([...onePerDomain(refusals, Holding.none, counts)]).toEqual([
      [0, 1],
      [2, 1],
      [3, 4],
    ]);
    const held = holdingOf([[1, 1]]);
    expect([...onePerDomain(refusals, held, counts)]).toEqual([
      [1, 1],
      [2, 1],
      [3, 4],
    ]);
    expect(onePerDomain(refusals, held, held)).toBe(held);
    const two = holdingOf([[3, 2]]);
    expect([...onePerDomain(refusals, two, holdingOf([[3, 5]]))]).toEqual([[3, 5]]);
    expect(onePerDomain(refusals, holdingOf([[2, 1]]), holdingOf([[2, 2]])).sum).toBe(1);
    const blocked: number[] = [];
    blockTaken(
      refusals,
      tree,
      holdingOf([
        [0, 1],
        [3, 1],
      ]),
      blocked,
    );
    expect(blocked).toEqual([0, 1]);
  });

  test('that is not of oneself leaves all', () => {
    const { neighbourhood } = join(
      new Neighbours(inventory),
      called('web', { antiAffinity: { required: [by('db', labels.hostname)] } }),
    );
    expect([refusalsOfSelf(neighbourhood), refusesItselfByHost(neighbourhood)]).toEqual([[], false]);
  });
});

describe('required affinity', () => {
  test('allows the domains of those it selects, and no host without the label', () => {
    const neighbours = new Neighbours(inventory);
    join(neighbours, called('db'), [
      [1, 1],
      [3, 1],
    ]);
    const web = join(neighbours, called('web', { affinity: { required: [by('db')] } }));
    expect(blockedFor(web)).toEqual([2, 3]);
    expect(blockedFor(web, { ...everything, affinity: false })).toEqual([]);
  });

  test('to nobody there allows nothing', () => {
    const web = join(new Neighbours(inventory), called('web', { affinity: { required: [by('db')] } }));
    expect(blockedFor(web)).toEqual([0, 1, 2, 3]);
  });

  test('to oneself starts in the domain with most room', () => {
    const web = join(new Neighbours(inventory), called('web', { affinity: { required: [by('web')] } }));
    expect(blockedFor(web)).toEqual([2, 3]);
    Neighbours.note(web.neighbourhood, 2, 1);
    expect(blockedFor(web)).toEqual([0, 1, 3]);
  });
});

test('a port is taken on the hosts that say so and those of who has it, but not for whom it is his own', () => {
  const neighbours = new Neighbours(inventory);
  const first = join(neighbours, { ...called('first'), ports: ['80', '443'] }, [[2, 1]]);
  const second = join(neighbours, { ...called('second'), ports: ['443'] });
  expect([blockedFor(first), blockedFor(second)]).toEqual([[1], [2]]);
  expect(blockedFor(first, { ...everything, ports: false })).toEqual([]);
});

describe('what is preferred', () => {
  const scores = (one: Neighbour & { counts: Holding }): (number | undefined)[] => {
    const scoreOf = scoresOf({ ...one, seed: 1 }, tree, rooms);
    return [0, 1, 2, 3].map((at) => scoreOf?.(at));
  };
  const preferring = (app: string, weight: number) => ({ preferred: [{ weight, ...by(app) }] });

  test('adds its weight where those are whom it selects, or takes it off', () => {
    const neighbours = new Neighbours(inventory);
    join(neighbours, called('db'), [[0, 1]]);
    join(neighbours, called('batch'), [
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    const web = called('web', { affinity: preferring('db', 5), antiAffinity: preferring('batch', 3) });
    expect(scores(join(neighbours, web))).toEqual([2, 2, -3, 0]);
    expect(scoresOf({ ...join(neighbours, called('other')), seed: 1 }, tree, rooms)).toBeUndefined();
  });

  test('who prefers his own kind starts together, who prefers to keep away does not', () => {
    const neighbours = new Neighbours(inventory);
    expect(scores(join(neighbours, called('web', { affinity: preferring('web', 5) })))).toEqual([5, 5, 0, 0]);
    expect(scores(join(neighbours, called('web', { antiAffinity: preferring('web', 5) })))).toEqual([0, 0, 0, 0]);
    expect(scores(join(neighbours, called('web', { affinity: preferring('db', 5) })))).toEqual([0, 0, 0, 0]);
  });
});

describe('who joins, leaves and comes back', () => {
  const termOf = (one: Neighbour) => one.neighbourhood.refuses[0];

  test('equal terms are one; a term that comes later knows who stands where', () => {
    const neighbours = new Neighbours(inventory);
    join(neighbours, called('web'), [[2, 1]]);
    const one = join(neighbours, called('one', { antiAffinity: { required: [by('web')] } }));
    const two = join(neighbours, called('two', { antiAffinity: { required: [by('web')] } }));
    expect(termOf(one)).toBe(termOf(two));
    expect(termOf(one)?.selected.domains).toEqual([2]);
    const three = join(neighbours, called('three', { antiAffinity: { required: [by('web', labels.hostname)] } }));
    expect(termOf(three)).not.toBe(termOf(one));
  });

  test('terms that were expected find who comes after them', () => {
    const neighbours = new Neighbours(inventory);
    const spec = {
      affinity: { required: [by('a')], preferred: [{ weight: 1, ...by('b') }] },
      antiAffinity: { required: [by('c')], preferred: [{ weight: 1, ...by('d') }] },
    };
    const owner = called('owner', spec);
    neighbours.expect(owner);
    const selecting = (app: string): number => join(neighbours, called(app)).neighbourhood.selectedBy.length;
    expect(['a', 'b', 'c', 'd', 'e'].map(selecting)).toEqual([1, 1, 1, 1, 0]);
  });

  test('a term without labels is found, too', () => {
    const neighbours = new Neighbours(inventory);
    const exists = { matchExpressions: [{ key: 'app', operator: 'Exists' as const }] };
    neighbours.expect(
      called('owner', { antiAffinity: { required: [{ topologyKey: labels.zone, selector: exists }] } }),
    );
    expect(join(neighbours, called('web')).neighbourhood.selectedBy).toHaveLength(1);
    expect(join(neighbours, called('web', {}, { labels: {} })).neighbourhood.selectedBy).toEqual([]);
  });

  test('who left is not counted by later terms; who comes back is found by them', () => {
    const neighbours = new Neighbours(inventory);
    const counts = holdingOf([[2, 1]]);
    const web = neighbours.join(called('web'), { counts });
    neighbours.leave(web);
    const shy = join(neighbours, called('shy', { antiAffinity: { required: [by('web')] } }));
    expect(termOf(shy)?.selected.domains).toEqual([]);
    expect(web.neighbourhood.selectedBy).toEqual([]);
    neighbours.rejoin(web);
    expect(web.neighbourhood.selectedBy).toEqual([termOf(shy)]);
    neighbours.rejoin(web);
    expect(web.neighbourhood.selectedBy).toHaveLength(1);
    // A term that comes now counts him again.
    const late = join(neighbours, called('late', { antiAffinity: { required: [by('web', labels.hostname)] } }));
    expect(termOf(late)?.selected.domains).toEqual([3]);
  });
});
