import { expect, test } from 'vitest';
import { atWork, atWorkTable } from '../runtime/at-work.ts';
import { Turn } from './turn.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('guests of one component share a turn, those of another have the next, after what was said has left', async () => {
  const events: string[] = [];
  const table = atWorkTable();
  const turn = new Turn(table, () => void events.push('flush'));
  const run = async (component: number): Promise<void> => {
    await turn.enter(component);
    events.push(`${component} while ${atWork(table).component}`);
  };
  const all = [run(1), run(2), run(1), run(3), run(2)];
  expect(turn.enter(1)).toBeUndefined();
  await Promise.all(all);
  expect(events).toEqual(['flush', '1 while 1', '1 while 1', 'flush', '2 while 2', '2 while 2', 'flush', '3 while 3']);
});

test('the main thread sees which turn it is, and that nobody runs', async () => {
  const table = atWorkTable();
  const turn = new Turn(table, () => undefined);
  expect(atWork(table)).toEqual({ component: undefined, turn: 0 });
  expect(turn.enter(7)).toBeUndefined();
  expect(atWork(table)).toEqual({ component: 7, turn: 1 });
  await nextTurn();
  expect(atWork(table)).toEqual({ component: undefined, turn: 1 });
  expect(turn.enter(7)).toBeUndefined();
  expect(atWork(table)).toEqual({ component: 7, turn: 2 });
});
