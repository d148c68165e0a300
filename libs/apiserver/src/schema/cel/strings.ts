import type { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';

/** A call whose arguments do not fit, found when a rule runs. */
export class RuleCallError extends Error {
  override readonly name = 'RuleCallError';
}

/** What a call says whose arguments have the wrong types. */
export const noOverload = 'no such overload';

const sync = { async: false };
const maxPatterns = 500;
const patterns = new Map<string, RE2JS>();

/** @throws RuleCallError when RE2 does not accept the pattern */
export function regex(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  try {
    const compiled = RE2JS.compile(pattern);
    // Patterns may come from objects: the memory they take is bounded.
    if (patterns.size >= maxPatterns) patterns.clear();
    patterns.set(pattern, compiled);
    return compiled;
  } catch (cause) {
    throw new RuleCallError(`error parsing regexp: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/**
 * Names under which string functions of cel-js are replaced: its own count UTF-16 units where CEL counts characters,
 * change letters beyond ASCII, and match by JavaScript's backtracking expressions.
 */
export const replacedMethods: ReadonlyMap<string, string> = new Map(
  ['matches', 'lowerAscii', 'upperAscii', 'indexOf', 'lastIndexOf', 'substring'].map((name) => [name, `k8s_${name}`]),
);

export function registerStrings(env: Environment): void {
  const method = (signature: string, handler: (...args: never[]) => unknown): void => {
    env.registerFunction(signature, handler, sync);
  };
  method('string.k8s_matches(string): bool', (text: string, pattern: string) => regex(pattern).test(text));
  method('string.find(string): string', (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? '');
  method('string.findAll(string): list<string>', (text: string, pattern: string) => findAll(text, pattern, -1));
  method('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) =>
    findAll(text, pattern, Number(limit)),
  );
  method('string.k8s_lowerAscii(): string', (text: string) =>
    text.replaceAll(/[A-Z]+/g, (found) => found.toLowerCase()),
  );
  method('string.k8s_upperAscii(): string', (text: string) =>
    text.replaceAll(/[a-z]+/g, (found) => found.toUpperCase()),
  );
  method('string.charAt(int): string', (text: string, index: bigint) => {
    const chars = Array.from(text);
    return chars[position(index, chars.length)] ?? '';
  });
  method('string.k8s_indexOf(string): int', (text: string, part: string) => indexOf(text, part, 0));
  method('string.k8s_indexOf(string, int): int', (text: string, part: string, from: bigint) =>
    indexOf(text, part, position(from, Array.from(text).length)),
  );
  method('string.k8s_lastIndexOf(string): int', (text: string, part: string) => lastIndexOf(text, part, Infinity));
  method('string.k8s_lastIndexOf(string, int): int', (text: string, part: string, from: bigint) =>
    lastIndexOf(text, part, position(from, Array.from(text).length)),
  );
  method('string.k8s_substring(int): string', (text: string, start: bigint) => substring(text, start));
  method('string.k8s_substring(int, int): string', (text: string, start: bigint, end: bigint) =>
    substring(text, start, end),
  );
  method('string.replace(string, string): string', (text: string, old: string, next: string) =>
    text.replaceAll(old, () => next),
  );
  method('string.replace(string, string, int): string', (text: string, old: string, next: string, limit: bigint) =>
    replaceSome(text, old, next, Number(limit)),
  );
}

function findAll(text: string, pattern: string, limit: number): string[] {
  const matcher = regex(pattern).matcher(text);
  const found: string[] = [];
  const most = limit < 0 ? Infinity : limit;
  while (found.length < most && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

function position(index: bigint, length: number): number {
  if (index < 0n || index > BigInt(length)) throw new RuleCallError(`index out of range: ${index}`);
  return Number(index);
}

function indexOf(text: string, part: string, from: number): bigint {
  const units = Array.from(text).slice(0, from).join('').length;
  const found = text.indexOf(part, units);
  return BigInt(found < 0 ? -1 : Array.from(text.slice(0, found)).length);
}

function lastIndexOf(text: string, part: string, from: number): bigint {
  const units = from === Infinity ? text.length : Array.from(text).slice(0, from).join('').length;
  const found = text.lastIndexOf(part, units);
  return BigInt(found < 0 ? -1 : Array.from(text.slice(0, found)).length);
}

function substring(text: string, start: bigint, end?: bigint): string {
  const chars = Array.from(text);
  const from = position(start, chars.length);
  const to = end === undefined ? chars.length : position(end, chars.length);
  if (from > to) throw new RuleCallError(`invalid substring range. start: ${from}, end: ${to}`);
  return chars.slice(from, to).join('');
}

function replaceSome(text: string, old: string, next: string, limit: number): string {
  if (limit < 0) return text.replaceAll(old, () => next);
  let left = limit;
  return text.replaceAll(old, (found) => (left-- > 0 ? next : found));
}
