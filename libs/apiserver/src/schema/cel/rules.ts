import { Optional } from '@marcbachmann/cel-js';
import { child, duplicate, entry, forbidden, invalid, item, noField, omitted, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { get, isObject, sameJson } from '../json.ts';
import type { Structural } from '../structural.ts';
import { keyOf, oldItems } from '../value-check.ts';
import { fieldName } from './field-name.ts';
import { BudgetError } from './meter.ts';
import type { Meter } from './meter.ts';
import { RunError } from './program.ts';
import type { Program } from './program.ts';
import { RuleCompiler } from './rule-compiler.ts';
import { noOverload } from './strings.ts';
import type { CompiledRule, RuleNode } from './rule-compiler.ts';

/** Evaluates the rules of a schema on an object that the rest of the schema found no fault in. */
export type RuleCheck = (object: unknown, old: unknown) => FieldError[];

const maxMessageLength = 5 * 1024;

/**
 * Compiles the rules of `x-kubernetes-validations` of a schema.
 * @param path of the schema in its CustomResourceDefinition, for the errors
 * @returns the check, undefined when there are no rules; and why rules cannot be compiled
 */
export function compileRules(schema: Structural, path: string): { check: RuleCheck | undefined; errors: FieldError[] } {
  const compiler = new RuleCompiler();
  const root = compiler.compile(schema, path);
  const { errors, meter } = compiler;
  if (root === undefined || errors.length > 0) return { check: undefined, errors };
  return { check: (object, old) => new Evaluation(meter).run(root, object, old), errors };
}

/** A value beside the one it replaces. */
interface Pair {
  value: unknown;
  /** undefined when there is none, or none that is known to be the same field */
  old: unknown;
}

/** Runs the rules of one object. Each value is converted once, however many rules look at it. */
class Evaluation {
  private readonly meter: Meter;
  private readonly errors: FieldError[] = [];

  constructor(meter: Meter) {
    this.meter = meter;
  }

  run(root: RuleNode, value: unknown, old: unknown): FieldError[] {
    this.meter.start();
    try {
      this.node(root, { value, old: old ?? undefined }, undefined, '', false);
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error;
      this.errors.push(invalid(noField, root.typeName, error.message));
    }
    return this.errors;
  }

  /**
   * @param converted the value as rules see it, when that is known
   * @param insideSame whether the value is part of one that did not change, though it cannot be told from its siblings
   */
  private node(node: RuleNode, pair: Pair, converted: unknown, path: string, insideSame: boolean): void {
    const { value, old } = pair;
    if (value === null || value === undefined) return;
    const self = converted ?? (node.rules.length > 0 ? node.type.convert(value) : undefined);
    if (node.rules.length > 0) this.rules(node, pair, self, path, insideSame);
    if (Array.isArray(value) && node.items !== undefined) {
      const before = oldItems(old, node.mapKeys);
      const parentSame = insideSame || (old !== undefined && sameJson(value, old));
      for (const [index, inner] of value.entries()) {
        const next = { value: inner, old: before?.get(keyOf(inner, node.mapKeys)) };
        this.node(node.items, next, Array.isArray(self) ? self[index] : undefined, item(path, index), parentSame);
      }
    } else if (isObject(value)) {
      for (const name of Object.keys(value)) {
        const property = node.properties.get(name);
        const inner = property ?? node.additional;
        if (inner === undefined) continue;
        const next = { value: value[name], old: isObject(old) ? get(old, name) : undefined };
        const key = property === undefined ? name : fieldName(name);
        const known: unknown = self instanceof Map && key !== undefined ? self.get(key) : undefined;
        this.node(inner, next, known, property === undefined ? entry(path, name) : child(path, name), insideSame);
      }
    }
  }

  private rules(node: RuleNode, { value, old }: Pair, self: unknown, path: string, insideSame: boolean): void {
    const hasOld = old !== undefined && old !== null;
    const oldSelf =
      hasOld && node.rules.some(({ program }) => program.usesOldSelf) ? node.type.convert(old) : undefined;
    for (const compiled of node.rules) {
      const { rule, program } = compiled;
      if (program.usesOldSelf && !hasOld && !rule.optionalOldSelf) continue;
      const optionalOld = hasOld ? Optional.of(oldSelf) : Optional.none();
      const variables = { self, oldSelf: rule.optionalOldSelf ? optionalOld : oldSelf };
      const error = evaluate(compiled, variables, { typeName: node.typeName, value }, path);
      if (error === undefined) continue;
      // A rule that is newer than the object must not lock it: only what changed has to obey.
      const unchanged = hasOld ? sameJson(value, old) : insideSame;
      if (program.usesOldSelf || !unchanged) this.errors.push(error);
    }
  }
}

function evaluate(
  { rule, program, messageProgram, fieldPath }: CompiledRule,
  variables: { self: unknown; oldSelf: unknown },
  { typeName, value }: { typeName: string; value: unknown },
  path: string,
): FieldError | undefined {
  const shown = rule.message?.trim() ?? rule.rule.trim();
  try {
    if (program.run(variables) === true) return undefined;
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const why =
      error.message === noOverload
        ? `'no such overload': call arguments did not match a supported operator, function or macro signature for rule: ${shown}`
        : `${error.message} evaluating rule: ${shown}`;
    return invalid(path || noField, typeName, why);
  }
  const detail = messageFrom(messageProgram, variables) ?? rule.message?.trim() ?? `failed rule: ${shown}`;
  return reasoned(rule.reason, `${path}${fieldPath}`.replace(/^\./, '') || noField, value, detail);
}

/** The message that the rule computes; undefined when it cannot be computed, or is no message. */
function messageFrom(program: Program | undefined, variables: { self: unknown; oldSelf: unknown }): string | undefined {
  try {
    const message = program?.run(variables);
    const text = typeof message === 'string' ? message.trim() : '';
    return text === '' || text.includes('\n') || text.length > maxMessageLength ? undefined : text;
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
}

/** A refused object or list is not repeated in the message. */
function reasoned(reason: string | undefined, field: string, value: unknown, detail: string): FieldError {
  const shown = isObject(value) || Array.isArray(value) ? omitted : value;
  if (reason === 'FieldValueForbidden') return forbidden(field, detail);
  if (reason === 'FieldValueRequired') return required(field, detail);
  if (reason === 'FieldValueDuplicate') return duplicate(field, shown);
  return invalid(field, shown, detail);
}
