import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { actor, cluster, host } from '../example.ts';
import { codeOf, type Verdict } from '../filter/verdict.ts';
import type { Distribution } from '../model/distribution.ts';
import type { Cluster, Host } from '../model/snapshot.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import { likesOf, LIKED } from './likes.ts';
import { holdingOf } from './holding.ts';
import { keptApart, keysOf } from './levels.ts';
import { Shape, Shapes } from './shape.ts';
import type { Tree } from './tree.ts';

const clusters = [cluster('eu'), cluster('us')];
const inventoryOf = (hosts: readonly Host[], inside: readonly Cluster[] = clusters): Inventory =>
  takeInventory({ clusters: inside, hosts, distributions: [] });

const zoned = (path: string, zone?: string, rest: Partial<Host> = {}): Host =>
  host(path, { ...rest, labels: { ...(zone !== undefined && { [labels.zone]: zone }), ...rest.labels } });

type Spec = Omit<DistributionSpec, 'actor' | 'provider'>;

function treeOf(spec: Spec | Distribution, hosts: readonly Host[]): { tree: Tree; inventory: Inventory } {
  const inventory = inventoryOf(hosts);
  const [tree] = new Shape('key' in spec ? spec : actor(spec), inventory).trees;
  if (tree === undefined) throw new Error('a distribution has a tree');
  return { tree, inventory };
}

/** A tree in short: the kind of each branch with the values of its children, the hosts of each leaf. */
function drawn(spec: Spec | Distribution, hosts: readonly Host[]): unknown {
  const { tree, inventory } = treeOf(spec, hosts);
  const draw = (node: number): unknown => {
    const rule = tree.rules[node];
    if (rule === undefined)
      return Array.from(
        tree.indices.subarray(tree.starts[node], tree.ends[node]),
        (index) => inventory.hosts[index]?.name,
      );
    const start = tree.first[node] ?? 0;
    const children = Array.from({ length: tree.families[node] ?? 0 }, (_, i) => start + i);
    return [rule.kind, Object.fromEntries(children.map((child) => [tree.values[child], draw(child)]))];
  };
  return draw(0);
}

const four = [zoned('eu/a', 'z1'), zoned('eu/b', 'z2'), zoned('us/c', 'z2'), zoned('us/d')];
const exists = (key: string) => [{ key, operator: 'Exists' as const }];

describe('the tree', () => {
  test('is clusters, then hosts', () => {
    expect(drawn({}, four)).toEqual(['Even', { eu: ['a', 'b'], us: ['c', 'd'] }]);
    expect(drawn({ mode: 'Pack' }, four)).toEqual(['Packed', { eu: ['a', 'b'], us: ['c', 'd'] }]);
  });

  test('is hosts alone for a daemon, and where there is but one cluster', () => {
    expect(drawn({ mode: 'Daemon', spread: [{ topologyKey: labels.zone }] }, four)).toEqual(['a', 'b', 'c', 'd']);
    expect(drawn({}, four.slice(0, 2))).toEqual(['a', 'b']);
  });

  test('divides by each entry in turn; hosts without the label come last', () => {
    expect(drawn({ spread: [{ topologyKey: labels.zone }] }, four)).toEqual([
      'Ordered',
      { labelled: ['Spread', { z1: ['a'], z2: ['Even', { eu: ['b'], us: ['c'] }] }], unlabelled: ['d'] },
    ]);
    expect(
      drawn({ spread: [{ topologyKey: labels.cluster }, { topologyKey: labels.zone }] }, four.slice(0, 3)),
    ).toEqual(['Spread', { eu: ['Spread', { z1: ['a'], z2: ['b'] }], us: ['Spread', { z2: ['c'] }] }]);
  });

  test('ends at an entry by host that asks for nothing else', () => {
    const byHost = { topologyKey: labels.hostname };
    expect(drawn({ spread: [byHost] }, four)).toEqual(['a', 'b', 'c', 'd']);
    expect(drawn({ spread: [{ topologyKey: labels.cluster }, byHost] }, four)).toEqual([
      'Spread',
      { eu: ['a', 'b'], us: ['c', 'd'] },
    ]);
    const { tree } = treeOf({ spread: [byHost] }, four);
    expect([tree.hasEntries, tree.entries[0]?.index, tree.isPlain]).toEqual([true, 0, true]);
    expect(treeOf({}, four).tree.hasEntries).toBe(false);
  });

  const bounded: [name: string, entry: object][] = [
    ['a min', { min: 1 }],
    ['a max', { max: 9 }],
    ['maxDomains', { maxDomains: 9 }],
    ['minDomains', { minDomains: 2, whenUnsatisfiable: 'Block' }],
    ['full domains that block', { whenUnsatisfiable: 'Block', whenDomainFull: 'Block' }],
    ['weights', { weights: [{ value: '*', weight: 1 }] }],
  ];
  test.for(bounded)('has a level of single hosts for an entry by host with %s', ([, entry]) => {
    const spec = { spread: [{ topologyKey: labels.hostname, ...entry }] };
    expect(drawn(spec, four)).toEqual(['Spread', { 'eu/a': ['a'], 'eu/b': ['b'], 'us/c': ['c'], 'us/d': ['d'] }]);
  });

  test('puts what is preferred most first, and what is to be avoided last', () => {
    const preferred = [
      { weight: 5, matchExpressions: exists('ssd') },
      { weight: -2, matchExpressions: exists('old') },
    ];
    const inCluster = {
      preferred: [{ weight: 10, matchExpressions: [{ key: labels.cluster, operator: 'In' as const, values: ['us'] }] }],
    };
    const hosts = [
      host('eu/a', { labels: { ssd: '' } }),
      host('eu/b', { labels: { ssd: '', old: '' } }),
      host('eu/c'),
      host('us/d', { labels: { ssd: '' }, taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }),
      host('us/e'),
    ];
    const want = { '10': ['e'], '5': ['a'], '3': ['b'], '0': ['c'], '-999999985': ['d'] };
    expect(drawn({ hosts: { preferred }, clusters: inCluster }, hosts)).toEqual(['Ordered', want]);
    const { tree, inventory } = treeOf({ hosts: { preferred }, clusters: inCluster }, hosts);
    expect([...tree.indices].map((index) => inventory.hosts[index]?.name)).toEqual(['e', 'a', 'b', 'c', 'd']);
    expect(tree.isPlain).toBe(true);
  });

  test('has a level for tiers first, each a world of its own; hosts of none are not in it', () => {
    const named = (name: string) => ({
      name,
      required: [{ matchExpressions: [{ key: 'class', operator: 'In' as const, values: [name] }] }],
    });
    const inside = [
      cluster('eu', { labels: { class: 'gold' } }),
      cluster('us', { labels: { class: 'iron' } }),
      cluster('ap'),
    ];
    const inventory = inventoryOf([...four, host('ap/x')], inside);
    const spec = { clusters: { tiers: [named('iron'), named('gold'), named('none')] } };
    const [tree] = new Shape(actor(spec), inventory).trees;
    expect(tree?.values).toEqual(['', 'iron', 'gold', 'none']);
    expect([...(tree?.leaves ?? [])].toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2]);
    expect([...(tree?.eligible ?? [])]).toEqual([4, 2, 2, 0]);
    expect(tree?.isPlain).toBe(false);
  });

  test('gives scores instead of levels where neighbours are preferred', () => {
    const term = { weight: 3, topologyKey: labels.zone, selector: { matchLabels: { app: 'db' } } };
    const preferred = [{ weight: 5, matchExpressions: exists('ssd') }];
    const hosts = [host('eu/a'), host('us/b', { labels: { ssd: '' } })];
    const { tree } = treeOf({ affinity: { preferred: [term] }, hosts: { preferred } }, hosts);
    expect([tree.size, ...(tree.scores ?? [])]).toEqual([1, 0, 5]);
    const daemon = treeOf({ mode: 'Daemon', affinity: { preferred: [term] } }, hosts).tree;
    expect(daemon.scores).toBeUndefined();
  });

  test('is level over what it prefers not to share with itself', () => {
    const term = (topologyKey: string, app = 'db') => ({ weight: 3, topologyKey, selector: { matchLabels: { app } } });
    const facts = { labels: { app: 'db' } };
    const preferred = [term(labels.zone), term(labels.hostname), term(labels.region, 'web')];
    const self = actor({ antiAffinity: { preferred } }, facts);
    expect(keptApart(self)).toEqual([labels.zone]);
    expect(drawn(self, four)).toEqual(['Even', { '': ['d'], z1: ['a'], z2: ['b', 'c'] }]);
    expect(keysOf(self)).toEqual([labels.zone]);
  });
});

test('labels that terms, levels and groups look at', () => {
  const spec = {
    hosts: { required: [{ matchExpressions: exists('r') }], preferred: [{ weight: 1, matchExpressions: exists('p') }] },
    spread: [{ topologyKey: labels.zone }, { topologyKey: labels.hostname }],
    groups: [{ name: 'one', requirements: { g: '1' } }],
  };
  expect(keysOf(actor(spec))).toEqual(['r', 'p', labels.zone, 'g']);
});

describe('nodes', () => {
  const spec = { spread: [{ topologyKey: labels.cluster }, { topologyKey: labels.zone, max: 3 }] };

  test('are numbered from the root down, families in a row', () => {
    const { tree } = treeOf(spec, four.slice(0, 3));
    expect([...tree.first]).toEqual([1, 3, 5, 6, 6, 6]);
    expect([...tree.families]).toEqual([2, 2, 1, 0, 0, 0]);
    expect([...tree.parents]).toEqual([-1, 0, 0, 1, 1, 2]);
    expect([...tree.spreads]).toEqual([0, 1, 2]);
    expect([...tree.leaves]).toEqual([3, 4, 5]);
    expect([0, 3].map((node) => tree.isLeaf(node))).toEqual([false, true]);
    expect(tree.isPlain).toBe(false);
    expect(tree.nodeSeeds[4]).toBe(tree.nodeSeeds[5]);
    expect(tree.nodeSeeds[3]).not.toBe(tree.nodeSeeds[4]);
  });

  test('count the hosts below that are eligible, and those that may keep what they have', () => {
    const { tree } = treeOf(spec, four.slice(0, 3));
    const verdict = (rest: Partial<Verdict>): number =>
      codeOf({ use: 'Open', frozen: false, filter: undefined, ...rest });
    const counts = (): number[][] => [[...tree.eligible], [...tree.present], [...tree.open], [...tree.frozen]];
    expect(counts()).toEqual([
      [3, 2, 1, 1, 1, 1],
      [3, 2, 1, 1, 1, 1],
      [1, 1, 1],
      [0, 0, 0],
    ]);
    expect(tree.hasFrozen).toBe(false);
    tree.judge(1, verdict({ use: 'Full', frozen: true, filter: 'HostUnknown' }));
    expect(counts()).toEqual([
      [3, 2, 1, 1, 1, 1],
      [3, 2, 1, 1, 1, 1],
      [1, 0, 1],
      [0, 1, 0],
    ]);
    expect(tree.hasFrozen).toBe(true);
    tree.judge(1, verdict({ use: 'Keep', filter: 'HostCordoned' }));
    expect(counts()).toEqual([
      [2, 1, 1, 1, 0, 1],
      [3, 2, 1, 1, 1, 1],
      [1, 0, 1],
      [0, 0, 0],
    ]);
    expect(tree.hasFrozen).toBe(false);
    tree.judge(2, verdict({ use: 'Out', filter: 'HostLost' }));
    expect(counts()).toEqual([
      [1, 1, 0, 1, 0, 0],
      [2, 2, 0, 1, 1, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
  });

  test('log a host whose verdict changes, once', () => {
    const { tree } = treeOf({ hosts: { required: [{ matchExpressions: exists(labels.zone) }] } }, four);
    const { end } = tree.log;
    const cordoned = codeOf({ use: 'Keep', frozen: false, filter: 'HostCordoned' });
    tree.judge(1, cordoned);
    tree.judge(1, cordoned);
    // Not in the tree.
    tree.judge(3, cordoned);
    expect([tree.log.end - end, tree.log.at(end)]).toEqual([1, 1]);
    expect(tree.positions[3]).toBe(-1);
  });
});

test('a rule bounds the children together where it says so', () => {
  const isPlain = (entry: object): boolean =>
    treeOf({ spread: [{ topologyKey: labels.zone, ...entry }] }, four.slice(0, 3)).tree.isPlain;
  const weights = (value: number) => [
    { value: 'z1', weight: 1 },
    { value: 'z2', weight: value },
  ];
  expect(isPlain({})).toBe(true);
  expect(isPlain({ whenUnsatisfiable: 'Block' })).toBe(true);
  expect(isPlain({ min: 1 })).toBe(true);
  expect(isPlain({ max: 3 })).toBe(false);
  expect(isPlain({ maxDomains: 1 })).toBe(false);
  expect(isPlain({ maxDomains: 2 })).toBe(true);
  expect(isPlain({ weights: weights(1) })).toBe(true);
  expect(isPlain({ weights: weights(0) })).toBe(false);
  expect(isPlain({ weights: weights(1), whenUnsatisfiable: 'Block' })).toBe(false);
  expect(isPlain({ minDomains: 2, whenUnsatisfiable: 'Block' })).toBe(false);
  expect(isPlain({ whenDomainFull: 'Block', whenUnsatisfiable: 'Block' })).toBe(false);
});

test('seats that are taken now are liked, by host and by node', () => {
  const { tree } = treeOf({}, four);
  expect(likesOf({ tree, liked: undefined })).toBeUndefined();
  const likes = likesOf({
    tree,
    liked: holdingOf([
      [0, 1],
      [1, 2],
    ]),
  });
  expect([likes?.at(0, 1), likes?.at(0, 2), likes?.at(1, 2), likes?.at(2, 1)]).toEqual([LIKED, 0, LIKED, 0]);
  expect([likes?.in(0, 3), likes?.in(1, 3), likes?.in(1, 4), likes?.in(2, 1)]).toEqual([LIKED, LIKED, 0, 0]);
});

describe('a shape', () => {
  const shapes = new Shapes(inventoryOf([...four, host('eu/x', { lattices: ['shop'] })]));
  const plain: Spec = { spread: [{ topologyKey: labels.zone }] };

  test('is shared by those of equal constraints', () => {
    const one = shapes.of(actor(plain, { name: 'one' }));
    expect(shapes.of(actor({ ...plain, replicas: 9, priority: 3, maxPerHost: 2 }, { name: 'two' }))).toBe(one);
    // No host names this namespace.
    expect(shapes.of(actor(plain, { namespace: 'bank' }))).toBe(one);
  });

  const others: [name: string, distribution: Distribution][] = [
    ['a namespace that hosts name', actor(plain, { namespace: 'shop' })],
    ['a mode', actor({ ...plain, mode: 'Pack' })],
    ['no entry', actor({})],
    ['a key', actor({ spread: [{ topologyKey: labels.region }] })],
    ['Block', actor({ spread: [{ topologyKey: labels.zone, whenUnsatisfiable: 'Block' }] })],
    ['maxSkew', actor({ spread: [{ topologyKey: labels.zone, maxSkew: 2 }] })],
    ['min', actor({ spread: [{ topologyKey: labels.zone, min: 2 }] })],
    ['max', actor({ spread: [{ topologyKey: labels.zone, max: 2 }] })],
    ['maxDomains', actor({ spread: [{ topologyKey: labels.zone, maxDomains: 2 }] })],
    ['weights', actor({ spread: [{ topologyKey: labels.zone, weights: [{ value: 'z1', weight: 1 }] }] })],
    ['other weights', actor({ spread: [{ topologyKey: labels.zone, weights: [{ value: 'z1', weight: 2 }] }] })],
    [
      'full domains',
      actor({ spread: [{ topologyKey: labels.zone, whenUnsatisfiable: 'Block', whenDomainFull: 'Block' }] }),
    ],
    ['minDomains', actor({ spread: [{ topologyKey: labels.zone, whenUnsatisfiable: 'Block', minDomains: 2 }] })],
    ['terms of clusters', actor({ ...plain, clusters: { required: [{ matchExpressions: exists('a') }] } })],
    [
      'preferred clusters',
      actor({ ...plain, clusters: { preferred: [{ weight: 1, matchExpressions: exists('a') }] } }),
    ],
    ['terms of hosts', actor({ ...plain, hosts: { required: [{ matchExpressions: exists('a') }] } })],
    ['preferred hosts', actor({ ...plain, hosts: { preferred: [{ weight: 1, matchExpressions: exists('a') }] } })],
    ['interfaces', actor({ ...plain, hosts: { interfaces: ['a:b/c'] } })],
    ['tiers', actor({ ...plain, clusters: { tiers: [{ name: 'a', required: [{ matchExpressions: exists('a') }] }] } })],
    ['tolerations', actor({ ...plain, tolerations: [{ operator: 'Exists' }] })],
    ['groups', actor({ groups: [{ name: 'a' }] })],
    [
      'preferred neighbours',
      actor({ ...plain, affinity: { preferred: [{ weight: 1, topologyKey: labels.zone, selector: {} }] } }),
    ],
    [
      'itself, kept apart',
      actor({ ...plain, antiAffinity: { preferred: [{ weight: 1, topologyKey: labels.region, selector: {} }] } }),
    ],
  ];
  test('is another for every constraint', () => {
    const found = new Set([shapes.of(actor(plain)), ...others.map(([, one]) => shapes.of(one))]);
    expect(found.size).toBe(others.length + 1);
  });

  test('knows of each host what it may do, and follows it', () => {
    const hosts = [host('eu/a'), host('eu/b', { state: 'Lost' }), host('eu/c', { lattices: ['shop'] })];
    const inventory = inventoryOf(hosts);
    const shape = new Shape(actor({}), inventory);
    const says = () => [0, 1, 2].map((i) => [shape.verdictOf(i)?.use, shape.holds(i), shape.keeps(i)]);
    expect(says()).toEqual([
      ['Open', true, true],
      ['Out', true, false],
      ['Out', false, false],
    ]);
    const [a, b] = inventory.hosts;
    if (a === undefined || b === undefined) throw new Error('there are three hosts');
    shape.review({ ...a, state: 'Unknown' });
    shape.review({ ...b, state: 'Ready' });
    expect(says().slice(0, 2)).toEqual([
      ['Full', true, false],
      ['Open', true, true],
    ]);
    expect([...(shape.trees[0]?.open ?? [])]).toEqual([0, 1]);
    expect(shape.verdictOf(9)).toBeUndefined();
  });

  test('has a tree for each group, of the hosts that it matches', () => {
    const groups = [{ name: 'one', requirements: { [labels.zone]: 'z1' } }, { name: 'any' }];
    const shape = new Shape(actor({ groups }), inventoryOf(four));
    expect(shape.trees.map(({ indices }) => [...indices])).toEqual([[0], [0, 1, 2, 3]]);
    const daemon = new Shape(actor({ groups, mode: 'Daemon' }), inventoryOf(four));
    expect(daemon.trees).toHaveLength(1);
  });
});
