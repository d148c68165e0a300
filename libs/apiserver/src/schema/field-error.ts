import { canonical } from './json.ts';

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldValueTooShort'
  | 'InternalError';

/** One fault of an object, as it stands in `details.causes` of a Status. */
export interface FieldError {
  type: FieldErrorType;
  /** path as Kubernetes writes it: `spec.spread[0].weight`, `spec.labels[app]`; `<nil>` for the whole object */
  field: string;
  /** as kube-apiserver words it, without the field */
  message: string;
}

/** The field of an error that names none. */
export const noField = '<nil>';

/** Stands for a value that the message must not show. */
export const omitted = Symbol('omitted');

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: body('Invalid value', value, detail) };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueTypeInvalid', field, message: body('Invalid value', value, detail) };
}

export function notFound(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, message: body('Not found', value, '') };
}

export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, message: body('Required value', omitted, detail) };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, message: body('Duplicate value', value, '') };
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: body('Forbidden', omitted, detail) };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map((item) => quote(item)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field, message: body('Unsupported value', value, detail) };
}

export function tooLong(field: string, max: number): FieldError {
  const detail = `may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`;
  return { type: 'FieldValueTooLong', field, message: body('Too long', omitted, detail) };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  const detail = `must have at most ${max} ${max === 1 ? 'item' : 'items'}`;
  return { type: 'FieldValueTooMany', field, message: body('Too many', actual, detail) };
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A string as Go's %q writes it. */
export function quote(text: string): string {
  const escaped = text.replaceAll(/["\\]|\p{Cc}/gu, (sign) => {
    const code = sign.charCodeAt(0).toString(16);
    return escapes[sign] ?? (code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`);
  });
  return `"${escaped}"`;
}

function body(title: string, value: unknown, detail: string): string {
  const parts = [title];
  if (value !== omitted) parts.push(typeof value === 'string' ? quote(value) : canonical(value ?? null));
  if (detail !== '') parts.push(detail);
  return parts.join(': ');
}

/** The path of a named field. */
export function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The path of an entry of a map. */
export function entry(path: string, key: string): string {
  return `${path}[${key}]`;
}

/** The path of an item of a list. */
export function item(path: string, index: number): string {
  return `${path}[${index}]`;
}
