import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, host } from '../example.ts';
import type { Host } from '../model/snapshot.ts';
import { childBounds, type Without } from './bounds.ts';
import { Figures } from './figures.ts';
import { takeInventory } from './inventory.ts';
import { Shape } from './shape.ts';

type Entry = NonNullable<DistributionSpec['spread']>[number];

interface Asked {
  readonly capacity: readonly number[];
  readonly holding?: readonly number[];
  readonly asked?: number;
  readonly without?: Without;
  readonly hosts?: readonly Host[];
  readonly seed?: number;
}

const inZone = (zone: string, rest: Partial<Host> = {}): Host =>
  host(`eu/${zone}`, { labels: { [labels.zone]: zone }, ...rest });

/** Most that each zone may hold under one entry; zones are called a, b, c, d. */
function zoneBounds(
  entry: Partial<Entry>,
  { capacity, holding = [], asked, without, hosts, seed = 0 }: Asked,
): number[] {
  const zones = capacity.map((_, i) => inZone('abcd'.charAt(i)));
  const inventory = takeInventory({ clusters: [cluster('eu')], hosts: hosts ?? zones, distributions: [] });
  const shape = new Shape(actor({ spread: [{ topologyKey: labels.zone, ...entry }] }), inventory);
  const [tree] = shape.trees;
  if (tree === undefined) throw new Error('a distribution has a tree');
  const figures = new Figures(tree.size, tree.indices.length);
  figures.capacity.set([0, ...capacity]);
  figures.holding.set([0, ...holding]);
  return [...childBounds(tree, 0, figures, asked, seed, without)].slice(1, 1 + capacity.length);
}

const block = { whenUnsatisfiable: 'Block' } as const;
const full = { ...block, whenDomainFull: 'Block' } as const;
const weights = (a: number, b: number, rest = 0) => [
  { value: 'a', weight: a },
  { value: 'b', weight: b },
  { value: '*', weight: rest },
];

describe('a spread bounds its domains', () => {
  const cases: { name: string; entry: Partial<Entry>; asked: Asked; want: number[] }[] = [
    { name: 'not, when it only prefers', entry: {}, asked: { capacity: [5, 1] }, want: [5, 1] },
    { name: 'not by skew, when full domains are left out', entry: block, asked: { capacity: [5, 1] }, want: [5, 1] },
    { name: 'by max', entry: { max: 3 }, asked: { capacity: [5, 1] }, want: [3, 1] },
    {
      name: 'never below what it holds',
      entry: { max: 3 },
      asked: { capacity: [9, 9], holding: [4, 1] },
      want: [4, 3],
    },
    { name: 'above the smallest by maxSkew', entry: full, asked: { capacity: [5, 1, 2] }, want: [2, 1, 2] },
    {
      name: 'above the smallest by a larger maxSkew, under max',
      entry: { ...full, maxSkew: 3, max: 4 },
      asked: { capacity: [9, 2, 3] },
      want: [4, 2, 3],
    },
    {
      name: 'above the smallest, but for what it holds',
      entry: full,
      asked: { capacity: [9, 1], holding: [5, 0] },
      want: [5, 1],
    },
    {
      name: 'as if one were empty below minDomains',
      entry: { ...block, minDomains: 3 },
      asked: { capacity: [5, 4] },
      want: [1, 1],
    },
    {
      name: 'as usual from minDomains on',
      entry: { ...full, minDomains: 2 },
      asked: { capacity: [5, 2] },
      want: [3, 2],
    },
    {
      name: 'to the domains in use, when there are too many',
      entry: { maxDomains: 2 },
      asked: { capacity: [9, 9, 3, 4], holding: [0, 0, 1, 2] },
      want: [0, 0, 3, 4],
    },
    {
      name: 'to those with most room, when too few are in use',
      entry: { maxDomains: 2 },
      asked: { capacity: [5, 9, 3, 4], holding: [0, 0, 1, 0] },
      want: [0, 9, 3, 0],
    },
    {
      name: 'to no more than maxDomains, of which the smallest counts',
      entry: { ...full, maxDomains: 2 },
      asked: { capacity: [6, 9, 3] },
      want: [6, 7, 0],
    },
    {
      name: 'to what they hold, where they are too many',
      entry: { maxDomains: 1 },
      asked: { capacity: [6, 9], holding: [3, 1] },
      want: [3, 9],
    },
    {
      name: 'by weight 0 to what it holds',
      entry: { weights: weights(1, 0) },
      asked: { capacity: [5, 6, 7], holding: [0, 2, 0] },
      want: [5, 2, 0],
    },
    {
      name: 'by weight 0 under a max, too',
      entry: { weights: weights(1, 0), max: 3 },
      asked: { capacity: [5, 6], holding: [0, 2] },
      want: [3, 2],
    },
    {
      name: 'to its share',
      entry: { ...block, weights: weights(3, 1) },
      asked: { capacity: [9, 9], asked: 8 },
      want: [6, 2],
    },
    {
      name: 'to its share, as far as there is room, but for what it holds',
      entry: { ...block, weights: weights(3, 1) },
      asked: { capacity: [4, 9], holding: [0, 5], asked: 8 },
      want: [4, 5],
    },
    {
      name: 'to no share while nothing is asked',
      entry: { ...block, weights: weights(3, 1) },
      asked: { capacity: [9, 7] },
      want: [9, 7],
    },
    {
      name: 'not at all, taken as absent',
      entry: full,
      asked: { capacity: [5, 1], without: new Set(['spread']) },
      want: [5, 1],
    },
    {
      name: 'although tiers are absent',
      entry: full,
      asked: { capacity: [5, 1], without: new Set(['tiers']) },
      want: [2, 1],
    },
  ];
  test.for(cases)('$name', ({ entry, asked, want }) => {
    expect(zoneBounds(entry, asked)).toEqual(want);
  });

  const cordoned = [inZone('a'), inZone('b', { unschedulable: true }), inZone('c')];

  test('of which those without an eligible host do not count', () => {
    expect(zoneBounds(full, { capacity: [5, 0, 3], hosts: cordoned })).toEqual([4, 0, 3]);
    expect(zoneBounds({ ...block, minDomains: 3 }, { capacity: [5, 0, 3], hosts: cordoned })).toEqual([1, 0, 1]);
    const shares = { ...block, weights: weights(1, 1, 1) };
    expect(zoneBounds(shares, { capacity: [9, 2, 9], holding: [0, 2, 0], asked: 6, hosts: cordoned })).toEqual([
      3, 2, 3,
    ]);
  });

  test('of which those whose hosts are lost are none', () => {
    const lost = [inZone('a', { state: 'Lost' }), inZone('b'), inZone('c')];
    expect(zoneBounds({ maxDomains: 2 }, { capacity: [0, 5, 3], hosts: lost })).toEqual([0, 5, 3]);
    expect(zoneBounds({ maxDomains: 1 }, { capacity: [0, 5, 3], hosts: lost })).toEqual([0, 5, 0]);
  });

  test('of which equal ones are chosen, and get the last of the shares, by the seed', () => {
    const chosen = new Set<string>();
    const favoured = new Set<string>();
    for (let seed = 0; seed < 16; seed++) {
      chosen.add(String(zoneBounds({ maxDomains: 1 }, { capacity: [5, 5], seed })));
      favoured.add(String(zoneBounds({ ...block, weights: weights(1, 1) }, { capacity: [9, 9], asked: 3, seed })));
    }
    expect([...chosen].toSorted()).toEqual(['0,5', '5,0']);
    expect([...favoured].toSorted()).toEqual(['1,2', '2,1']);
  });
});

describe('tiers bound those after them', () => {
  const named = (name: string, rest: object = {}) => ({
    name,
    required: [{ matchExpressions: [{ key: labels.cluster, operator: 'In' as const, values: [name] }] }],
    ...rest,
  });

  /** The same over the tiers eu and us, of one host each. */
  function tierBounds(overflow: boolean, { without, ...eu }: Partial<Host> & { without?: Without } = {}): number[] {
    const inventory = takeInventory({
      clusters: [cluster('eu'), cluster('us')],
      hosts: [host('eu/a', eu), host('us/b')],
      distributions: [],
    });
    const tiers = [named('eu', { overflow }), named('us')];
    const [tree] = new Shape(actor({ clusters: { tiers } }), inventory).trees;
    if (tree === undefined) throw new Error('a distribution has a tree');
    const figures = new Figures(tree.size, tree.indices.length);
    figures.capacity.set([0, 5, 6]);
    figures.holding.set([0, 0, 2]);
    return [...childBounds(tree, 0, figures, 9, 0, without)].slice(1, 3);
  }

  test('to what they hold, unless they overflow or have no eligible host', () => {
    expect(tierBounds(false)).toEqual([5, 2]);
    expect(tierBounds(true)).toEqual([5, 6]);
    expect(tierBounds(false, { unschedulable: true })).toEqual([5, 6]);
    expect(tierBounds(false, { without: new Set(['tiers']) })).toEqual([5, 6]);
    expect(tierBounds(false, { without: new Set(['spread']) })).toEqual([5, 2]);
  });
});
