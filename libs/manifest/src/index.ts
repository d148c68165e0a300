export { DEFAULT_LIMITS } from './limits.ts';
export type { ManifestLimits } from './limits.ts';
export { parseManifests } from './parse.ts';
export type { ManifestDocument, ParsedManifests, ParseOptions } from './parse.ts';
export { fieldText, formatProblem } from './problem.ts';
export type { FieldPath, Position, Problem } from './problem.ts';
export type { JsonObject, JsonValue } from './tree.ts';
export { validateWith } from './validate.ts';
export type { ManifestSchema, SchemaIssue, Validated } from './validate.ts';
