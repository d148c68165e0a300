import { type Environment, Optional } from '@marcbachmann/cel-js';
import { RuleCallError } from './strings.ts';
import { type Node, isNode, isRecord } from './syntax.ts';

/** A type of cel-js, as far as macros look at it. */
interface Type {
  readonly kind: string;
  readonly name: string;
  readonly valueType: Type;
  readonly keyType: Type;
}

interface Checker {
  check(node: Node, context: Context): Type;
  getType(name: string): Type;
  readonly registry: {
    getListType(item: Type): Type;
    getMapType(key: Type, value: Type): Type;
    getOptionalType(value: Type): Type;
  };
}

interface Evaluator {
  run(node: Node, context: Context): unknown;
}

/** What gives variables their types and values. */
interface Context {
  forkWithVariable(name: string, type: Type): Context;
  reuse(parent: Context): Context;
  setIterValue(value: unknown, evaluator: Evaluator): Context;
}

/** A call of a macro: its parts as they are written, before anything in them has a type or a value. */
interface Call {
  readonly args: Node[];
  readonly receiver: Node;
}

/** What a macro does with the entries of a list or map. */
interface Loop {
  /** The names of its variables come first among its arguments. */
  readonly variables: 1 | 2;
  /** @param types of the arguments after the variables, and of the receiver */
  result(checker: Checker, types: readonly Type[], receiver: Type): Type;
  /** Which of the arguments after the variables must be bool. */
  readonly conditions: readonly number[];
  /** @param at gives the value of an argument for an entry */
  run(entries: readonly Entry[], at: (entry: Entry, argument: number) => unknown, receiver: unknown): unknown;
}

type Entry = readonly [key: unknown, value: unknown];

const isBool = (checker: Checker): Type => checker.getType('bool');

/** Ends as soon as it is decided; what fails before that only matters where nothing decides. */
function decide(
  entries: readonly Entry[],
  at: (entry: Entry, argument: number) => unknown,
  decisive: boolean,
): boolean {
  let failure: unknown;
  for (const entry of entries) {
    try {
      if (at(entry, 0) === decisive) return decisive;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !decisive;
}

const quantifier = (run: Loop['run']): Loop => ({ variables: 2, result: isBool, conditions: [0], run });

const intoList = (hasFilter: boolean): Loop => ({
  variables: 2,
  result: (checker, types) => checker.registry.getListType(types.at(-1) ?? checker.getType('dyn')),
  conditions: hasFilter ? [0] : [],
  run: (entries, at) =>
    entries.filter((entry) => !hasFilter || at(entry, 0) === true).map((entry) => at(entry, hasFilter ? 1 : 0)),
});

const intoMap = (hasFilter: boolean): Loop => ({
  variables: 2,
  result: (checker, types, receiver) =>
    checker.registry.getMapType(
      receiver.kind === 'map' ? receiver.keyType : checker.getType(receiver.kind === 'list' ? 'int' : 'dyn'),
      types.at(-1) ?? checker.getType('dyn'),
    ),
  conditions: hasFilter ? [0] : [],
  run: (entries, at) =>
    new Map(
      entries
        .filter((entry) => !hasFilter || at(entry, 0) === true)
        .map((entry) => [entry[0], at(entry, hasFilter ? 1 : 0)]),
    ),
});

const intoEntries = (hasFilter: boolean): Loop => ({
  variables: 2,
  result: (_checker, types, receiver) => types.at(-1) ?? receiver,
  conditions: hasFilter ? [0] : [],
  run: (entries, at) => {
    const made = new Map<unknown, unknown>();
    for (const entry of entries) {
      if (hasFilter && at(entry, 0) !== true) continue;
      const each = at(entry, hasFilter ? 1 : 0);
      for (const [key, value] of each instanceof Map ? each : Object.entries(isRecord(each) ? each : {})) {
        if (made.has(key)) throw new RuleCallError(`insert failed: key ${String(key)} already exists`);
        made.set(key, value);
      }
    }
    return made;
  },
});

const ordered = (a: unknown, b: unknown): number => {
  const [left, right] = [a, b].map((key) => (key instanceof Date ? key.getTime() : key)) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
};

const sortBy: Loop = {
  variables: 1,
  result: (_checker, _types, receiver) => receiver,
  conditions: [],
  run: (entries, at) => {
    const keyed = entries.map((entry) => ({ key: at(entry, 0), value: entry[1] }));
    return keyed.toSorted((a, b) => ordered(a.key, b.key)).map(({ value }) => value);
  },
};

/** By name, and by how many arguments it has. Source: github.com/google/cel-go ext comprehensions.go, lists.go. */
const loops: readonly (readonly [name: string, arguments_: number, Loop])[] = [
  ['all', 3, quantifier((entries, at) => decide(entries, at, false))],
  ['exists', 3, quantifier((entries, at) => decide(entries, at, true))],
  ['existsOne', 3, quantifier((entries, at) => entries.filter((entry) => at(entry, 0) === true).length === 1)],
  ['transformList', 3, intoList(false)],
  ['transformList', 4, intoList(true)],
  ['transformMap', 3, intoMap(false)],
  ['transformMap', 4, intoMap(true)],
  ['transformMapEntry', 3, intoEntries(false)],
  ['transformMapEntry', 4, intoEntries(true)],
  ['sortBy', 2, sortBy],
];

/** The arguments of a macro of ours that run once for each entry; none for other calls. */
export function repeatedIn(name: unknown, args: readonly Node[]): readonly Node[] {
  const [, , loop] = loops.find(([each, count]) => each === name && count === args.length) ?? [];
  return loop === undefined ? [] : args.slice(loop.variables);
}

/** Adds the macros that cel-js does not have. */
export function registerMacros(env: Environment): void {
  for (const [name, wraps] of [
    ['optMap', true],
    ['optFlatMap', false],
  ] as const) {
    const handler = (call: Call): object => optionalMacro(name, call, wraps);
    env.registerFunction(`optional.${name}(ast, ast): dyn`, handler, { async: false });
  }
  for (const [name, count, loop] of loops) {
    const args = Array.from({ length: count }, () => 'ast').join(', ');
    env.registerFunction(`list.${name}(${args}): dyn`, (call: Call) => macroOf(name, call, loop), { async: false });
  }
}

/** `optMap(x, f(x))`: what there is of a value, and nothing of nothing. */
function optionalMacro(name: string, { args, receiver }: Call, wraps: boolean): object {
  const [variable, body] = args;
  if (variable?.op !== 'id' || body === undefined) {
    throw new RuleCallError(`${name}: the variable must be a simple name`);
  }
  let inner: Context | undefined;
  return {
    args,
    async: false,
    typeCheck: (checker: Checker, _macro: unknown, context: Context): Type => {
      const range = checker.check(receiver, context);
      inner = context.forkWithVariable(String(variable.args), range.kind === 'optional' ? range.valueType : range);
      const made = checker.check(body, inner);
      return wraps ? checker.registry.getOptionalType(made) : made;
    },
    evaluate: (evaluator: Evaluator, _macro: unknown, context: Context): unknown => {
      const held = evaluator.run(receiver, context);
      if (!(held instanceof Optional)) throw new RuleCallError(`${name}: the receiver must be an optional`);
      if (!held.hasValue() || inner === undefined) return Optional.none();
      const made = evaluator.run(body, inner.reuse(context).setIterValue(held.value(), evaluator));
      return wraps ? Optional.of(made) : made;
    },
  };
}

function macroOf(name: string, { args, receiver }: Call, loop: Loop): object {
  const names = args.slice(0, loop.variables).map((node) => {
    if (node.op === 'id') return String(node.args);
    throw new RuleCallError(`${name}: the iteration variable must be a simple name`);
  });
  const bodies = args.slice(loop.variables);
  const contexts: Context[] = [];
  return {
    args,
    async: false,
    typeCheck: (checker: Checker, _macro: unknown, context: Context): Type => {
      const range = checker.check(receiver, context);
      const types = loop.variables === 1 ? [entryTypes(checker, range)[1]] : entryTypes(checker, range);
      let inner = context;
      for (const [index, variable] of names.entries()) {
        inner = inner.forkWithVariable(variable, types[index] ?? checker.getType('dyn'));
        contexts[index] = inner;
      }
      const found = bodies.map((body) => checker.check(body, inner));
      for (const index of loop.conditions) {
        const type = found[index];
        if (type === undefined || type.name === 'bool' || type.kind === 'dyn') continue;
        throw new RuleCallError(`${name}: the condition must be of type bool, and is of type ${type.name}`);
      }
      return loop.result(checker, found, range);
    },
    evaluate: (evaluator: Evaluator, _macro: unknown, context: Context): unknown => {
      const range = evaluator.run(receiver, context);
      const at = (entry: Entry, argument: number): unknown => {
        const values = loop.variables === 1 ? [entry[1]] : entry;
        let inner = context;
        for (const [index, each] of contexts.entries())
          inner = each.reuse(inner).setIterValue(values[index], evaluator);
        const body = bodies[argument];
        return isNode(body) ? evaluator.run(body, inner) : undefined;
      };
      return loop.run(entriesOf(range), at, range);
    },
  };
}

function entryTypes(checker: Checker, range: Type): readonly [Type, Type] {
  if (range.kind === 'list') return [checker.getType('int'), range.valueType];
  if (range.kind === 'map') return [range.keyType, range.valueType];
  if (range.kind === 'dyn') return [range, range];
  throw new RuleCallError(`expression of type '${range.name}' cannot be range of a comprehension`);
}

function entriesOf(range: unknown): readonly Entry[] {
  if (Array.isArray(range)) return range.map((value: unknown, index) => [BigInt(index), value]);
  if (range instanceof Map) return [...range];
  if (isRecord(range)) return Object.entries(range);
  throw new RuleCallError('the range of a comprehension must be a list or a map');
}
