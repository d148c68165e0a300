import type { Environment } from '@marcbachmann/cel-js';
import { costOf } from './cost.ts';
import type { Declared } from './declared.ts';
import { callable } from './library.ts';
import { repeatedIn } from './macros.ts';
import { BudgetError } from './meter.ts';
import type { Meter } from './meter.ts';
import { SemverError } from './semver.ts';
import { regex, replacedMethods, RuleCallError } from './strings.ts';
import { type Node, isNode, isRecord, nodesIn } from './syntax.ts';

/** The expression cannot be compiled here; the message says why, as kube-apiserver would. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** The expression failed on an object. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

export interface Program {
  usesOldSelf: boolean;
  /** the most that one run can cost, as a kube-apiserver counts */
  cost: number;
  /** @throws RunError, BudgetError */
  run(variables: { self: unknown; oldSelf: unknown }): unknown;
}

interface Macro {
  args: unknown[];
  typeCheck: (checker: Checker, macro: Macro, context: unknown) => unknown;
  evaluate: (evaluator: Evaluator, macro: Macro, context: unknown) => unknown;
}
interface Checker {
  check(node: unknown, context: unknown): unknown;
  getType(name: string): unknown;
}
interface Evaluator {
  run(node: unknown, context: unknown): unknown;
}

const maxLength = 20_000;

/**
 * Compiles and type-checks one expression.
 * @param result the type that it must have
 * @param context what counts its steps, and what the schema says of `self`
 * @throws ProgramError also for functions that this server does not have
 */
export function compileProgram(
  env: Environment,
  text: string,
  result: 'bool' | 'string',
  { meter, self }: { readonly meter: Meter; readonly self: Declared | undefined },
): Program {
  if (text.length > maxLength) throw new ProgramError(`must not be longer than ${maxLength} characters`);
  const { parsed, found } = parse(env, text);
  const { valid, type, error } = parsed.check();
  if (!valid) throw compileError(error);
  if (type !== result && type !== 'dyn') throw new ProgramError(`must evaluate to a ${result}`);
  for (const node of found.optionalIndexes) checkOptionalIndex(node);
  for (const loop of found.loops) meterSteps(loop, meter);
  return {
    usesOldSelf: found.usesOldSelf,
    cost: costOf(parsed.ast, self),
    run(variables) {
      try {
        const value: unknown = parsed(variables);
        return value;
      } catch (cause) {
        if (cause instanceof BudgetError) throw cause;
        throw new RunError(runFailure(cause), { cause });
      }
    },
  };
}

interface Found {
  usesOldSelf: boolean;
  /** the nodes that run once for each item of a loop */
  loops: Node[];
  /** `self[?'a']` */
  optionalIndexes: Node[];
}

function parse(env: Environment, text: string): { parsed: ReturnType<Environment['parse']>; found: Found } {
  try {
    const parsed = env.parse(text);
    const found: Found = { usesOldSelf: false, loops: [], optionalIndexes: [] };
    prepare(parsed.ast, found);
    return { parsed, found };
  } catch (error) {
    throw error instanceof ProgramError ? error : compileError(error);
  }
}

/** Checks what an expression calls, and puts our functions in the place of those that cel-js has differently. */
function prepare(value: unknown, found: Found): void {
  if (Array.isArray(value)) {
    for (const item of value) prepare(item, found);
    return;
  }
  if (!isNode(value)) return;
  if (value.op === 'id' && value.args === 'oldSelf') found.usesOldSelf = true;
  if (value.op === '[?]') found.optionalIndexes.push(value);
  if (value.op === 'call' || value.op === 'rcall') prepareCall(value, found);
  if (value.op === 'comprehension' && isRecord(value.args)) {
    const { iterable, init, step } = value.args;
    prepare([iterable, init, step], found);
    if (isNode(step)) found.loops.push(step);
  } else {
    prepare(value.meta.alternate ?? value.args, found);
  }
}

function prepareCall(node: Node, found: Found): void {
  const call: unknown[] = Array.isArray(node.args) ? node.args : [];
  const [name] = call;
  if (typeof name !== 'string') return;
  const isMethod = node.op === 'rcall';
  if (!(isMethod ? callable.methods : callable.functions).has(name)) {
    throw new ProgramError(
      `compilation failed: undeclared reference to '${name}', or a function that this server does not have`,
    );
  }
  const macro = node.meta.macro;
  if (name === 'has' && isMacro(macro)) replaceHas(macro);
  if (!isMethod) return;
  found.loops.push(...repeatedIn(name, nodesIn(call[2])));
  const [argument] = Array.isArray(call[2]) ? call[2] : [];
  if (name === 'matches' && isNode(argument) && argument.op === 'value' && typeof argument.args === 'string') {
    checkPattern(argument.args);
  }
  if (name === 'format' && isNode(argument) && argument.op === 'list') mixTypes(argument);
  call[0] = replacedMethods.get(name) ?? name;
}

function checkPattern(pattern: string): void {
  try {
    regex(pattern);
  } catch (cause) {
    throw new ProgramError(`compilation failed: ${summary(cause)}`, { cause });
  }
}

/**
 * has() of cel-js takes a chain of names only, not `has(self.list[0].name)`, and does not look whether the schema has the
 * field: a misspelt one would never be there.
 */
function replaceHas(macro: Macro): void {
  const [selection] = macro.args;
  const [operand, field] =
    isNode(selection) && selection.op === '.' && Array.isArray(selection.args) ? selection.args : [];
  if (typeof field !== 'string') throw new ProgramError('compilation failed: invalid argument to has() macro');
  macro.typeCheck = (checker, _macro, context) => {
    checker.check(selection, context);
    return checker.getType('bool');
  };
  macro.evaluate = (evaluator, _macro, context) => {
    const value = evaluator.run(operand, context);
    if (value instanceof Map) return value.has(field);
    if (isRecord(value)) return Object.hasOwn(value, field);
    throw new RuleCallError('invalid type for field selection');
  };
}

/** The list of values of format() may mix types; no other list may. */
function mixTypes(list: Node): void {
  list.meta.check = (checker: Checker, node: Node, context: unknown): unknown => {
    for (const item of Array.isArray(node.args) ? node.args : []) checker.check(item, context);
    return checker.getType('list<dyn>');
  };
}

/** Objects have fields, and no keys. */
function checkOptionalIndex(node: Node): void {
  const [operand] = nodesIn(node.args);
  const { kind, name = '' } = operand?.checkedType ?? {};
  if (kind !== 'message') return;
  throw new ProgramError(`compilation failed: found no matching overload for '_[?_]' applied to '(${name}, string)'`);
}

function meterSteps(step: Node, meter: Meter): void {
  const { evaluate } = step.meta;
  step.setMeta('evaluate', (evaluator, node, context) => {
    meter.step();
    return evaluate(evaluator, node, context);
  });
}

function compileError(cause: unknown): ProgramError {
  const [, field] = /^No such key: (.*)$/.exec(summary(cause)) ?? [];
  const what = field === undefined ? decapitalize(summary(cause)) : `undefined field '${field}'`;
  const range = isRecord(cause) && isRecord(cause['range']) ? cause['range'] : {};
  const column = typeof range['start'] === 'number' ? `ERROR: <input>:1:${range['start'] + 1}: ` : '';
  return new ProgramError(`compilation failed: ${column}${what}`, { cause });
}

/** The first line of a message of cel-js: the others show the place in the source. */
function summary(error: unknown): string {
  if (isRecord(error) && typeof error['summary'] === 'string') return error['summary'];
  return error instanceof Error ? error.message : String(error);
}

function runFailure(cause: unknown): string {
  const source = isRecord(cause) && cause['cause'] instanceof Error ? cause['cause'] : cause;
  return source instanceof SemverError ? source.message : decapitalize(summary(cause));
}

/** Go's errors begin with a small letter, unless they begin with a name such as URL. */
function decapitalize(text: string): string {
  if (/^[A-Z]{2}/.test(text)) return text;
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function isMacro(value: unknown): value is Macro {
  return isRecord(value) && Array.isArray(value['args']) && typeof value['typeCheck'] === 'function';
}
