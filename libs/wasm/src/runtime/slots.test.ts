import { describe, expect, test } from 'vitest';
import { OverloadedError } from '../error.ts';
import { freeOwnSlot, takeOwnSlot } from './slot-table.ts';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

describe('Slots', () => {
  test('grants in order, as many as there are', async () => {
    const slots = new Slots('x', 2, 10);
    const granted: number[] = [];
    const take = async (turn: number): Promise<void> => {
      await slots.acquire(never);
      granted.push(turn);
    };
    const all = [1, 2, 3, 4].map(take);
    await Promise.all(all.slice(0, 2));
    expect(granted).toEqual([1, 2]);
    slots.release();
    await all[2];
    slots.release();
    await all[3];
    expect(granted).toEqual([1, 2, 3, 4]);
  });

  test('refuses when the queue is full, and not before', async () => {
    const slots = new Slots('x', 1, 1);
    await slots.acquire(never);
    const waiting = slots.acquire(never);
    await expect(slots.acquire(never)).rejects.toThrow(new OverloadedError('x', 1, 1));
    slots.release();
    await waiting;
    await expect(Promise.race([slots.acquire(never), Promise.resolve('waits')])).resolves.toBe('waits');
  });

  test('a waiter that gives up leaves its place to the next', async () => {
    const slots = new Slots('x', 1, 1);
    await slots.acquire(never);
    const controller = new AbortController();
    const waiting = slots.acquire(controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const next = slots.acquire(never);
    slots.release();
    await next;
  });

  test('more slots are granted at once, fewer when they come back', async () => {
    const slots = new Slots('x', 1, 10);
    await slots.acquire(never);
    const waiting = slots.acquire(never);
    slots.resize(2);
    await waiting;
    slots.resize(1);
    const late = slots.acquire(never);
    slots.release();
    await expect(Promise.race([late, Promise.resolve('waits')])).resolves.toBe('waits');
    slots.release();
    await late;
  });

  test('are shared with workers, and come back when a worker is ended', async () => {
    const slots = new Slots('x', 2, 10, 2);
    expect([takeOwnSlot(slots.table, 0), takeOwnSlot(slots.table, 1), takeOwnSlot(slots.table, 1)]).toEqual([
      true,
      true,
      false,
    ]);
    const waiting = slots.acquire(never);
    // The worker is told that someone waits, and tells the main thread that it let go.
    expect(freeOwnSlot(slots.table, 0)).toBe(true);
    slots.freed();
    await waiting;
    const next = slots.acquire(never);
    slots.forgive(1);
    await next;
    expect(slots.tryAcquire()).toBe(false);
  });
});
