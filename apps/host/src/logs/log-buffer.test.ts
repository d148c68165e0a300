import { expect, test } from 'vitest';
import { LogBuffer } from './log-buffer.ts';

const line = (at: number, message = `line ${at}`): Parameters<LogBuffer['add']>[0] => ({
  at,
  level: 'info',
  context: '',
  message,
});

test('the last lines are kept, by number and by size', () => {
  const buffer = new LogBuffer();
  for (let at = 1; at <= 1_500; at++) buffer.add(line(at));
  const kept = buffer.read({});
  expect([kept.length, kept[0]?.at, kept.at(-1)?.at]).toEqual([1_000, 501, 1_500]);
  for (let at = 1_501; at <= 1_530; at++) buffer.add(line(at, 'x'.repeat(8_192)));
  const large = buffer.read({});
  expect(large.length).toBeLessThanOrEqual(16);
  expect(large.at(-1)?.at).toBe(1_530);
});

test('since and tail choose from it', () => {
  const buffer = new LogBuffer();
  for (let at = 1; at <= 5; at++) buffer.add(line(at));
  const times = (query: Parameters<LogBuffer['read']>[0]): number[] => buffer.read(query).map(({ at }) => at);
  expect(times({ since: 3 })).toEqual([3, 4, 5]);
  expect(times({ tail: 2 })).toEqual([4, 5]);
  expect(times({ since: 3, tail: 9 })).toEqual([3, 4, 5]);
  expect(times({ tail: 0 })).toEqual([]);
});

test('who listens hears what comes, until it stops', () => {
  const buffer = new LogBuffer();
  const heard: number[] = [];
  buffer.add(line(1));
  const stop = buffer.listen(({ at }) => heard.push(at));
  buffer.add(line(2));
  stop();
  buffer.add(line(3));
  expect(heard).toEqual([2]);
});
