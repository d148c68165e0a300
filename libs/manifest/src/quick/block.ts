import type { JsonObject, JsonValue } from '../tree.ts';
import { NotSimpleError, simpleScalar } from './scalar.ts';

const KEY = /^([A-Za-z_][\w./-]{0,500}):(?: +|$)/;
const LITERAL = /^\|[-+]?$/;
const SPACE = 0x20;
const TAB = 0x09;

/** Where an item of a list stands in the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A line with something on it. */
interface Line {
  readonly start: number;
  readonly indent: number;
  /** Without the indentation and the white space at its end. */
  readonly content: string;
}

/** Reads one item of the outermost list by other means; undefined when that is not possible. */
export type ReadItem = (span: Span) => JsonValue | undefined;

/**
 * Reads one document of YAML in block style as `kubectl get -o yaml` writes it: maps and lists by indentation, scalars on
 * one line, literal blocks, `{}` and `[]`. Every line is looked at once. Throws NotSimpleError for whatever else there is.
 */
export class BlockReader {
  /** Where the items of the field `items` of the document stand. */
  readonly items: Span[] = [];
  readonly #text: string;
  readonly #end: number;
  readonly #maxDepth: number;
  readonly #readItem: ReadItem;
  #at: number;
  #line: Line | undefined;

  constructor(text: string, span: Span, maxDepth: number, readItem: ReadItem) {
    this.#text = text;
    this.#at = span.start;
    this.#end = span.end;
    this.#maxDepth = maxDepth;
    this.#readItem = readItem;
    this.#next();
  }

  /** Offset of the first line with something on it; undefined for an empty document. */
  get start(): number | undefined {
    return this.#line && this.#line.start + this.#line.indent;
  }

  read(): JsonValue {
    if (this.#line === undefined) return null;
    if (this.#line.indent !== 0) throw new NotSimpleError();
    const value = this.#map(0, 1);
    if (this.#line !== undefined) throw new NotSimpleError();
    return value;
  }

  /** Goes to the next line that is neither empty nor a comment. */
  #next(): void {
    const text = this.#text;
    for (;;) {
      const start = this.#at;
      if (start >= this.#end) {
        this.#line = undefined;
        return;
      }
      const end = text.indexOf('\n', start);
      this.#at = end + 1;
      let first = start;
      while (text.charCodeAt(first) === SPACE) first += 1;
      let last = end;
      while (last > first && isBlank(text.charCodeAt(last - 1))) last -= 1;
      const content = text.slice(first, last);
      if (content === '' || content.startsWith('#')) continue;
      // Tabs never indent.
      if (content.startsWith('\t')) throw new NotSimpleError();
      this.#line = { start, indent: first - start, content };
      return;
    }
  }

  #map(indent: number, depth: number): JsonObject {
    if (depth > this.#maxDepth) throw new NotSimpleError();
    const entries = new Map<string, JsonValue>();
    for (;;) {
      const line = this.#line;
      if (line === undefined || line.indent < indent) break;
      const match = KEY.exec(line.content);
      if (line.indent > indent || match?.[1] === undefined || entries.has(match[1])) throw new NotSimpleError();
      const isItems = depth === 1 && match[1] === 'items';
      entries.set(match[1], this.#value(line.content.slice(match[0].length), indent, depth + 1, isItems));
    }
    // fromEntries defines own properties: a field named __proto__ stays a field.
    return Object.fromEntries(entries);
  }

  /** The value behind `key:` of a map with an indentation. */
  #value(rest: string, indent: number, depth: number, isItems: boolean): JsonValue {
    if (LITERAL.test(rest)) return this.#literal(rest, indent);
    this.#next();
    if (rest !== '') return this.#inline(rest, depth);
    const line = this.#line;
    if (line === undefined || line.indent < indent) return null;
    const isList = isDash(line.content);
    if (line.indent === indent && !isList) return null;
    return isList ? this.#list(line.indent, depth, isItems) : this.#map(line.indent, depth);
  }

  #inline(source: string, depth: number): JsonValue {
    if (depth > this.#maxDepth && (source === '{}' || source === '[]')) throw new NotSimpleError();
    if (source === '{}') return {};
    return source === '[]' ? [] : simpleScalar(source);
  }

  #list(indent: number, depth: number, isItems: boolean): JsonValue[] {
    if (depth > this.#maxDepth) throw new NotSimpleError();
    const values: JsonValue[] = [];
    for (;;) {
      const line = this.#line;
      if (line === undefined || line.indent < indent) return values;
      if (line.indent > indent) throw new NotSimpleError();
      // A list may have the indentation of the map that it is in: the map goes on behind it.
      if (!isDash(line.content)) return values;
      values.push(isItems ? this.#outerItem(line, depth) : this.#item(line, depth));
    }
  }

  #outerItem(line: Line, depth: number): JsonValue {
    try {
      const value = this.#item(line, depth);
      this.items.push({ start: line.start, end: this.#line?.start ?? this.#end });
      return value;
    } catch (error) {
      if (!(error instanceof NotSimpleError)) throw error;
    }
    this.#skip(line);
    const span = { start: line.start, end: this.#line?.start ?? this.#end };
    const value = this.#readItem(span);
    if (value === undefined) throw new NotSimpleError();
    this.items.push(span);
    return value;
  }

  /** Goes behind an item: to the next line that is not indented deeper than its dash. */
  #skip(line: Line): void {
    const text = this.#text;
    let at = text.indexOf('\n', line.start) + 1;
    for (; at < this.#end; at = text.indexOf('\n', at) + 1) {
      let first = at;
      while (text.charCodeAt(first) === SPACE) first += 1;
      if (first - at <= line.indent && text.charCodeAt(first) !== 0x0a) break;
    }
    this.#at = at;
    this.#next();
  }

  #item({ start, indent, content }: Line, depth: number): JsonValue {
    let gap = 1;
    while (content.charCodeAt(gap) === SPACE) gap += 1;
    const rest = content.slice(gap);
    if (KEY.test(rest)) {
      // `- name: x` begins a map whose indentation is that of its first name.
      this.#line = { start, indent: indent + gap, content: rest };
      return this.#map(indent + gap, depth + 1);
    }
    if (rest === '') throw new NotSimpleError();
    this.#next();
    if ((this.#line?.indent ?? 0) > indent) throw new NotSimpleError();
    return this.#inline(rest, depth + 1);
  }

  /** A block of text behind `|`, `|-` or `|+`, deeper than the map that it is in. */
  #literal(header: string, outer: number): string {
    const text = this.#text;
    const lines: string[] = [];
    let indent = -1;
    let at = this.#at;
    for (; at < this.#end; at = text.indexOf('\n', at) + 1) {
      const end = text.indexOf('\n', at);
      let first = at;
      while (first < end && text.charCodeAt(first) === SPACE) first += 1;
      const isEmpty = first === end;
      if (indent === -1) {
        // White space before the first line may be too deep.
        if (isEmpty && first > at) throw new NotSimpleError();
        if (!isEmpty) indent = first - at;
        if (!isEmpty && indent <= outer) throw new NotSimpleError();
      } else if (!isEmpty && first - at < indent) break;
      lines.push(isEmpty && first - at <= indent ? '' : text.slice(at + Math.max(indent, 0), end));
    }
    const last = lines.findLastIndex((line) => line !== '');
    if (last === -1) throw new NotSimpleError();
    this.#at = at;
    this.#next();
    // Between the block and the map is nowhere.
    if ((this.#line?.indent ?? 0) > outer) throw new NotSimpleError();
    const body = lines.slice(0, last + 1).join('\n');
    if (header === '|-') return body;
    return header === '|+' ? `${body}\n${'\n'.repeat(lines.length - last - 1)}` : `${body}\n`;
  }
}

const isBlank = (unit: number): boolean => unit === SPACE || unit === TAB;

const isDash = (content: string): boolean => content === '-' || content.startsWith('- ');
