import { invalid, noField, quote, tooLong, typeInvalid } from './field-error.ts';
import { formatCheck } from './format.ts';
import { get } from './json.ts';
import type { JsonObject } from './json.ts';
import { compilePattern } from './pattern.ts';
import { text } from './structural.ts';
import type { Check } from './value-check.ts';

/** Length in code points, pattern and format of a string. The first of the three that fails is told, and the format. */
export function stringCheck(schema: JsonObject): Check | undefined {
  const bounds = boundsCheck(schema);
  const type = text(schema, 'type');
  const format = text(schema, 'format');
  const holds = type === '' || type === 'string' ? formatCheck(format) : undefined;
  if (bounds === undefined && holds === undefined) return undefined;
  return (value, path, old, found) => {
    if (typeof value !== 'string') return;
    bounds?.(value, path, old, found);
    if (holds === undefined || holds(value)) return;
    const detail = `${path} in body must be of type ${format}: ${quote(value)}`;
    found.errors.push(typeInvalid(path || noField, value, detail));
  };
}

function boundsCheck(schema: JsonObject): Check | undefined {
  const min = get(schema, 'minLength');
  const max = get(schema, 'maxLength');
  const pattern = text(schema, 'pattern');
  if (min === undefined && max === undefined && pattern === '') return undefined;
  const matches = pattern === '' ? undefined : compilePattern(pattern);
  return (value, path, _old, found) => {
    if (typeof value !== 'string') return;
    const at = path || noField;
    if (typeof max === 'number' && value.length > max && codePoints(value) > max) {
      found.errors.push(tooLong(at, max));
    } else if (typeof min === 'number' && (value.length < min || codePoints(value) < min)) {
      found.errors.push(invalid(at, value, `${path} in body should be at least ${min} chars long`));
    } else if (matches !== undefined && !matches(value)) {
      found.errors.push(invalid(at, value, `${path} in body should match '${pattern}'`));
    }
  };
}

function codePoints(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}
