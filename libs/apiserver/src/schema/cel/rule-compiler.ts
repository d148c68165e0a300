import type { Environment } from '@marcbachmann/cel-js';
import { child, entry, forbidden, invalid, item } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import type { Rule, Structural } from '../structural.ts';
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

/** Compiles the rules of one schema, and keeps why some do not compile. */
export class RuleCompiler {
  readonly errors: FieldError[] = [];
  readonly meter = new Meter();
  private readonly env: Environment = library.clone();
  private readonly types = new ValueTypes(this.env);

  compile(schema: Structural, path: string): RuleNode | undefined {
    if (!hasRules(schema)) return undefined;
    this.types.of(schema, true);
    return this.node(schema, path, true);
  }

  private node(schema: Structural, path: string, correlatable: boolean): RuleNode | undefined {
    if (!hasRules(schema)) return undefined;
    const type = this.types.of(schema);
    if (type === undefined) {
      const detail = 'rules cannot be set where the type of the value is not known';
      this.errors.push(forbidden(child(path, 'x-kubernetes-validations'), detail));
      return undefined;
    }
    const properties = new Map<string, RuleNode>();
    for (const [name, inner] of schema.properties) {
      const node = this.node(inner, entry(child(path, 'properties'), name), correlatable);
      if (node !== undefined) properties.set(name, node);
    }
    const { items, additional, listType } = schema;
    const itemsCorrelate = correlatable && listType === 'map';
    return {
      type,
      typeName: schema.type,
      rules: this.rules(schema, type, path, correlatable),
      properties,
      additional:
        additional === undefined ? undefined : this.node(additional, child(path, 'additionalProperties'), correlatable),
      items: items === undefined ? undefined : this.node(items, child(path, 'items'), itemsCorrelate),
      mapKeys: listType === 'map' ? schema.mapKeys : [],
    };
  }

  private rules(schema: Structural, type: ValueType, path: string, correlatable: boolean): CompiledRule[] {
    if (schema.rules.length === 0) return [];
    const envs = new Map(
      [false, true].map((optional) => {
        const oldType = optional ? `optional<${type.name}>` : type.name;
        return [optional, this.env.clone().registerVariable('self', type.name).registerVariable('oldSelf', oldType)];
      }),
    );
    return schema.rules.flatMap((rule, index) => {
      const at = item(child(path, 'x-kubernetes-validations'), index);
      const env = envs.get(rule.optionalOldSelf) ?? this.env;
      const compiled = this.rule(schema, rule, env, at);
      if (compiled === undefined) return [];
      const { usesOldSelf } = compiled.program;
      if (usesOldSelf && !correlatable) {
        const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${path}`;
        this.errors.push(invalid(child(at, 'rule'), rule.rule, detail));
      }
      if (rule.optionalOldSelf && !usesOldSelf) {
        const detail = 'may not be set if oldSelf is not used in rule';
        this.errors.push(invalid(child(at, 'optionalOldSelf'), true, detail));
      }
      return [compiled];
    });
  }

  private rule(schema: Structural, rule: Rule, env: Environment, path: string): CompiledRule | undefined {
    const program = this.program(env, rule.rule, 'bool', child(path, 'rule'));
    const messageProgram =
      rule.messageExpression === undefined
        ? undefined
        : this.program(env, rule.messageExpression, 'string', child(path, 'messageExpression'));
    const fieldPath = rule.fieldPath === undefined ? '' : rulePath(rule.fieldPath, schema);
    if (fieldPath === undefined) {
      this.errors.push(invalid(child(path, 'fieldPath'), rule.fieldPath, 'must be a valid path'));
    }
    return program === undefined || fieldPath === undefined ? undefined : { rule, program, messageProgram, fieldPath };
  }

  private program(env: Environment, text: string, result: 'bool' | 'string', path: string): Program | undefined {
    try {
      return compileProgram(env, text, result, this.meter);
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
