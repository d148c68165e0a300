import { describe, expect, test } from 'vitest';
import { encodeStreamChunk, encodeValues } from './encode.ts';
import { WrpcDecodeError, WrpcEncodeError } from './error.ts';
import { ValueDecoder } from './decode.ts';
import type { WitField, WitType } from './wit-type.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (two) => parseInt(two, 16));
const show = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

const k = (kind: 'bool' | 'u8' | 'u16' | 'u32' | 'u64' | 's8' | 's16' | 's32' | 's64'): WitType => ({ kind });
const string: WitType = { kind: 'string' };
const bytes: WitType = { kind: 'list', of: { kind: 'u8' } };
const option = (of: WitType): WitType => ({ kind: 'option', of });
const result = (ok?: WitType, err?: WitType): WitType => ({
  kind: 'result',
  ...(ok === undefined ? {} : { ok }),
  ...(err === undefined ? {} : { err }),
});
const rwx: WitType = { kind: 'flags', names: ['read', 'write', 'exec-ute'] };
const tenFlags: WitType = { kind: 'flags', names: Array.from({ length: 10 }, (_, i) => `f${i}`) };
const handle = Uint8Array.from({ length: 16 }, (_, i) => i);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const storeError: WitType = {
  kind: 'variant',
  cases: [{ name: 'no-such-store' }, { name: 'access-denied' }, { name: 'other', type: string }],
};
const keyResponse: WitType = {
  kind: 'record',
  fields: [
    { name: 'keys', type: { kind: 'list', of: string } },
    { name: 'cursor', type: option(k('u64')) },
  ],
};
const brokerMessage: WitType = {
  kind: 'record',
  fields: [
    { name: 'subject', type: string },
    { name: 'body', type: bytes },
    { name: 'reply-to', type: option(string) },
  ],
};
const fields = (...types: WitType[]): WitField[] => types.map((type, i) => ({ name: `p${i}`, type }));

interface Vector {
  name: string;
  types: WitType[];
  values: unknown[];
  wire: string;
}
const one = (name: string, type: WitType, value: unknown, wire: string): Vector => ({
  name,
  types: [type],
  values: [value],
  wire,
});

const vectors: Vector[] = [
  one('bool', k('bool'), true, '01'),
  one('u8', k('u8'), 200, 'c8'),
  one('s8', k('s8'), -1, 'ff'),
  one('u16 200', k('u16'), 200, 'c8 01'),
  one('u16 404', k('u16'), 404, '94 03'),
  one('s16', k('s16'), -1, '7f'),
  one('s32', k('s32'), -129, 'ff 7e'),
  one('s32 least', k('s32'), -0x8000_0000, '80 80 80 80 78'),
  one('u32 most', k('u32'), 0xffff_ffff, 'ff ff ff ff 0f'),
  one('u64', k('u64'), 10_000_000_000n, '80 c8 af a0 25'),
  one('u64 most', k('u64'), 2n ** 64n - 1n, 'ff ff ff ff ff ff ff ff ff 01'),
  one('s64 63', k('s64'), 63n, '3f'),
  one('s64 64', k('s64'), 64n, 'c0 00'),
  one('s64 least', k('s64'), -(2n ** 63n), '80 80 80 80 80 80 80 80 80 7f'),
  one('f32', { kind: 'f32' }, 1.5, '00 00 c0 3f'),
  one('f64', { kind: 'f64' }, -2.25, '00 00 00 00 00 00 02 c0'),
  one('char', { kind: 'char' }, '€', 'e2 82 ac'),
  one('char of four bytes', { kind: 'char' }, '🦀', 'f0 9f a6 80'),
  one('string', string, 'hi', '02 68 69'),
  one('list<u8>', bytes, Uint8Array.of(1, 2, 255), '03 01 02 ff'),
  one('list<u16>', { kind: 'list', of: k('u16') }, [1, 300], '02 01 ac 02'),
  one('tuple', { kind: 'tuple', of: [string, k('u32')] }, ['a', 300], '01 61 ac 02'),
  one('none', option(k('u8')), undefined, '00'),
  one('some', option(k('u8')), 1, '01 01'),
  one('none of option', option(option(k('u8'))), { tag: 'none' }, '00'),
  one('some none', option(option(k('u8'))), { tag: 'some', val: undefined }, '01 00'),
  one('some some', option(option(k('u8'))), { tag: 'some', val: 7 }, '01 01 07'),
  one('result ok _', result(undefined, string), { tag: 'ok' }, '00'),
  one('result err', result(undefined, string), { tag: 'err', val: 'no' }, '01 02 6e 6f'),
  one('enum', { kind: 'enum', cases: ['red', 'green', 'blue'] }, 'green', '01'),
  one('flags', rwx, { read: true, write: false, execUte: true }, '05'),
  one('no flags', { kind: 'flags', names: [] }, {}, ''),
  one('own', { kind: 'own', resource: 'bucket' }, handle, `10 ${show(handle)}`),
  {
    name: 'ten flags',
    types: [tenFlags],
    values: [
      { f0: true, f1: false, f2: false, f3: false, f4: false, f5: false, f6: false, f7: false, f8: false, f9: true },
    ],
    wire: '01 02',
  },
  {
    name: 'keyvalue get',
    types: [string, string],
    values: ['default', 'counter'],
    wire: '07 64 65 66 61 75 6c 74 07 63 6f 75 6e 74 65 72',
  },
  one('keyvalue get: some', result(option(bytes), storeError), { tag: 'ok', val: utf8('42') }, '00 01 02 34 32'),
  one('keyvalue get: none', result(option(bytes), storeError), { tag: 'ok', val: undefined }, '00 00'),
  one('keyvalue: no store', result(option(bytes), storeError), { tag: 'err', val: { tag: 'no-such-store' } }, '01 00'),
  one('keyvalue: denied', result(option(bytes), storeError), { tag: 'err', val: { tag: 'access-denied' } }, '01 01'),
  one(
    'keyvalue: other',
    result(option(bytes), storeError),
    { tag: 'err', val: { tag: 'other', val: 'boom' } },
    '01 02 04 62 6f 6f 6d',
  ),
  {
    name: 'keyvalue set',
    types: [string, string, bytes],
    values: ['default', 'counter', utf8('42')],
    wire: '07 64 65 66 61 75 6c 74 07 63 6f 75 6e 74 65 72 02 34 32',
  },
  one('keyvalue exists', result(k('bool'), storeError), { tag: 'ok', val: true }, '00 01'),
  {
    name: 'keyvalue list-keys',
    types: [string, option(k('u64'))],
    values: ['default', undefined],
    wire: '07 64 65 66 61 75 6c 74 00',
  },
  one(
    'keyvalue list-keys: answer',
    result(keyResponse, storeError),
    { tag: 'ok', val: { keys: ['a', 'bc'], cursor: undefined } },
    '00 02 01 61 02 62 63 00',
  ),
  {
    name: 'keyvalue increment',
    types: [string, string, k('u64')],
    values: ['default', 'counter', 1n],
    wire: '07 64 65 66 61 75 6c 74 07 63 6f 75 6e 74 65 72 01',
  },
  one('keyvalue increment: answer', result(k('u64'), storeError), { tag: 'ok', val: 43n }, '00 2b'),
  one(
    'messaging handle-message',
    brokerMessage,
    { subject: 'orders.new', body: utf8('hi'), replyTo: '_INBOX.r1' },
    '0a 6f 72 64 65 72 73 2e 6e 65 77 02 68 69 01 09 5f 49 4e 42 4f 58 2e 72 31',
  ),
  one(
    'messaging without reply',
    brokerMessage,
    { subject: 'orders.new', body: utf8('hi'), replyTo: undefined },
    '0a 6f 72 64 65 72 73 2e 6e 65 77 02 68 69 00',
  ),
  {
    name: 'messaging request',
    types: [string, bytes, k('u32')],
    values: ['svc.echo', utf8('hi'), 1000],
    wire: '08 73 76 63 2e 65 63 68 6f 02 68 69 e8 07',
  },
];

describe('the vectors of the value encoding', () => {
  test.for(vectors)('$name', ({ types, values, wire }) => {
    const encoded = encodeValues(fields(...types), values);
    expect(show(encoded.bytes)).toBe(show(hex(wire)));

    const whole = new ValueDecoder(fields(...types));
    whole.push(hex(wire));
    expect(whole.done).toBe(true);
    expect(whole.values).toEqual(values);

    const byByte = new ValueDecoder(fields(...types));
    for (const byte of hex(wire)) byByte.push(Uint8Array.of(byte));
    expect(byByte.values).toEqual(values);
  });

  test('longer forms of an integer are accepted', () => {
    const decoder = new ValueDecoder(fields(k('u16'), k('s64'), k('u32')));
    decoder.push(hex('81 80 00  ff ff ff ff ff ff ff ff ff 7f  81 80 80 80 00'));
    expect(decoder.values).toEqual([1, -1n, 1]);
  });
});

describe('what is refused', () => {
  const bad: { name: string; type: WitType; wire: string; reason: RegExp; limits?: object }[] = [
    { name: 'a bool of 2', type: k('bool'), wire: '02', reason: /p0 at byte 1: 2 is not a discriminant below 2/ },
    { name: 'a u16 of 65536', type: k('u16'), wire: '80 80 04', reason: /does not fit in 16 bits/ },
    { name: 'a u32 of six bytes', type: k('u32'), wire: 'ff ff ff ff ff 01', reason: /does not fit in 32 bits/ },
    { name: 'a u32 of 2³²', type: k('u32'), wire: '80 80 80 80 10', reason: /does not fit in 32 bits/ },
    { name: 'an s32 of 2³¹', type: k('s32'), wire: '80 80 80 80 08', reason: /does not fit in 32 bits/ },
    { name: 'a u64 of 2⁶⁴', type: k('u64'), wire: '80 80 80 80 80 80 80 80 80 02', reason: /does not fit in 64 bits/ },
    { name: 'text that is not UTF-8', type: string, wire: '02 c3 28', reason: /not UTF-8/ },
    { name: 'a char that is not UTF-8', type: { kind: 'char' }, wire: 'ff 80 80 80', reason: /not UTF-8/ },
    { name: 'an unknown case', type: storeError, wire: '03', reason: /case 3 of a type with 3 cases/ },
    { name: 'a huge string', type: string, wire: 'ff ff ff ff 0f', reason: /4294967295 more bytes pass the limit/ },
    {
      name: 'a huge list of nothing',
      type: { kind: 'list', of: { kind: 'tuple', of: [] } },
      wire: 'ff ff ff ff 0f',
      reason: /4294967295 elements passes the limit/,
    },
    { name: 'bytes after the value', type: k('u8'), wire: '01 02', reason: /1 bytes follow the value/ },
    {
      name: 'a stream where none can be',
      type: { kind: 'stream', of: k('u8') },
      wire: '00',
      reason: /cannot be received/,
    },
    {
      name: 'a fault deep inside',
      type: { kind: 'list', of: { kind: 'tuple', of: [string, k('bool')] } },
      wire: '02 01 61 01 01 62 07',
      reason: /p0\[1\]\.1 at byte 7/,
    },
  ];
  test.for(bad)('$name', ({ type, wire, reason }) => {
    const run = (): void => {
      const decoder = new ValueDecoder(fields(type));
      decoder.push(hex(wire));
      decoder.end();
    };
    expect(run).toThrow(WrpcDecodeError);
    expect(run).toThrow(reason);
  });

  test('a value that ends early', () => {
    const decoder = new ValueDecoder(fields(string));
    decoder.push(hex('05 68 69'));
    expect(() => decoder.end()).toThrow(/end within the value/);
  });

  const wrong: { type: WitType; value: unknown; reason: RegExp }[] = [
    { type: k('u8'), value: 256, reason: /p0: it must be an integer from 0 to 255, not number 256/ },
    { type: k('u64'), value: 1, reason: /must be a bigint/ },
    { type: string, value: undefined, reason: /must be a string, not undefined/ },
    { type: { kind: 'char' }, value: 'ab', reason: /one character/ },
    { type: { kind: 'char' }, value: '\ud800', reason: /one character/ },
    { type: rwx, value: null, reason: /booleans, not null/ },
    { type: brokerMessage, value: { subject: 'a', body: 'b' }, reason: /p0\.body: it must be an array/ },
    { type: storeError, value: { tag: 'nope' }, reason: /no case "nope"/ },
    { type: { kind: 'list', of: string }, value: ['a', 1], reason: /p0\[1\]/ },
  ];
  test.for(wrong)('a value of the wrong type: $reason', ({ type, value, reason }) => {
    expect(() => encodeValues(fields(type), [value])).toThrow(WrpcEncodeError);
    expect(() => encodeValues(fields(type), [value])).toThrow(reason);
  });

  test('a field called __proto__ stays a field', () => {
    const type: WitType = { kind: 'record', fields: [{ name: '__proto__', type: string }] };
    const decoder = new ValueDecoder(fields(type));
    decoder.push(hex('01 61'));
    expect(Object.getOwnPropertyDescriptor(decoder.values[0], '__proto__')?.value).toBe('a');
  });
});

test('values keep their bytes, whatever is encoded meanwhile and later', () => {
  const texts = Array.from({ length: 2_000 }, (_, at) => `${at} ${'é'.repeat(at % 40)}${'a'.repeat(at % 300)}`);
  const encode = (text: string): Uint8Array => encodeValues(fields(string), [text]).bytes;
  const nested: Uint8Array[] = [];
  const record: WitType = { kind: 'record', fields: fields(string, bytes, string) };
  const all = texts.map((text) => {
    const value = {
      p0: text,
      get p1() {
        nested.push(encode(`in the midst of ${text}`));
        return encodeStreamChunk({ kind: 'u8' }, new Uint8Array(text.length));
      },
      p2: text,
    };
    expect(() => encodeValues(fields(string, k('bool')), [text, 'wrong'])).toThrow(WrpcEncodeError);
    return encodeValues(fields(record), [value]).bytes;
  });
  for (const [at, text] of texts.entries()) {
    const decoder = new ValueDecoder(fields(record));
    expect(decoder.push(all[at] ?? hex(''))).toBe(true);
    expect(decoder.values).toMatchObject([{ p0: text, p2: text }]);
    expect(show(nested[at] ?? hex(''))).toBe(show(encode(`in the midst of ${text}`)));
  }
});
