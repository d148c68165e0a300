import { TrapError, WitError } from '@kasmcloud/wasm';
import type { FuncType } from '@kasmcloud/wrpc';
import { expect, test } from 'vitest';
import { fromWire, toWire } from './outcome.ts';

const plain: FuncType = { params: [], result: { kind: 'string' } };
const fallible: FuncType = { params: [], result: { kind: 'result', ok: { kind: 'u32' }, err: { kind: 'string' } } };

test('a plain value passes both ways', async () => {
  expect(fromWire(plain, 'hi')).toBe('hi');
  expect(await toWire(plain, Promise.resolve('hi'))).toBe('hi');
});

test('a result is a value on the wire and an exception at the guest', async () => {
  expect(fromWire(fallible, { tag: 'ok', val: 7 })).toBe(7);
  expect(() => fromWire(fallible, { tag: 'err', val: 'no' })).toThrow(new WitError('no'));
  expect(await toWire(fallible, Promise.resolve(7))).toEqual({ tag: 'ok', val: 7 });
  expect(await toWire(fallible, Promise.reject(new WitError('no')))).toEqual({ tag: 'err', val: 'no' });
});

test('a trap has no place in a result', async () => {
  await expect(toWire(fallible, Promise.reject(new TrapError('unreachable')))).rejects.toThrow(TrapError);
});
