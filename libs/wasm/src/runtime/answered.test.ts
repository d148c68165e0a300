import { expect, test } from 'vitest';
import { AnsweredCalls, answeredTable, noteAnswered } from './answered.ts';

test('calls are told once, in their order, however often the ring goes round', () => {
  const table = answeredTable();
  const answered = new AnsweredCalls(table);
  expect(answered.take()).toBeUndefined();
  let next = 1;
  let noted = 1;
  for (let round = 0; round < 10; round++) {
    for (let one = 0; one < 1_500; one++) noteAnswered(table, noted++);
    expect(answered.waiting).toBe(1_500);
    for (let call = answered.take(); call !== undefined; call = answered.take()) expect(call).toBe(next++);
  }
  expect(next).toBe(noted);
});
