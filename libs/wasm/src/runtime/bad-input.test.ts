import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { afterAll, expect, test } from 'vitest';
import { TrapError } from '../error.ts';
import { noHost, openRuntime, textOf } from '../testing/harness.ts';

const runtime = await openRuntime({ workers: 1 });
afterAll(() => runtime.close());

/** Opens as many handles as it is told, and drops none. */
const hoarder = `(component
  (import "test:shelf/things" (instance $things
    (export "thing" (type $t (sub resource)))
    (export "[constructor]thing" (func (result (own $t))))))
  (core func $new (canon lower (func $things "[constructor]thing")))
  (core module $m
    (import "" "new" (func $new (result i32)))
    (func (export "open") (param i32) (result i32) (local $i i32)
      (loop $more
        (drop (call $new))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (local.get 0))))
      (local.get $i)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func (export "open") (param "count" u32) (result u32) (canon lift (core func $i "open"))))`;

test('100,000 handles are kept for a guest, a million and more end it, and the next one has none of them', async () => {
  const host = { ...noHost(), provides: (): boolean => true };
  const component = await runtime.load(await parse(hoarder), { instances: 1, host });
  expect(await component.call('', 'open', [100_000])).toBe(100_000);
  await expect(component.call('', 'open', [1_000_001])).rejects.toThrow('handles');
  expect(await component.call('', 'open', [100_000])).toBe(100_000);
});

/** Returns what is at that place of its memory: a string, or the case of an enum. */
const garbage = `(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 16) "\\ff\\fe")
    (func (export "text") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0))
    (func (export "case") (param i32) (result i32) (local.get 0))
    (func (export "far") (result i32) (i32.const -4)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (type $colour (enum "red" "green"))
  (export $shown "colour" (type $colour))
  (func (export "text") (param "at" u32) (param "length" u32) (result string)
    (canon lift (core func $i "text") (memory $memory)))
  (func (export "case") (param "which" u32) (result $shown) (canon lift (core func $i "case")))
  (func (export "far") (result string) (canon lift (core func $i "far") (memory $memory))))`;

test.for<[string, string, readonly unknown[]]>([
  ['text behind the end of its memory', 'text', [65_530, 100]],
  ['text at an address that is none', 'text', [0xffff_fff0, 4]],
  ['text longer than any', 'text', [8, 0xffff_ffff]],
  ['text that is no UTF-8', 'text', [16, 2]],
  ['a case that the type has not', 'case', [7]],
  ['a result beside its memory', 'far', []],
])('a guest that returns %s traps, and its neighbours do not notice', async ([, func, args]) => {
  const component = await runtime.load(await parse(garbage), { instances: 1 });
  const hello = await runtime.load('hello');
  await expect(component.call('', func, args)).rejects.toThrow(TrapError);
  expect(await component.call('', 'case', [1])).toBe('green');
  expect((await hello.handleHttp({ method: 'GET', pathWithQuery: '/', headers: [] })).status).toBe(200);
});

test('a body that the guest never reads is not taken further than it may wait, and is let go of', async () => {
  const hello = await runtime.load('hello');
  let given = 0;
  const left = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (; ; given += 50_000) yield new Uint8Array(50_000);
    } finally {
      left.resolve();
    }
  }
  const answer = await hello.handleHttp({ method: 'POST', pathWithQuery: '/', headers: [], body: endless() });
  expect(await textOf(answer)).not.toBe('');
  await left.promise;
  expect(given).toBeLessThan(10_000_000);
});
