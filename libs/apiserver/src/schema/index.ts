export { checkCrd } from './crd.ts';
export { formatCheck } from './format.ts';
export { pruneSchemaProps, SchemaPropsError } from './schema-props.ts';
export { compiledOnUse, compileSchema, SchemaError } from './compile.ts';
export type { CompiledSchema } from './compile.ts';
export type { FieldError, FieldErrorType } from './field-error.ts';
export { canonical, copy, get, isObject, isTooDeep, put, sameJson } from './json.ts';
export type { JsonObject } from './json.ts';
