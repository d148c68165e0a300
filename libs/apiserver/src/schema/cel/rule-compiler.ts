import type { Environment } from '@marcbachmann/cel-js';
import { child, entry, forbidden, invalid, item } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import type { Rule, Structural } from '../structural.ts';
import { RuleBudget } from './budget.ts';
import { type Declared, declaredBy, mostValues } from './declared.ts';
import { rulePath } from './field-path.ts';
import { library } from './library.ts';
import { Meter } from './meter.ts';
import { ProgramError, compileProgram } from './program.ts';
import type { Program } from './program.ts';
import { ValueTypes } from './value-type.ts';
import type { ValueType } from './value-type.ts';

export interface CompiledRule {
  rule: Rule;
  program: Program;
  messageProgram: Program | undefined;
  /** where errors are told, below the node */
  fieldPath: string;
}

/** A schema node that has rules, or has such nodes below it. */
export interface RuleNode {
  type: ValueType;
  /** how messages call a value of this node */
  typeName: string;
  rules: readonly CompiledRule[];
  properties: ReadonlyMap<string, RuleNode>;
  additional: RuleNode | undefined;
  items: RuleNode | undefined;
  mapKeys: readonly string[];
}

/** Where a node of a schema is. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** whether a value there can be told to be the one that was there before */
  readonly correlatable: boolean;
  /** how many such values an object can have; undefined where nothing bounds them */
  readonly often: number | undefined;
}

/** What the expressions of a node are compiled with. */
interface Context {
  readonly env: Environment;
  readonly self: Declared | undefined;
  /** how many values they may have to look at */
  readonly values: number;
}

const multiplied = (often: number | undefined, most: number | undefined): number | undefined =>
  often === undefined || most === undefined ? undefined : often * most;

/** The list whose items cannot be told apart. */
const withoutItems = (path: string): string => path.replace(/\.items$/, '');

/** Compiles the rules of one schema, and keeps why some do not compile. */
export class RuleCompiler {
  readonly errors: FieldError[] = [];
  readonly meter = new Meter();
  private readonly env: Environment = library.clone();
  private readonly types = new ValueTypes(this.env);
  private readonly budget = new RuleBudget();

  compile(schema: Structural, path: string): RuleNode | undefined {
    if (!hasRules(schema)) return undefined;
    this.types.of(schema, true);
    const root = this.node(schema, { path, isRoot: true, correlatable: true, often: 1 });
    this.errors.push(...this.budget.errors(path));
    return root;
  }

  private node(schema: Structural, place: Place): RuleNode | undefined {
    if (!hasRules(schema)) return undefined;
    const { path } = place;
    const type = this.types.of(schema);
    if (type === undefined) {
      const detail = 'rules cannot be set where the type of the value is not known';
      this.errors.push(forbidden(child(path, 'x-kubernetes-validations'), detail));
      return undefined;
    }
    const properties = new Map<string, RuleNode>();
    for (const [name, inner] of schema.properties) {
      const node = this.node(inner, { ...place, isRoot: false, path: entry(child(path, 'properties'), name) });
      if (node !== undefined) properties.set(name, node);
    }
    const { items, additional, listType } = schema;
    const inItems = {
      path: child(path, 'items'),
      isRoot: false,
      correlatable: place.correlatable && listType === 'map',
      often: multiplied(place.often, schema.maxItems),
    };
    const inValues = {
      ...place,
      path: child(path, 'additionalProperties'),
      isRoot: false,
      often: multiplied(place.often, schema.maxProperties),
    };
    return {
      type,
      typeName: schema.type,
      rules: this.rules(schema, type, place),
      properties,
      additional: additional === undefined ? undefined : this.node(additional, inValues),
      items: items === undefined ? undefined : this.node(items, inItems),
      mapKeys: listType === 'map' ? schema.mapKeys : [],
    };
  }

  private rules(schema: Structural, type: ValueType, { path, isRoot, correlatable, often }: Place): CompiledRule[] {
    if (schema.rules.length === 0) return [];
    const self = declaredBy(schema, isRoot || schema.embedded);
    const values = often ?? (self === undefined ? 1 : mostValues(self));
    const envs = new Map(
      [false, true].map((optional) => {
        const oldType = optional ? `optional<${type.name}>` : type.name;
        return [optional, this.env.clone().registerVariable('self', type.name).registerVariable('oldSelf', oldType)];
      }),
    );
    return schema.rules.flatMap((rule, index) => {
      const at = item(child(path, 'x-kubernetes-validations'), index);
      const env = envs.get(rule.optionalOldSelf) ?? this.env;
      const compiled = this.rule(schema, rule, { env, self, values }, at);
      if (compiled === undefined) return [];
      const { usesOldSelf } = compiled.program;
      if (usesOldSelf && !correlatable) {
        const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${withoutItems(path)}`;
        this.errors.push(invalid(child(at, 'rule'), rule.rule, detail));
      }
      if (rule.optionalOldSelf && !usesOldSelf) {
        const detail = 'may not be set if oldSelf is not used in rule';
        this.errors.push(invalid(child(at, 'optionalOldSelf'), true, detail));
      }
      return [compiled];
    });
  }

  private rule(schema: Structural, rule: Rule, context: Context, path: string): CompiledRule | undefined {
    const program = this.program(context, rule.rule, 'bool', child(path, 'rule'));
    if (program !== undefined) {
      this.errors.push(...this.budget.note(child(path, 'rule'), 'rule', program.cost, context.values));
    }
    const at = child(path, 'messageExpression');
    const messageProgram =
      rule.messageExpression === undefined ? undefined : this.program(context, rule.messageExpression, 'string', at);
    if (messageProgram !== undefined) {
      this.errors.push(...this.budget.note(at, 'messageExpression', messageProgram.cost, 1));
    }
    const fieldPath = rule.fieldPath === undefined ? '' : rulePath(rule.fieldPath, schema);
    if (fieldPath === undefined) {
      this.errors.push(invalid(child(path, 'fieldPath'), rule.fieldPath, 'must be a valid path'));
    }
    return program === undefined || fieldPath === undefined ? undefined : { rule, program, messageProgram, fieldPath };
  }

  private program(context: Context, text: string, result: 'bool' | 'string', path: string): Program | undefined {
    try {
      return compileProgram(context.env, text, result, { meter: this.meter, self: context.self });
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      this.errors.push(invalid(path, text, error.message));
      return undefined;
    }
  }
}

function hasRules(schema: Structural): boolean {
  return (
    schema.rules.length > 0 ||
    [schema.items, schema.additional, ...schema.properties.values()].some(
      (inner) => inner !== undefined && hasRules(inner),
    )
  );
}
