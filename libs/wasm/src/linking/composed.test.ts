import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { openRuntime } from '../testing/harness.ts';

/*
 * Two components inside one: the first defines a resource, makes it and counts what was dropped; the second, which has
 * only handles, makes one, borrows it back, and drops it.
 */
const composed = `(component
  (component $A
    (core module $m
      (global $dropped (mut i32) (i32.const 0))
      (func (export "dtor") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped))
      (func (export "get") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
    (core instance $i (instantiate $m))
    (type $own (resource (rep i32) (dtor (core func $i "dtor"))))
    (export $r "thing" (type $own))
    (core func $new (canon resource.new $own))
    (core module $n
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
    (core instance $j (instantiate $n (with "" (instance (export "new" (func $new))))))
    (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $j "make")))
    (func (export "get") (param "self" (borrow $r)) (result u32) (canon lift (core func $i "get")))
    (func (export "dropped") (result u32) (canon lift (core func $i "dropped"))))
  (component $B
    (import "a" (instance $a
      (export "thing" (type $r (sub resource)))
      (export "make" (func (param "rep" u32) (result (own $r))))
      (export "get" (func (param "self" (borrow $r)) (result u32)))))
    (alias export $a "thing" (type $r))
    (core func $make (canon lower (func $a "make")))
    (core func $get (canon lower (func $a "get")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "get" (func $get (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run") (param i32) (result i32) (local $h i32) (local $v i32)
        (local.set $h (call $make (local.get 0)))
        (local.set $v (call $get (local.get $h)))
        (call $drop (local.get $h))
        (local.get $v))
      (func (export "misuse") (result i32) (local $h i32)
        (local.set $h (call $make (i32.const 1)))
        (call $drop (local.get $h))
        (call $get (local.get $h))))
    (core instance $i (instantiate $m
      (with "" (instance (export "make" (func $make)) (export "get" (func $get)) (export "drop" (func $drop))))))
    (func (export "run") (param "rep" u32) (result u32) (canon lift (core func $i "run")))
    (func (export "misuse") (result u32) (canon lift (core func $i "misuse"))))
  (instance $a (instantiate $A))
  (instance $b (instantiate $B (with "a" (instance $a))))
  (export "run" (func $b "run"))
  (export "misuse" (func $b "misuse"))
  (export "dropped" (func $a "dropped")))`;

test.for(['linked', 'generated'] as const)(
  'a resource passes between the components inside one, %s',
  async (bindings) => {
    const runtime = await openRuntime({ workers: 1, bindings });
    try {
      const component = await runtime.load(await parse(composed), { instances: 1 });
      expect(await component.call('', 'run', [41])).toBe(42);
      expect(await component.call('', 'run', [1])).toBe(2);
      expect(await component.call('', 'dropped', [])).toBe(42);
      await expect(component.call('', 'misuse', [])).rejects.toThrow('trapped');
      // The instance that broke the rules is gone, and what it knew with it.
      expect(await component.call('', 'dropped', [])).toBe(0);
    } finally {
      await runtime.close();
    }
  },
);
