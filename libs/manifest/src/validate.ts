import type { ManifestDocument } from './parse.ts';
import { type FieldPath, type Problem, ProblemList } from './problem.ts';

/** The part of a zod schema that is needed here. */
export interface ManifestSchema<T> {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };
}

export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Names of fields that the schema does not know (zod's `unrecognized_keys`). */
  readonly keys?: readonly string[];
}

export type Validated<T> =
  { readonly kind: 'valid'; readonly value: T } | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

const fieldPath = (path: readonly PropertyKey[]): FieldPath =>
  path.map((step) => (typeof step === 'number' ? step : String(step)));

/** Checks a document against a schema; each issue is told where the field stands in the file. */
export const validateWith = <T>(document: ManifestDocument, schema: ManifestSchema<T>): Validated<T> => {
  const result = schema.safeParse(document.value);
  if (result.success) return { kind: 'valid', value: result.data };
  const problems = new ProblemList(document.file);
  for (const { path, message, keys } of result.error.issues) {
    const at = fieldPath(path);
    if (keys === undefined) problems.add(document.positionOf(at), message, at);
    for (const key of keys ?? []) problems.add(document.positionOf([...at, key]), 'unknown field', [...at, key]);
  }
  return { kind: 'invalid', problems: problems.all() };
};
