import type { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { get, isObject } from '../json.ts';
import type { Structural } from '../structural.ts';
import { fieldName } from './field-name.ts';

/** How rules see the values of a schema node. */
export interface ValueType {
  /** the type in CEL's own notation, `list<string>` */
  name: string;
  /** a JSON value that fits the schema, as a value of this type */
  convert(value: unknown): unknown;
}

const string: ValueType = { name: 'string', convert: (value) => value };
const anything: ValueType = { name: 'dyn', convert: (value) => dynamic(value) };
const timestamp: ValueType = {
  name: 'google.protobuf.Timestamp',
  convert: (value) => (typeof value === 'string' ? new Date(value) : value),
};
const scalars: Record<string, ValueType> = {
  string,
  boolean: { name: 'bool', convert: (value) => value },
  integer: { name: 'int', convert: (value) => dynamic(value) },
  number: { name: 'double', convert: (value) => value },
};
const stringFormats: Record<string, ValueType> = {
  byte: { name: 'bytes', convert: (value) => (typeof value === 'string' ? Buffer.from(value, 'base64') : value) },
  date: timestamp,
  datetime: timestamp,
  duration: {
    name: 'google.protobuf.Duration',
    convert: (value) => (typeof value === 'string' ? (parseDuration(value) ?? value) : value),
  },
};

/** The metadata that rules may read: nothing else of it is theirs to decide. */
const metadataFields = ['name', 'generateName'];

/**
 * Names the types of schema nodes in an environment. Objects are types of their own, so that a rule with a field that
 * its schema does not have is refused when it is compiled; lists, maps and scalars are CEL's.
 */
export class ValueTypes {
  private readonly env: Environment;
  private readonly known = new Map<Structural, ValueType | undefined>();
  private count = 0;

  constructor(env: Environment) {
    this.env = env;
  }

  /** undefined: rules do not see such values. */
  of(schema: Structural, isRoot = false): ValueType | undefined {
    if (this.known.has(schema)) return this.known.get(schema);
    const type = this.make(schema, isRoot);
    // A rule may ask whether a nullable value is null: only a dynamic type compares with null.
    const seen = type !== undefined && schema.nullable ? { name: 'dyn', convert: nullable(type) } : type;
    this.known.set(schema, seen);
    return seen;
  }

  private make(schema: Structural, isRoot: boolean): ValueType | undefined {
    if (schema.intOrString) return anything;
    if (schema.type === 'array') return this.list(schema);
    if (schema.type !== 'object') {
      const format = schema.type === 'string' ? stringFormats[schema.format.replaceAll('-', '')] : undefined;
      return format ?? scalars[schema.type];
    }
    if (schema.additional !== undefined) return this.map(schema.additional);
    return schema.allowsAdditional ? undefined : this.object(schema, isRoot || schema.embedded);
  }

  private list({ items }: Structural): ValueType | undefined {
    const type = items === undefined ? undefined : this.of(items);
    if (type === undefined) return undefined;
    return {
      name: `list<${type.name}>`,
      convert: (value) => (Array.isArray(value) ? value.map((item) => type.convert(item)) : value),
    };
  }

  private map(values: Structural): ValueType | undefined {
    const type = this.of(values);
    if (type === undefined) return undefined;
    return {
      name: `map<string, ${type.name}>`,
      convert: (value) => (isObject(value) ? convertEntries(new Map<string, unknown>(), value, () => type) : value),
    };
  }

  private object(schema: Structural, isResource: boolean): ValueType {
    const types = new Map<string, { field: string; type: ValueType }>();
    const add = (property: string, type: ValueType | undefined): void => {
      const field = fieldName(property);
      if (field !== undefined && type !== undefined) types.set(property, { field, type });
    };
    for (const [property, inner] of schema.properties) add(property, this.of(inner));
    if (isResource) {
      add('apiVersion', string);
      add('kind', string);
      add('metadata', this.record(new Map(metadataFields.map((field) => [field, { field, type: string }]))));
    }
    return this.record(types);
  }

  private record(types: ReadonlyMap<string, { field: string; type: ValueType }>): ValueType {
    // A map of its own class: fields cannot be confused with what objects inherit, and the class tells the type.
    const ctor = class extends Map<string, unknown> {};
    const name = `Object${String(this.count++)}`;
    const fields = Object.fromEntries([...types.values()].map(({ field, type }) => [field, type.name]));
    this.env.registerType(name, { ctor, fields });
    this.env.registerOperator(`${name} == ${name}`, sameValue);
    return {
      name,
      convert(value) {
        if (!isObject(value)) return value;
        const record = new ctor();
        for (const [property, { field, type }] of types) {
          const inner = get(value, property);
          if (inner !== undefined) record.set(field, type.convert(inner));
        }
        return record;
      },
    };
  }
}

function convertEntries(
  target: Map<string, unknown>,
  value: Record<string, unknown>,
  typeOf: (key: string) => ValueType,
): Map<string, unknown> {
  for (const key of Object.keys(value)) target.set(key, typeOf(key).convert(value[key]));
  return target;
}

function nullable(type: ValueType): (value: unknown) => unknown {
  return (value) => (value === null ? null : type.convert(value));
}

/** Whole numbers are CEL integers; JSON does not tell 1 from 1.0. */
function dynamic(value: unknown): unknown {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

function parseDuration(text: string): Duration | undefined {
  let total = 0;
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return new Duration(0);
  while (rest !== '') {
    const [all, amount, unit] = /^(\d+(?:\.\d*)?|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|d|w)/.exec(rest) ?? [];
    const factor = unit === undefined ? undefined : unitMs[unit];
    if (all === undefined || factor === undefined) return undefined;
    total += Number(amount) * factor;
    rest = rest.slice(all.length);
  }
  return Duration.fromMilliseconds(text.startsWith('-') ? -total : total);
}

/** Equality of converted values, as CEL has it: by content, numbers across their types. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' && typeof b === 'number') return Number(a) === b;
  if (typeof a === 'number' && typeof b === 'bigint') return a === Number(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && sameValue(value, b.get(key)));
  }
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof Duration && b instanceof Duration) return a.seconds === b.seconds && a.nanos === b.nanos;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return false;
}
