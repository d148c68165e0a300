import { describe, expect, test } from 'vitest';
import { Allowance } from './allowances.ts';
import { demandOf, roomOn, roomsInto, type Demand, type Stock } from './demand.ts';

const stock = (...free: number[]): Stock => ({ free: Float64Array.from(free), ample: 0 });
const demand = (amounts: Record<string, number>): Demand => demandOf(amounts, () => stock());

describe('what a namespace may take', () => {
  test('the scarcest resource bounds the replicas, and is named', () => {
    const allowance = new Allowance({ name: 'shop', quota: { memory: 10, cpu: 9 } });
    const replica = demand({ memory: 3, cpu: 2, disk: 5 });
    expect(allowance.roomFor(replica)).toEqual({ room: 3, resource: 'memory' });
    allowance.charge(replica, 2);
    expect(allowance.roomFor(replica)).toEqual({ room: 1, resource: 'memory' });
    allowance.charge(replica, -1);
    expect(allowance.roomFor(demand({ cpu: 4 }))).toEqual({ room: 1, resource: 'cpu' });
  });

  test('of two that allow as many, the first is named', () => {
    const allowance = new Allowance({ name: 'shop', quota: { memory: 4, cpu: 4 } });
    expect(allowance.roomFor(demand({ cpu: 1, memory: 1 }))).toEqual({ room: 4, resource: 'cpu' });
  });

  test('without a quota, or for what takes nothing of it, there is no bound', () => {
    const free = new Allowance({ name: 'shop' });
    free.charge(demand({ memory: 1 }), 5);
    expect(free.roomFor(demand({ memory: 1 }))).toEqual({ room: Infinity });
    expect(new Allowance({ name: 'shop', quota: { gpu: 0 } }).roomFor(demand({ memory: 1 }))).toEqual({
      room: Infinity,
    });
  });

  test('a quota that is exceeded already allows none', () => {
    const allowance = new Allowance({ name: 'shop', quota: { memory: 4 } });
    allowance.charge(demand({ memory: 3 }), 2);
    expect(allowance.roomFor(demand({ memory: 1 }))).toEqual({ room: 0, resource: 'memory' });
  });

  test('a ceiling of priority that is no number is none', () => {
    expect(new Allowance({ name: 'shop' }).maxPriority).toBe(Infinity);
    expect(new Allowance({ name: 'shop', maxPriority: NaN }).maxPriority).toBe(Infinity);
    expect(new Allowance({ name: 'shop', maxPriority: 0 }).maxPriority).toBe(0);
  });
});

describe('what fits on a host', () => {
  const stocks: Record<string, Stock> = { memory: stock(10, 3, -4, 0), cpu: stock(4, 9, 9, 9) };
  const replica = demandOf({ memory: 3, cpu: 2, gpu: 0 }, (name) => stocks[name] ?? stock());
  const fitting = (most: number): number[] => [0, 1, 2, 3].map((host) => roomOn(replica, host, most));

  test('what takes nothing is not asked for', () => {
    expect(replica.resources).toEqual(['memory', 'cpu']);
    expect([...replica.amounts]).toEqual([3, 2]);
  });

  test('every resource bounds it, and so does the most', () => {
    expect(fitting(99)).toEqual([2, 1, 0, 0]);
    expect(fitting(1)).toEqual([1, 1, 0, 0]);
    expect(fitting(0)).toEqual([0, 0, 0, 0]);
    expect(fitting(-1)).toEqual([0, 0, 0, 0]);
  });

  test('the same for every host at once', () => {
    for (const most of [99, 1, 0]) {
      const rooms = new Int32Array(4);
      roomsInto(rooms, replica, most);
      expect([...rooms]).toEqual(fitting(most));
    }
  });

  test('an amount that is no number asks for everything, one beyond measure for as much as can be counted', () => {
    const all = stock(2 ** 61);
    expect(
      roomOn(
        demandOf({ memory: NaN }, () => all),
        0,
        9,
      ),
    ).toBe(0);
    expect(
      roomOn(
        demandOf({ memory: Infinity }, () => all),
        0,
        9,
      ),
    ).toBe(0);
    expect(demandOf({ memory: -Infinity, cpu: -1 }, () => all).resources).toEqual([]);
  });
});
