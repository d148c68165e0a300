import { expect, test } from 'vitest';
import { choosePorts, close, tryListen } from './ports.ts';

const names = ['a', 'b', 'c'];
const none = new Map<string, number>();

test('the same owner gets the same ports, no two names one, another owner others', async () => {
  const first = await choosePorts('/one', names, none);
  expect(new Set(first.values()).size).toBe(3);
  expect(await choosePorts('/one', names, none)).toEqual(first);
  const other = await choosePorts('/two', names, none);
  expect([...other.values()].filter((port) => [...first.values()].includes(port))).toEqual([]);
});

test('a preferred port is taken where it is free, another one where it is not', async () => {
  const first = await choosePorts('/one', names, none);
  expect(await choosePorts('/two', names, first)).toEqual(first);

  const taken = await tryListen(first.get('b') ?? 0, '127.0.0.1');
  for (const owner of ['/one', '/two']) {
    const second = await choosePorts(owner, names, first);
    expect([second.get('a'), second.get('c')]).toEqual([first.get('a'), first.get('c')]);
    expect([...first.values()]).not.toContain(second.get('b'));
  }
  if (taken !== undefined) await close(taken);
});
