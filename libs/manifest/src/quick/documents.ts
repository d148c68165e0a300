import type { ManifestLimits } from '../limits.ts';
import type { FieldPath } from '../problem.ts';
import type { JsonValue, Tree } from '../tree.ts';
import { BlockReader, type Span } from './block.ts';
import { quickJson } from './json.ts';
import { NotSimpleError } from './scalar.ts';

/** Reads one document by YAML's own reader; undefined when there is any problem with it. */
export type ReadCarefully = (text: string, limits: ManifestLimits) => Tree | undefined;

/** Anchors and aliases reach over items, and are counted for a whole document. */
const ANCHOR = /(?:^|[\s[{,:-])[&*]/;

/**
 * The documents of a file that is written as machines and most people write: one JSON object, or YAML in block style. Undefined
 * when anything in it is not, or is wrong. The answer is the one that the careful reader gives, some ten times faster, and
 * where a field stands is found when it is asked for.
 */
export function quickDocuments(text: string, limits: ManifestLimits, carefully: ReadCarefully): Tree[] | undefined {
  const json = quickJson(text, limits);
  if (json !== undefined) return [json];
  // Windows' line ends, marks inside the text, directives, and texts that end without a line end: seldom, and full of rules.
  if (!text.endsWith('\n') || /[\r\ufeff]|^%|^\.\.\./m.test(text) || !text.isWellFormed()) return undefined;
  try {
    const trees = spansOf(text).map((span) => quickBlock(text, span, limits, carefully));
    return trees.length === 0 ? undefined : trees;
  } catch (error) {
    if (error instanceof NotSimpleError) return undefined;
    throw error;
  }
}

interface DocumentSpan extends Span {
  /** Behind the `---` before it: where it is if it is empty. */
  readonly marker: number;
}

/** What stands between the lines `---`; before the first one only if there is something. */
function spansOf(text: string): DocumentSpan[] {
  const spans: DocumentSpan[] = [];
  let start = 0;
  let marker = 0;
  for (const { index, 0: line } of text.matchAll(/^---.*\n/gm)) {
    if (line.trimEnd() !== '---') throw new NotSimpleError();
    if (start > 0 || hasContent(text, start, index)) spans.push({ start, end: index, marker });
    marker = index + '---'.length;
    start = index + line.length;
  }
  if (start > 0 || hasContent(text, 0, text.length)) spans.push({ start, end: text.length, marker });
  return spans;
}

const hasContent = (text: string, start: number, end: number): boolean => /^ *[^ #\n]/m.test(text.slice(start, end));

function quickBlock(text: string, span: DocumentSpan, limits: ManifestLimits, carefully: ReadCarefully): Tree {
  const { maxDepth } = limits;
  /** An item alone, as a list of one. */
  const itemTree = ({ start, end }: Span): Tree | undefined => {
    const source = text.slice(start, end);
    return ANCHOR.test(source) ? undefined : carefully(source, { ...limits, maxDepth: maxDepth - 1 });
  };
  const itemOf = (item: Span): JsonValue | undefined => {
    const value = itemTree(item)?.value;
    return Array.isArray(value) && value.length === 1 ? value[0] : undefined;
  };
  const reader = new BlockReader(text, span, maxDepth, itemOf);
  const start = reader.start ?? span.marker;
  const value = reader.read();
  const { items } = reader;
  // Who asks for one field of a piece asks for more of it.
  let last: { readonly piece: Span; readonly tree: Tree | undefined } | undefined;
  const offsetIn = (piece: Span, path: FieldPath): number => {
    if (last?.piece !== piece) last = { piece, tree: carefully(text.slice(piece.start, piece.end), limits) };
    return piece.start + (last.tree?.offsetOf(path) ?? 0);
  };
  const offsetOf = (path: FieldPath): number => {
    if (path.length === 0) return start;
    const [field, index, ...rest] = path;
    const item = field === 'items' && typeof index === 'number' ? items[index] : undefined;
    return item === undefined ? offsetIn(span, path) : offsetIn(item, [0, ...rest]);
  };
  return { value, offsetOf };
}
