import { describe, expect, test } from 'vitest';
import { actor, cluster, host, slots } from '../example.ts';
import type { Host } from '../model/snapshot.ts';
import type { HostView, Inventory } from './inventory.ts';
import { takeInventory, viewOf } from './inventory.ts';
import { Ledger } from './ledger.ts';
import { RoomCache, Rooms, Exceptions } from './rooms.ts';
import { Shape } from './shape.ts';
import type { Tree } from './tree.ts';

const eu = cluster('eu');

const inventoryOf = (...hosts: Host[]): Inventory => takeInventory({ clusters: [eu], hosts, distributions: [] });

const viewed = (one: Host, index: number): HostView => viewOf({ host: one, cluster: eu, ghost: false }, index);

describe('the ledger', () => {
  test('takes and gives back what replicas need of a host, beside what others use', () => {
    const ledger = new Ledger(
      inventoryOf(
        host('eu/a', { allocatable: { instances: 4, memory: 100 }, foreign: { memory: 30 } }),
        host('eu/b', { allocatable: { instances: 4, memory: 50 } }),
      ),
    );
    const demand = ledger.demand({ instances: 1, memory: 20 });
    const free = (): number[][] => demand.stocks.map((stock) => [...stock.free]);
    expect(free()).toEqual([
      [4, 4],
      [70, 50],
    ]);
    ledger.charge(0, demand, 3);
    expect(free()).toEqual([
      [1, 4],
      [10, 50],
    ]);
    ledger.charge(0, demand, -2);
    expect(free()).toEqual([
      [3, 4],
      [50, 50],
    ]);
    // Whoever asks for memory asks for the same.
    expect(ledger.demand({ memory: 1 }).stocks[0]).toBe(demand.stocks[1]);
  });

  test('knows how busy hosts are, in sixteenths of their instances', () => {
    const ledger = new Ledger(inventoryOf(slots('eu/a', 32), slots('eu/b', 0), host('eu/c')));
    const demand = ledger.demand({ instances: 1 });
    expect([...ledger.loads]).toEqual([0, 16, 0]);
    ledger.charge(0, demand, 1);
    expect(ledger.loads[0]).toBe(0);
    ledger.charge(0, demand, 7);
    expect(ledger.loads[0]).toBe(4);
    ledger.charge(0, demand, 24);
    expect(ledger.loads[0]).toBe(16);
  });

  test('logs every change, and apart those of hosts on which something is scarce', () => {
    const ledger = new Ledger(inventoryOf(slots('eu/a', 10), slots('eu/b', 10)));
    const demand = ledger.demand({ instances: 2 });
    ledger.scarceBelow(demand, 3);
    ledger.charge(0, demand, 2);
    expect([ledger.log.end, ledger.scarce.end]).toEqual([1, 0]);
    ledger.charge(0, demand, 1);
    expect([ledger.log.end, ledger.scarce.end]).toEqual([2, 1]);
    // From scarce to enough is a change, too.
    ledger.charge(0, demand, -1);
    expect([ledger.log.end, ledger.scarce.end, ledger.scarce.at(1)]).toEqual([3, 2, 0]);
    // A lower mark does not take the higher one away.
    ledger.scarceBelow(demand, 1);
    ledger.charge(1, demand, 3);
    expect(ledger.scarce.end).toBe(3);
  });

  test('follows what a host offers', () => {
    const before = host('eu/b', { allocatable: { instances: 10, memory: 5 } });
    const ledger = new Ledger(inventoryOf(slots('eu/a', 10), before));
    const demand = ledger.demand({ instances: 1, memory: 1 });
    ledger.charge(1, demand, 4);
    const now = host('eu/b', { allocatable: { instances: 16, memory: 9 }, foreign: { memory: 2 } });
    ledger.resize(viewed(before, 1), viewed(now, 1));
    expect(demand.stocks.map(({ free }) => free[1])).toEqual([12, 3]);
    expect(ledger.loads[1]).toBe(4);
    expect([ledger.log.at(1), ledger.log.end, ledger.scarce.at(0), ledger.scarce.end]).toEqual([1, 2, 1, 1]);
  });
});

const treeOf = (inventory: Inventory): Tree => {
  const [tree] = new Shape(actor({}), inventory).trees;
  if (tree === undefined) throw new Error('a distribution has a tree');
  return tree;
};

describe('rooms', () => {
  const three = [slots('eu/a', 4), slots('eu/b', 6), slots('eu/c', 8)];

  test('are those of the open hosts, and of all in a leaf together', () => {
    const inventory = inventoryOf(slots('eu/a', 4), { ...slots('eu/b', 6), unschedulable: true }, slots('eu/c', 8));
    const tree = treeOf(inventory);
    let each = 5;
    const rooms = new Rooms(tree, (one) => one + each);
    expect([[...rooms.at], rooms.inLeaf[0]]).toEqual([[5, 0, 7], 12]);
    each = 6;
    rooms.count(2);
    expect([[...rooms.at], rooms.inLeaf[0]]).toEqual([[5, 0, 8], 13]);
    rooms.count(1);
    rooms.count(9);
    expect([[...rooms.at], rooms.inLeaf[0]]).toEqual([[5, 0, 8], 13]);
    rooms.countAll();
    expect([[...rooms.at], rooms.inLeaf[0]]).toEqual([[6, 0, 8], 14]);
  });

  test('follow the ledger', () => {
    const inventory = inventoryOf(...three);
    const ledger = new Ledger(inventory);
    const cache = new RoomCache(ledger);
    const tree = treeOf(inventory);
    const demand = ledger.demand({ instances: 2 });
    const at = (most: number): number[] => [...cache.of(tree, demand, most).at];
    expect([at(Infinity), at(2), at(3)]).toEqual([
      [2, 3, 4],
      [2, 2, 2],
      [2, 3, 3],
    ]);
    ledger.charge(2, demand, 2);
    expect([at(Infinity), at(2), at(3)]).toEqual([
      [2, 3, 2],
      [2, 2, 2],
      [2, 3, 2],
    ]);
    // More changes than there are hosts: everything is looked at.
    for (let i = 0; i < 5; i++) ledger.charge(1, demand, i === 0 ? 2 : 0);
    ledger.charge(2, demand, -1);
    expect([at(Infinity), at(2), at(3)]).toEqual([
      [2, 1, 3],
      [2, 1, 2],
      [2, 1, 3],
    ]);
    expect(cache.of(tree, demand, 2)).toBe(cache.of(tree, demand, 2));
    expect(cache.of(tree, demand, 2).inLeaf[0]).toBe(5);
  });

  test('follow the verdicts about the hosts', () => {
    const inventory = inventoryOf(...three);
    const ledger = new Ledger(inventory);
    const cache = new RoomCache(ledger);
    const shape = new Shape(actor({}), inventory);
    const [tree = treeOf(inventory)] = shape.trees;
    const demand = ledger.demand({ instances: 1 });
    expect([...cache.of(tree, demand, Infinity).at]).toEqual([4, 6, 8]);
    shape.review(viewed({ ...slots('eu/b', 6), unschedulable: true }, 1));
    expect([...cache.of(tree, demand, Infinity).at]).toEqual([4, 0, 8]);
    shape.review(viewed(slots('eu/b', 6), 1));
    const rooms = cache.of(tree, demand, Infinity);
    expect([[...rooms.at], rooms.inLeaf[0]]).toEqual([[4, 6, 8], 18]);
  });

  test('have exceptions, of which a copy can grow alone', () => {
    const exceptions = new Exceptions();
    exceptions.add(3, 1);
    exceptions.blocked.push(2);
    const copy = new Exceptions(exceptions);
    copy.add(4, 5);
    copy.blocked.push(6);
    expect([exceptions.positions, exceptions.rooms, exceptions.blocked]).toEqual([[3], [1], [2]]);
    expect([copy.positions, copy.rooms, copy.blocked]).toEqual([
      [3, 4],
      [1, 5],
      [2, 6],
    ]);
  });
});
