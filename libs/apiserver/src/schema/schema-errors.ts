import { compileRules } from './cel/rules.ts';
import { child, entry, invalid, noField } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { get, isObject, sameJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { embeddedErrors } from './object-meta.ts';
import { pruneValue } from './prune.ts';
import { structuralErrors } from './structural-errors.ts';
import { readStructural } from './structural.ts';
import { compileCheck } from './value-check.ts';
import type { Findings } from './value-check.ts';

/**
 * Why a schema cannot be used: it is not structural, a default does not fit it, or a rule does not compile. What comes
 * later is only looked at when what comes before is right, so that no error follows from another.
 * @param path of the schema in its CustomResourceDefinition
 */
export function schemaErrors(schema: JsonObject, path: string): FieldError[] {
  const structural = structuralErrors(schema, path);
  if (structural.length > 0) return structural;
  const rules = compileRules(readStructural(schema), path).errors;
  return rules.length > 0 ? rules : defaultErrors(schema, path);
}

function defaultErrors(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const value = get(schema, 'default');
  if (value !== undefined && value !== null) errors.push(...errorsOfDefault(schema, value, child(path, 'default')));
  const items = get(schema, 'items');
  if (isObject(items)) errors.push(...defaultErrors(items, child(path, 'items')));
  const properties = get(schema, 'properties');
  for (const [name, inner] of Object.entries(isObject(properties) ? properties : {})) {
    if (isObject(inner)) errors.push(...defaultErrors(inner, entry(child(path, 'properties'), name)));
  }
  return errors;
}

function errorsOfDefault(schema: JsonObject, value: unknown, at: string): FieldError[] {
  const structural = readStructural(schema);
  if (!sameJson(pruneValue(value, structural), value)) return [invalid(at, value, 'must not have unknown fields')];
  const embedded = embeddedErrors(structural, value, at);
  if (embedded.length > 0) return embedded;
  const found: Findings = { errors: [], visits: 0 };
  compileCheck(schema)(value, '', undefined, found);
  // The messages name the place within the default.
  if (found.errors.length > 0) return found.errors.map((error) => below(at, error));
  const broken = compileRules(structural, at).check?.(value, undefined) ?? [];
  return broken.map((error) => below(at, error));
}

const below = (at: string, error: FieldError): FieldError => ({
  ...error,
  field: error.field === noField ? at : child(at, error.field),
});
