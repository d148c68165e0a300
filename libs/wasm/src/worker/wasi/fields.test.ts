import { describe, expect, test } from 'vitest';
import { WitError } from '../../error.ts';
import { Fields } from './fields.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const thrown = (act: () => void): unknown => {
  try {
    act();
  } catch (error) {
    return error instanceof WitError ? error.payload : error;
  }
  return undefined;
};

describe('Fields', () => {
  test('names have no case, values keep their order', () => {
    const fields = Fields.fromList([
      ['Accept', bytes('a')],
      ['accept', bytes('b')],
      ['x-other', bytes('c')],
    ]);
    expect(fields.get('ACCEPT').map(String)).toEqual([String(bytes('a')), String(bytes('b'))]);
    expect([fields.has('X-Other'), fields.has('none')]).toEqual([true, false]);
    fields.set('accept', [bytes('d')]);
    fields.delete('X-OTHER');
    expect(fields.entries()).toEqual([['accept', bytes('d')]]);
  });

  test.for([
    ['a space in a name', 'a b', 'x', 'invalid-syntax'],
    ['no name', '', 'x', 'invalid-syntax'],
    ['a line break in a value', 'a', 'x\r\nset-cookie: y', 'invalid-syntax'],
    ['a zero byte', 'a', 'x\0', 'invalid-syntax'],
    ['framing', 'Transfer-Encoding', 'chunked', 'forbidden'],
    ['another host', 'Host', 'evil', 'forbidden'],
  ] as const)('refuses %s', ([, name, value, tag]) => {
    expect(thrown(() => new Fields().append(name, bytes(value)))).toEqual({ tag });
    expect(thrown(() => new Fields().set(name, [bytes(value)]))).toEqual({ tag });
    expect(thrown(() => Fields.fromList([[name, bytes(value)]]))).toEqual({ tag });
  });

  test('what was received, and what was sent, does not change; a clone does', () => {
    const received = Fields.received([['Host', 'a.b']]);
    expect(thrown(() => received.append('x', bytes('y')))).toEqual({ tag: 'immutable' });
    const clone = received.clone();
    clone.append('x', bytes('\xe9'));
    expect(clone.freeze()).toEqual([
      ['host', 'a.b'],
      ['x', '\xe9'],
    ]);
    expect(thrown(() => clone.delete('x'))).toEqual({ tag: 'immutable' });
    expect(received.has('x')).toBe(false);
  });

  test('do not grow without end', () => {
    const fields = new Fields();
    const fill = (): void => {
      for (let index = 0; index < 10_000; index++) fields.append('x', bytes(''));
    };
    expect(fill).toThrow('header fields take more than 65536 bytes');
  });
});
