/** Thrown where a text is more than the quick reader reads: the careful one does. */
export class NotSimpleError extends Error {}

/** Units with which a plain text may begin without being anything else in YAML. */
const PLAIN = /^[A-Za-z0-9_/.$+(<=~\\\u00a1-\ud7ff-]/;
/** What ends a plain text, or makes it something else. */
const MORE = /^---|^\.\.\.|: |:$| #|\t/;
const INTEGER = /^[-+]?[0-9]+$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** Other numbers of YAML's core schema. */
const ODD_NUMBER = /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN|-0+)$/;

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** A scalar on one line, without the white space around it. */
export function simpleScalar(source: string): string | number | boolean | null {
  if (source.startsWith('"')) return doubleQuoted(source);
  if (source.startsWith("'")) return singleQuoted(source);
  if (!PLAIN.test(source) || source === '-' || source.startsWith('- ') || MORE.test(source)) throw new NotSimpleError();
  const word = WORDS.get(source);
  if (word !== undefined) return word;
  if (ODD_NUMBER.test(source)) throw new NotSimpleError();
  if (INTEGER.test(source) || FLOAT.test(source)) return simpleNumber(source);
  return source;
}

function simpleNumber(source: string): number {
  const value = Number(source);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw new NotSimpleError();
  return value;
}

/** The escapes of JSON mean the same in YAML. */
function doubleQuoted(source: string): string {
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value === 'string' && value.isWellFormed()) return value;
  } catch {
    // Another escape, or a text that goes on: below.
  }
  throw new NotSimpleError();
}

function singleQuoted(source: string): string {
  const body = source.slice(1, -1);
  // Every quote inside is doubled, or the text ends before the line does.
  const isWhole = source.length > 1 && source.endsWith("'") && !body.replaceAll("''", '').includes("'");
  if (!isWhole) throw new NotSimpleError();
  return body.replaceAll("''", "'");
}
