import { get, isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/** A rule of `x-kubernetes-validations`. */
export interface Rule {
  rule: string;
  message: string | undefined;
  messageExpression: string | undefined;
  reason: string | undefined;
  fieldPath: string | undefined;
  optionalOldSelf: boolean;
}

/** A schema node, read once: what pruning, defaulting, list types, apply and CEL need of it. */
export interface Structural {
  /** empty when the node may hold anything, or an integer or a string */
  type: string;
  format: string;
  nullable: boolean;
  /** undefined: none */
  defaultValue: unknown;
  properties: ReadonlyMap<string, Structural>;
  additional: Structural | undefined;
  /** `additionalProperties: true`, or a schema */
  allowsAdditional: boolean;
  items: Structural | undefined;
  preserveUnknown: boolean;
  embedded: boolean;
  intOrString: boolean;
  listType: string;
  mapKeys: readonly string[];
  mapType: string;
  maxLength: number | undefined;
  maxItems: number | undefined;
  maxProperties: number | undefined;
  /** the texts among the values of an enum */
  enumTexts: readonly string[];
  required: readonly string[];
  rules: readonly Rule[];
}

/** Reads a schema that `structuralErrors` found no fault in. */
export function readStructural(schema: JsonObject): Structural {
  const additional = get(schema, 'additionalProperties');
  const items = get(schema, 'items');
  const properties = get(schema, 'properties');
  return {
    type: text(schema, 'type'),
    format: text(schema, 'format'),
    nullable: get(schema, 'nullable') === true,
    defaultValue: get(schema, 'default') ?? undefined,
    properties: new Map(
      Object.entries(isObject(properties) ? properties : {}).flatMap(([name, inner]) =>
        isObject(inner) ? [[name, readStructural(inner)] as const] : [],
      ),
    ),
    additional: isObject(additional) ? readStructural(additional) : undefined,
    allowsAdditional: isObject(additional) || additional === true,
    items: isObject(items) ? readStructural(items) : undefined,
    preserveUnknown: get(schema, 'x-kubernetes-preserve-unknown-fields') === true,
    embedded: get(schema, 'x-kubernetes-embedded-resource') === true,
    intOrString: get(schema, 'x-kubernetes-int-or-string') === true,
    listType: text(schema, 'x-kubernetes-list-type'),
    mapKeys: texts(get(schema, 'x-kubernetes-list-map-keys')),
    mapType: text(schema, 'x-kubernetes-map-type'),
    maxLength: count(schema, 'maxLength'),
    maxItems: count(schema, 'maxItems'),
    maxProperties: count(schema, 'maxProperties'),
    enumTexts: texts(get(schema, 'enum')),
    required: texts(get(schema, 'required')),
    rules: objects(get(schema, 'x-kubernetes-validations')).map((rule) => readRule(rule)),
  };
}

function readRule(rule: JsonObject): Rule {
  const optional = (key: string): string | undefined => text(rule, key) || undefined;
  return {
    rule: text(rule, 'rule'),
    message: optional('message'),
    messageExpression: optional('messageExpression'),
    reason: optional('reason'),
    fieldPath: optional('fieldPath'),
    optionalOldSelf: get(rule, 'optionalOldSelf') === true,
  };
}

/** The schema of a field of an object with this schema. */
export function fieldSchema(schema: Structural | undefined, name: string): Structural | undefined {
  return schema?.properties.get(name) ?? schema?.additional;
}

function count(schema: JsonObject, key: string): number | undefined {
  const value = get(schema, key);
  return typeof value === 'number' ? Math.max(value, 0) : undefined;
}

export function text(object: JsonObject, key: string): string {
  const value = get(object, key);
  return typeof value === 'string' ? value : '';
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter((entry) => isObject(entry)) : [];
}
