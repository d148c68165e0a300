import { encodeValues, signatureOf, type FuncType } from '@kasmcloud/wrpc';
import { expect, test } from 'vitest';
import { keyvalueFunctions, wireInstance } from './wire.ts';

const { store, atomics } = keyvalueFunctions;
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const hex = (of: Uint8Array): string => Buffer.from(of).toString('hex');

// As hosts and providers of wasmCloud 1.9 write them.
test.for<[string, FuncType, readonly unknown[], string]>([
  ['get', store.get, ['default', 'counter'], '0764656661756c7407636f756e746572'],
  ['set', store.set, ['default', 'counter', bytes('42')], '0764656661756c7407636f756e746572023432'],
  ['list-keys', store['list-keys'], ['default', undefined], '0764656661756c7400'],
  ['increment', atomics.increment, ['default', 'counter', 1n], '0764656661756c7407636f756e74657201'],
])('the parameters of %s', ([, type, args, wanted]) => {
  expect(hex(encodeValues(signatureOf(type).params, args).bytes)).toBe(wanted);
});

test.for<[string, FuncType, unknown, string]>([
  ['a value', store.get, { tag: 'ok', val: bytes('42') }, '0001023432'],
  ['no value', store.get, { tag: 'ok', val: undefined }, '0000'],
  ['no such store', store.get, { tag: 'err', val: { tag: 'no-such-store' } }, '0100'],
  ['another error', store.get, { tag: 'err', val: { tag: 'other', val: 'boom' } }, '010204626f6f6d'],
  ['a sum', atomics.increment, { tag: 'ok', val: 43n }, '002b'],
  ['keys', store['list-keys'], { tag: 'ok', val: { keys: ['a', 'bc'], cursor: undefined } }, '0002016102626300'],
])('the answer of %s', ([, type, value, wanted]) => {
  expect(hex(encodeValues(signatureOf(type).results, [value]).bytes)).toBe(wanted);
});

test('instances have the version that wasmCloud gives them', () => {
  expect(wireInstance('atomics')).toBe('wrpc:keyvalue/atomics@0.2.0-draft');
});
