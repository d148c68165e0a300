import { compileRules } from './cel/rules.ts';
import { applyDefaults } from './default.ts';
import { invalid, noField, omitted } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { get, isTooDeep, maxDepth } from './json.ts';
import type { JsonObject } from './json.ts';
import { compileListTypes } from './list-types.ts';
import { embeddedErrors, embeddedMetadataErrors, hasEmbedded, metadataErrors } from './object-meta.ts';
import { prune } from './prune.ts';
import { schemaErrors } from './schema-errors.ts';
import { readStructural } from './structural.ts';
import { compileCheck } from './value-check.ts';
import type { Findings } from './value-check.ts';

/** A schema that this server cannot enforce in full; `errors` name the places. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly errors: FieldError[];

  constructor(errors: FieldError[]) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.errors = errors;
  }
}

/**
 * What one schema does with objects. No method changes its arguments. Where an object is made of a `known` one, to which the
 * same was done, the fields that it shares with that are handed on.
 */
export interface CompiledSchema {
  /** with the defaults filled in, and without nulls where the schema allows none */
  default(obj: JsonObject, known?: JsonObject): JsonObject;
  /** without the fields that the schema does not know; `unknown` are their paths */
  prune(obj: JsonObject, known?: JsonObject): { object: JsonObject; unknown: string[] };
  /** faults in the metadata of objects inside the object, which make it one that cannot be read */
  embeddedMetadata(obj: JsonObject): FieldError[];
  /** fields of another type than the schema says, in what may be a part of an object */
  typeErrors(obj: JsonObject): FieldError[];
  /** faults of an object, or of the change from `old`; none: it may be stored */
  validate(obj: JsonObject, old?: JsonObject): FieldError[];
}

/** Errors after which rules are not evaluated: they could rely on what is missing. */
const blocking: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const rulesSkipped =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/**
 * Compiles an `openAPIV3Schema`, for many objects.
 * @throws SchemaError when it is not structural, or holds something that this server does not enforce
 */
export function compileSchema(openAPIV3Schema: JsonObject): CompiledSchema {
  if (isTooDeep(openAPIV3Schema)) {
    throw new SchemaError([invalid(noField, omitted, `must not be nested more than ${maxDepth} levels`)]);
  }
  const errors = schemaErrors(openAPIV3Schema, 'openAPIV3Schema');
  if (errors.length > 0) throw new SchemaError(errors);
  const structural = readStructural(openAPIV3Schema);
  const check = compileCheck(openAPIV3Schema);
  const listTypes = compileListTypes(structural);
  const embedded = hasEmbedded(structural);
  const rules = compileRules(structural, 'openAPIV3Schema').check;

  function valueErrors(obj: JsonObject, old?: JsonObject): FieldError[] {
    const found: Findings = { errors: [], visits: 0 };
    check(obj, '', old, found);
    const { errors } = found;
    if (errors.length === 0) {
      const before = old === undefined ? undefined : get(old, 'metadata');
      errors.push(...metadataErrors(get(obj, 'metadata') ?? null, 'metadata', before));
    }
    if (embedded) errors.push(...embeddedErrors(structural, obj, ''));
    return errors;
  }

  return {
    default: (obj, known) => applyDefaults(obj, structural, known),
    prune: (obj, known) => prune(obj, structural, known),
    embeddedMetadata: (obj) => (embedded ? embeddedMetadataErrors(structural, obj, '') : []),
    typeErrors: (obj) => valueErrors(obj).filter(({ type }) => type === 'FieldValueTypeInvalid'),
    validate(obj, old) {
      if (isTooDeep(obj, old)) return [invalid(noField, omitted, `must not be nested more than ${maxDepth} levels`)];
      const errors = valueErrors(obj, old);
      const repeated = listTypes?.(obj, '') ?? [];
      // Lists that held an item twice before the schema forbade it may go on to.
      if (repeated.length > 0 && (old === undefined || listTypes?.(old, '').length === 0)) errors.push(...repeated);
      if (rules === undefined) return errors;
      const blocked = errors.some(({ type }) => blocking.has(type));
      return [...errors, ...(blocked ? [invalid(noField, null, rulesSkipped)] : rules(obj, old))];
    },
  };
}

/** Compiles a schema that is known to be good at its first use: of the many kinds that are served, few are used at once. */
export function compiledOnUse(openAPIV3Schema: JsonObject): CompiledSchema {
  let compiled: CompiledSchema | undefined;
  const use = (): CompiledSchema => (compiled ??= compileSchema(openAPIV3Schema));
  return {
    default: (object, known) => use().default(object, known),
    prune: (object, known) => use().prune(object, known),
    embeddedMetadata: (object) => use().embeddedMetadata(object),
    typeErrors: (object) => use().typeErrors(object),
    validate: (object, old) => use().validate(object, old),
  };
}
