import { expect, test } from 'vitest';
import { formatLine, merge, type HostLine } from './lines.ts';

const line = (at: number, more: Partial<HostLine> = {}): HostLine => ({
  at,
  level: 'info',
  context: '',
  message: `line ${at}`,
  host: 'host-a',
  cluster: undefined,
  ...more,
});
const plain = { timestamps: false, prefix: false, json: false };

test('lines of several hosts come in the order of their time, the last of them all', () => {
  const lines = [line(3), line(1, { host: 'host-b' }), line(2), line(4, { host: 'host-b' })];
  expect(merge(lines, undefined).map(({ at }) => at)).toEqual([1, 2, 3, 4]);
  expect(merge(lines, 2).map(({ at }) => at)).toEqual([3, 4]);
  expect(merge(lines, 0)).toEqual([]);
});

test.for([
  [{}, plain, 'INFO line 1'],
  [{ context: 'db', level: 'warn' }, plain, 'WARN db: line 1'],
  [{}, { ...plain, timestamps: true }, '1970-01-01T00:00:00.001Z INFO line 1'],
  [{ cluster: 'eu-1', request: '7' }, { ...plain, prefix: true }, '[eu-1/host-a 7] INFO line 1'],
  [{ message: 'a\u001b[2Jb\tc\nd' }, plain, 'INFO a [2Jb\tc d'],
] as const)('%j as %j', ([more, format, text]) => {
  expect(formatLine(line(1, more), format)).toBe(text);
});

test('as JSON', () => {
  const text = formatLine(line(1, { request: '7' }), { ...plain, json: true });
  expect(JSON.parse(text)).toEqual({
    at: '1970-01-01T00:00:00.001Z',
    level: 'info',
    context: '',
    message: 'line 1',
    request: '7',
    host: 'host-a',
  });
});
