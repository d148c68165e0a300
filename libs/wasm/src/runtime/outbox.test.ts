import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** An outbox, and how many messages each of its sendings had. */
const open = (): { outbox: Outbox<number>; sent: number[][] } => {
  const sent: number[][] = [];
  const outbox = new Outbox<number>(
    (messages) => void sent.push([...messages]),
    () => undefined,
  );
  return { outbox, sent };
};

test('messages of a turn leave at its end', async () => {
  const { outbox, sent } = open();
  for (const message of [1, 2, 3]) outbox.post(message);
  expect(sent).toEqual([]);
  await turn();
  expect(sent).toEqual([[1, 2, 3]]);
});

test('the first of many leave at once, and more gather from then on until the turn ends', async () => {
  const { outbox, sent } = open();
  const many = Array.from({ length: 40 }, (_, message) => message);
  for (const round of [1, 2]) {
    for (const message of many) outbox.post(message);
    expect(sent.map(({ length }) => length)).toEqual([4, 8, 16]);
    await turn();
    expect(sent.flat(), `round ${round}`).toEqual(many);
    sent.length = 0;
  }
});
