import { deepStrictEqual, ok, rejects } from 'node:assert/strict';
import { WitError } from '../error.ts';
import type { Interface } from '../worker/interface.ts';

/** Calls a function; those of the world are of interface `''`. */
export type Call = (instance: string, func: string, ...args: readonly unknown[]) => Promise<unknown>;

export interface Conduct {
  readonly imports?: Readonly<Record<string, Interface>>;
  readonly check: (call: Call) => Promise<void>;
}

const echo = (value: unknown): unknown => value;
const seen: unknown[] = [];
const note = (value: unknown): void => void seen.push(value);

/** Each value comes back as it went in. */
const returns =
  (instance: string, func: string, ...values: readonly unknown[]) =>
  async (call: Call): Promise<void> => {
    for (const value of values) deepStrictEqual(await call(instance, func, value), value);
  };

const inTurn =
  (...steps: readonly ((call: Call) => Promise<void>)[]) =>
  async (call: Call): Promise<void> => {
    for (const step of steps) await step(call);
  };

const numbers = 'test:numbers/test';
const lists = 'test:lists/test';
const records = 'test:records/test';
const variants = 'test:variants/test';
const flavorful = 'test:flavorful/test';
const roundtrips = ['U8', 'S8', 'U16', 'S16', 'U32', 'S32', 'U64', 'S64', 'F32', 'F64', 'Char'];
let scalar: unknown = 0;

/** The resource of a host. */
class R {
  static made = 0;

  constructor() {
    R.made += 1;
  }
}

const adds: Conduct = { check: async (call) => deepStrictEqual(await call('docs:adder/add@0.1.0', 'add', 40, 2), 42) };

const borrows: Conduct = {
  imports: { '': { R, test: note } },
  check: async (call) => {
    R.made = 0;
    seen.length = 0;
    await call('', 'testImports');
    deepStrictEqual(R.made, 1);
    ok(seen[0] instanceof R);
  },
};

const manyArguments: Conduct = {
  imports: { imports: { manyArguments: (...args: readonly unknown[]) => note(args) } },
  check: async (call) => {
    const args = Array.from({ length: 16 }, (_, index) => BigInt(index + 1));
    seen.length = 0;
    await call('', 'manyArguments', ...args);
    deepStrictEqual(seen, [args]);
  },
};

/** What components answer, by file: as jco's tests of them expect. The others are expected to load. */
export const conduct: Readonly<Record<string, Conduct>> = {
  'adder.component.wasm': adds,
  'adder.wasm': adds,
  'asmjs_bigint.component.wasm': {
    check: async (call) => {
      deepStrictEqual(await call('', 'add', 1n, 2n), 3n);
      deepStrictEqual(await call('', 'add', 1n << 33n, -(1n << 42n)), -4389456576512n);
    },
  },
  'resource-borrow-simple.component.wasm': borrows,
  'resource_borrow_simple.component.wasm': borrows,
  'many-arguments.component.wasm': manyArguments,
  'many_arguments.component.wasm': manyArguments,
  'smoke.component.wasm': {
    imports: { 'test:smoke/imports': { thunk: () => note('thunk') } },
    check: async (call) => {
      seen.length = 0;
      await call('', 'thunk');
      deepStrictEqual(seen, ['thunk']);
    },
  },
  'strings.component.wasm': {
    imports: { 'test:strings/imports': { takeBasic: note, returnUnicode: () => '🚀🚀🚀 𠈄𓀀' } },
    check: async (call) => {
      seen.length = 0;
      await call('', 'testImports');
      deepStrictEqual(seen, ['latin utf16']);
      await returns('', 'roundtrip', 'str', '🚀🚀🚀 𠈄𓀀')(call);
    },
  },
  'numbers.component.wasm': {
    imports: {
      [numbers]: {
        ...Object.fromEntries(roundtrips.map((name) => [`roundtrip${name}`, echo])),
        setScalar: (value: unknown) => void (scalar = value),
        getScalar: () => scalar,
      },
    },
    check: inTurn(
      async (call) => void (await call('', 'testImports')),
      returns(numbers, 'roundtripU8', 1, 255),
      returns(numbers, 'roundtripS8', 1, 127, -128),
      returns(numbers, 'roundtripU16', 1, 65_535),
      returns(numbers, 'roundtripS16', 1, 32_767, -32_768),
      returns(numbers, 'roundtripU32', 1, 4_294_967_295),
      returns(numbers, 'roundtripS32', 1, 2_147_483_647, -2_147_483_648),
      returns(numbers, 'roundtripU64', 1n, 2n ** 64n - 1n),
      returns(numbers, 'roundtripS64', 1n, 2n ** 63n - 1n, -(2n ** 63n)),
      returns(numbers, 'roundtripF32', 1, Infinity, -Infinity, NaN),
      returns(numbers, 'roundtripF64', 1, Infinity, -Infinity, NaN),
      returns(numbers, 'roundtripChar', 'a', ' ', '🚩'),
      async (call) => {
        await call(numbers, 'setScalar', 4);
        deepStrictEqual(await call(numbers, 'getScalar'), 4);
      },
    ),
  },
  'lists.component.wasm': {
    imports: {
      [lists]: {
        emptyListParam: note,
        emptyStringParam: note,
        emptyListResult: () => new Uint8Array(),
        emptyStringResult: () => '',
        ...Object.fromEntries(['', '2', '3', '4', '5', 'Large'].map((end) => [`listParam${end}`, note])),
        listResult: () => Uint8Array.of(1, 2, 3, 4, 5),
        listResult2: () => 'hello!',
        listResult3: () => ['hello,', 'world!'],
        listRoundtrip: echo,
        stringRoundtrip: echo,
        ...Object.fromEntries(
          ['8', '16', '32', '64', 'Float'].map((end) => [`listMinmax${end}`, (...both: readonly unknown[]) => both]),
        ),
      },
    },
    check: inTurn(
      async (call) => void (await call('', 'testImports')),
      async (call) => {
        await call(lists, 'emptyListParam', new Uint8Array());
        await call(lists, 'listParam', Uint8Array.of(1, 2, 3, 4));
        await call(
          lists,
          'listParamLarge',
          Array.from({ length: 1000 }, () => 'blah'),
        );
        await call(lists, 'listParam4', [['foo', 'bar'], ['baz']]);
        deepStrictEqual(await call(lists, 'listResult'), Uint8Array.of(1, 2, 3, 4, 5));
        deepStrictEqual(await call(lists, 'listResult2'), 'hello!');
        deepStrictEqual(await call(lists, 'listResult3'), ['hello,', 'world!']);
        const view = new Uint8Array(Uint8Array.of(9, 9, 1, 2, 3, 4, 9, 9).buffer, 2, 4);
        deepStrictEqual(await call(lists, 'listRoundtrip', view), Uint8Array.of(1, 2, 3, 4));
      },
      returns(lists, 'stringRoundtrip', 'x', '', 'hello ⚑ world'),
    ),
  },
  'records.component.wasm': {
    imports: {
      [records]: {
        multipleResults: () => [4, 5],
        swapTuple: ([a, b]: [unknown, unknown]) => [b, a],
        roundtripFlags1: echo,
        roundtripFlags2: echo,
        roundtripFlags3: (...all: readonly unknown[]) => all,
        roundtripRecord1: echo,
        tuple1: echo,
      },
    },
    check: async (call) => {
      await call('', 'testImports');
      deepStrictEqual(await call(records, 'multipleResults'), [100, 200]);
      deepStrictEqual(await call(records, 'swapTuple', [1, 2]), [2, 1]);
      deepStrictEqual(await call(records, 'roundtripFlags1', { a: true }), { a: true, b: false });
      deepStrictEqual(await call(records, 'roundtripFlags2', { c: true, e: true }), { c: true, d: false, e: true });
      const record = { a: 8, b: { a: false, b: true } };
      deepStrictEqual(await call(records, 'roundtripRecord1', record), record);
      deepStrictEqual(await call(records, 'tuple1', [1]), [1]);
    },
  },
  'variants.component.wasm': {
    imports: {
      [variants]: {
        ...Object.fromEntries(
          ['roundtripOption', 'roundtripEnum', 'variantCasts', 'variantZeros'].map((name) => [name, echo]),
        ),
        roundtripResult: ({ tag, val }: { tag: string; val: number }) => {
          if (tag === 'err') throw new WitError(Math.round(val));
          return val;
        },
        invertBool: (value: unknown) => value !== true,
        variantTypedefs: () => undefined,
        variantEnums: (...all: readonly unknown[]) => {
          deepStrictEqual(all, [true, { tag: 'ok' }, 'success']);
          return [false, { tag: 'err' }, 'a'];
        },
      },
    },
    check: inTurn(
      async (call) => void (await call('', 'testImports')),
      returns(variants, 'roundtripOption', 1, undefined, 2),
      returns(variants, 'roundtripEnum', 'a', 'b'),
      async (call) => {
        deepStrictEqual(await call(variants, 'roundtripResult', { tag: 'ok', val: 4 }), 4);
        const failing = call(variants, 'roundtripResult', { tag: 'err', val: Math.fround(5.2) });
        await rejects(failing, new WitError(5));
        deepStrictEqual(await call(variants, 'invertBool', true), false);
      },
      returns(variants, 'variantCasts', [{ tag: 'b', val: 1n }, ...[2, 3, 4, 5, 6].map((val) => ({ tag: 'b', val }))]),
      returns(variants, 'variantZeros', [
        { tag: 'a', val: 1 },
        { tag: 'a', val: 2n },
        { tag: 'a', val: 3 },
        { tag: 'a', val: 4 },
      ]),
    ),
  },
  'flavorful.component.wasm': {
    imports: { [flavorful]: flavours() },
    check: async (call) => {
      await call('', 'testImports');
      deepStrictEqual(await call(flavorful, 'fListInRecord2'), { a: 'list_in_record2' });
      deepStrictEqual(await call(flavorful, 'fListInRecord4', { a: 'input4' }), { a: 'result4' });
      await call(flavorful, 'fListInVariant1', 'foo', { tag: 'err', val: 'bar' });
      deepStrictEqual(await call(flavorful, 'fListInVariant3', 'input3'), 'output3');
      await rejects(call(flavorful, 'errnoResult'), new WitError('b'));
      deepStrictEqual(await call(flavorful, 'listTypedefs', 'typedef1', ['typedef2']), [
        new TextEncoder().encode('typedef3'),
        ['typedef4'],
      ]);
    },
  },
  'simple-nested.component.wasm': nested(),
  'simple-nested-optimized.component.wasm': nested(),
};

function nested(): Conduct {
  const hello = 'calvinrp:test-async-funcs/hello@0.1.0';
  return {
    imports: { [hello]: { helloWorld: () => 'hello from the host' } },
    check: async (call) => ok(String(await call(hello, 'helloWorld')).includes('hello from the host')),
  };
}

function flavours(): Interface {
  let isFirst = true;
  return {
    fListInRecord1: note,
    fListInRecord2: () => ({ a: 'list_in_record2' }),
    fListInRecord3: () => ({ a: 'list_in_record3 output' }),
    fListInRecord4: () => ({ a: 'result4' }),
    fListInVariant1: note,
    fListInVariant2: () => 'list_in_variant2',
    fListInVariant3: () => 'output3',
    errnoResult: () => {
      if (!isFirst) return undefined;
      isFirst = false;
      throw new WitError('b');
    },
    listTypedefs: () => [new TextEncoder().encode('typedef3'), ['typedef4']],
    listOfVariants: () => [
      [false, true],
      [{ tag: 'err' }, { tag: 'ok' }],
      ['a', 'b'],
    ],
  };
}
