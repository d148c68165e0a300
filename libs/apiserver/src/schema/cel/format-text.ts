import { Duration } from '@marcbachmann/cel-js/evaluator';
import { RuleCallError } from './strings.ts';

/**
 * `"%s of %d".format([...])` as CEL has it: %s, %d, %f and %e with a precision, %b, %o, %x and %X.
 * @throws RuleCallError when clauses and values do not fit
 */
export function formatText(template: string, values: unknown[]): string {
  let next = 0;
  const text = template.replaceAll(
    /%(?:\.(\d{1,3}))?(.|$)/gsu,
    (clause, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= values.length) throw new RuleCallError(`index ${next} out of range`);
      return formatOne(clause, verb, precision, values[next++]);
    },
  );
  return text;
}

function formatOne(clause: string, verb: string, precision: string | undefined, value: unknown): string {
  switch (verb) {
    case 's':
      return asText(value);
    case 'd':
      if (typeof value === 'bigint') return value.toString();
      break;
    case 'f':
      if (typeof value === 'number') return value.toFixed(Number(precision ?? 6));
      break;
    case 'e':
      if (typeof value === 'number') {
        return value.toExponential(Number(precision ?? 6)).replace(/e([+-])(\d)$/, 'e$10$2');
      }
      break;
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (typeof value === 'bigint') return value.toString(2);
      break;
    case 'o':
      if (typeof value === 'bigint') return value.toString(8);
      break;
    case 'x':
    case 'X': {
      const hex = asHex(value);
      if (hex !== undefined) return verb === 'X' ? hex.toUpperCase() : hex;
      break;
    }
    default:
      throw new RuleCallError(
        `could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(clause)}`,
      );
  }
  throw new RuleCallError(`error during formatting: ${clause} does not fit ${typeof value}`);
}

function asHex(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString(16);
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : undefined;
}

function asText(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => asText(item)).join(', ')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [asText(key), asText(item)] as const);
    const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([key, item]) => `${key}: ${item}`).join(', ')}}`;
  }
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Duration) return value.toString();
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value.toString();
  throw new RuleCallError('error during formatting: value cannot be printed');
}
