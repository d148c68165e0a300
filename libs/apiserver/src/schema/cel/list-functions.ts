import { type Environment, Optional } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { RuleCallError } from './strings.ts';
import { sameValue } from './value-type.ts';

const sync = { async: false };
const ordered = ['int', 'uint', 'double', 'string', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration'];
const maxRange = 10_000n;

type Handler = (...args: never[]) => unknown;
type Ordered = bigint | number | string | boolean | Date | Duration;

/** What `sets` and `lists` name, so that `sets.contains(a, b)` is a method call. */
class SetsNamespace {
  readonly name = 'sets';
}
class ListsNamespace {
  readonly name = 'lists';
}

function add(env: Environment, functions: Record<string, Handler>): void {
  for (const [signature, handler] of Object.entries(functions)) env.registerFunction(signature, handler, sync);
}

/** Source: k8s.io/apiserver pkg/cel/library lists.go, github.com/google/cel-go ext lists.go and sets.go. */
export function registerLists(env: Environment): void {
  for (const type of ordered) {
    add(env, {
      [`list<${type}>.isSorted(): bool`]: (list: Ordered[]) =>
        list.every((item, index) => index === 0 || (list[index - 1] ?? item) <= item),
      [`list<${type}>.min(): ${type}`]: (list: Ordered[]) => least('min', list, (a, b) => a < b),
      [`list<${type}>.max(): ${type}`]: (list: Ordered[]) => least('max', list, (a, b) => a > b),
      [`list<${type}>.sort(): list<${type}>`]: (list: Ordered[]) =>
        list.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    });
  }
  env.registerType('ListsNamespace', ListsNamespace);
  env.registerConstant('lists', 'ListsNamespace', new ListsNamespace());
  add(env, {
    'list<int>.sum(): int': (list: bigint[]) => list.reduce((total, item) => total + item, 0n),
    'list<double>.sum(): double': (list: number[]) => list.reduce((total, item) => total + item, 0),
    'list<google.protobuf.Duration>.sum(): google.protobuf.Duration': (list: Duration[]) =>
      list.reduce((total, item) => total.addDuration(item), new Duration(0)),
    'list<A>.k8s_indexOf(A): int': (list: unknown[], item: unknown) =>
      BigInt(list.findIndex((other) => sameValue(other, item))),
    'list<A>.k8s_lastIndexOf(A): int': (list: unknown[], item: unknown) =>
      BigInt(list.findLastIndex((other) => sameValue(other, item))),
    'list<A>.slice(int, int): list<A>': slice,
    'list<A>.distinct(): list<A>': (list: unknown[]) =>
      list.filter((item, index) => list.findIndex((other) => sameValue(other, item)) === index),
    'list<A>.reverse(): list<A>': (list: unknown[]) => list.toReversed(),
    'list<A>.first(): optional<A>': (list: unknown[]) => (list.length === 0 ? Optional.none() : Optional.of(list[0])),
    'list<A>.last(): optional<A>': (list: unknown[]) =>
      list.length === 0 ? Optional.none() : Optional.of(list.at(-1)),
    'list<list<A>>.flatten(): list<A>': (list: unknown[][]) => list.flat(),
    'list<dyn>.flatten(int): list<dyn>': (list: unknown[], depth: bigint) => flatten(list, depth),
    'ListsNamespace.range(int): list<int>': (_: unknown, count: bigint) => {
      if (count > maxRange) throw new RuleCallError(`range(${count}) is larger than ${maxRange}`);
      return Array.from({ length: Number(count < 0n ? 0n : count) }, (_none, index) => BigInt(index));
    },
  });
  registerSets(env);
}

function slice(list: unknown[], start: bigint, end: bigint): unknown[] {
  if (start < 0n || end < 0n) throw new RuleCallError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new RuleCallError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > list.length) throw new RuleCallError(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

function flatten(list: unknown[], depth: bigint): unknown[] {
  if (depth < 0n) throw new RuleCallError('level must be non-negative');
  if (depth === 0n) return list;
  return list.flatMap((item) => (Array.isArray(item) ? flatten(item, depth - 1n) : [item]));
}

function least(name: string, list: Ordered[], before: (a: Ordered, b: Ordered) => boolean): Ordered {
  const [first, ...rest] = list;
  if (first === undefined) throw new RuleCallError(`${name} called on empty list`);
  return rest.reduce((best, item) => (before(item, best) ? item : best), first);
}

function includes(list: unknown[], item: unknown): boolean {
  return list.some((other) => sameValue(other, item));
}

function contains(list: unknown[], part: unknown[]): boolean {
  return part.every((item) => includes(list, item));
}

function registerSets(env: Environment): void {
  env.registerType('SetsNamespace', SetsNamespace);
  env.registerConstant('sets', 'SetsNamespace', new SetsNamespace());
  add(env, {
    'SetsNamespace.contains(list<A>, list<A>): bool': (_: unknown, list: unknown[], part: unknown[]) =>
      contains(list, part),
    'SetsNamespace.equivalent(list<A>, list<A>): bool': (_: unknown, a: unknown[], b: unknown[]) =>
      contains(a, b) && contains(b, a),
    'SetsNamespace.intersects(list<A>, list<A>): bool': (_: unknown, a: unknown[], b: unknown[]) =>
      a.some((item) => includes(b, item)),
  });
}
