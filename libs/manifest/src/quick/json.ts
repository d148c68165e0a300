import type { ManifestLimits } from '../limits.ts';
import type { JsonValue, Tree } from '../tree.ts';
import { JsonOffsets } from './json-offsets.ts';

/** YAML allows no longer names in flow style. */
const MAX_NAME = 1_000;

/**
 * Reads a file that is one JSON object with what a manifest may contain, many times faster than as YAML. Undefined for every
 * other: the careful reader knows what to say about it.
 */
export function quickJson(text: string, { maxDepth }: ManifestLimits): Tree | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  const value = parsed(text);
  if (value === undefined || namesIn(value, maxDepth) !== colonsIn(text)) return undefined;
  let offsets: JsonOffsets | undefined;
  return { value, offsetOf: (path) => (offsets ??= new JsonOffsets(text)).of(path) };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Colons outside of texts: one for each name that is written, also for one that is written twice and then read once. */
function colonsIn(text: string): number {
  let count = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isText) {
      if (unit === BACKSLASH) at += 1;
      else if (unit === QUOTE) isText = false;
    } else if (unit === QUOTE) isText = true;
    else if (unit === COLON) count += 1;
  }
  return count;
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COLON = 0x3a;

/** Number of names in a value; NaN when it has something that a manifest may not contain. */
function namesIn(value: JsonValue, depth: number): number {
  if (typeof value === 'string') return value.isWellFormed() ? 0 : NaN;
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? 0 : NaN;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) return NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += namesIn(item, depth - 1);
    return count;
  }
  for (const [name, field] of Object.entries(value)) {
    if (name === '<<' || name.length > MAX_NAME || !name.isWellFormed()) return NaN;
    count += 1 + namesIn(field, depth - 1);
  }
  return count;
}
