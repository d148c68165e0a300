import { invalid, noField } from './field-error.ts';
import { get } from './json.ts';
import type { JsonObject } from './json.ts';
import { text } from './structural.ts';
import type { Check } from './value-check.ts';

const ranges: Record<string, readonly [min: number, max: number]> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
  float: [-3.402_823_466_385_288_6e38, 3.402_823_466_385_288_6e38],
};

/** Bounds, multiples and the range of the format of a number. */
export function numberCheck(schema: JsonObject): Check | undefined {
  const type = text(schema, 'type');
  const format = text(schema, 'format');
  const range = formatRange(type, format);
  // Whole numbers are looked at twice: for their type, and for what a format makes of it.
  const isWhole = type === 'integer';
  const rules = [multipleRule(schema), maximumRule(schema), minimumRule(schema)].filter((rule) => rule !== undefined);
  if (range === undefined && rules.length === 0 && !isWhole) return undefined;
  return (value, path, _old, found) => {
    if (typeof value !== 'number') return;
    if (isWhole && !Number.isInteger(value)) {
      const how = range === undefined ? '(default format)' : `with format ${format}`;
      found.errors.push(invalid(noField, '', `Checked value must be of type ${type} ${how} in ${path}`));
    }
    if (range !== undefined && (value < range[0] || value > range[1])) {
      const detail = `Checked value must be of type ${type} with format ${format} in ${path}`;
      found.errors.push(invalid(noField, '', detail));
    }
    for (const rule of rules) {
      const fault = rule(value);
      if (fault !== undefined) found.errors.push(invalid(path || noField, value, `${path} in body should be ${fault}`));
    }
  };
}

type NumberRule = (value: number) => string | undefined;

function formatRange(type: string, format: string): readonly [number, number] | undefined {
  const fits = (type === 'integer' && format.startsWith('int')) || (type === 'number' && format === 'float');
  return fits && Object.hasOwn(ranges, format) ? ranges[format] : undefined;
}

function multipleRule(schema: JsonObject): NumberRule | undefined {
  const factor = get(schema, 'multipleOf');
  if (typeof factor !== 'number') return undefined;
  return (value) => {
    const quotient = factor < 1 ? (1 / factor) * value : value / factor;
    // As in Go's swag: a whole number, but for the error of one division.
    const whole = Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient));
    return whole ? undefined : `a multiple of ${factor}`;
  };
}

function maximumRule(schema: JsonObject): NumberRule | undefined {
  const max = get(schema, 'maximum');
  if (typeof max !== 'number') return undefined;
  if (get(schema, 'exclusiveMaximum') === true) return (value) => (value < max ? undefined : `less than ${max}`);
  return (value) => (value <= max ? undefined : `less than or equal to ${max}`);
}

function minimumRule(schema: JsonObject): NumberRule | undefined {
  const min = get(schema, 'minimum');
  if (typeof min !== 'number') return undefined;
  if (get(schema, 'exclusiveMinimum') === true) return (value) => (value > min ? undefined : `greater than ${min}`);
  return (value) => (value >= min ? undefined : `greater than or equal to ${min}`);
}
