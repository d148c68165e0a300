import { Composer, type CST, type Document, type ParsedNode, Parser, type YAMLError } from 'yaml';
import { DEFAULT_LIMITS, type ManifestLimits } from './limits.ts';
import { type FieldPath, type Position, type Problem, ProblemList } from './problem.ts';
import { quickDocuments } from './quick/documents.ts';
import { decodeText, firstUnprintable, LineStarts } from './text.ts';
import { type JsonObject, type JsonValue, readTree, type Tree } from './tree.ts';

/** One object of a file. */
export interface ManifestDocument {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** The object as plain data. */
  readonly value: JsonObject;
  /** Where a field stands: its name, or a list's item. For a missing field, its nearest ancestor that is there. */
  readonly positionOf: (path: FieldPath) => Position;
}

export interface ParsedManifests {
  /** The documents without a problem. A caller that wants all or nothing looks at `problems` first. */
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly Problem[];
}

export interface ParseOptions {
  /** Name of the file for messages and documents, as the reader knows it: relative to the repository or as typed. */
  readonly file: string;
  readonly limits?: Partial<ManifestLimits>;
}

const START: Position = { line: 1, column: 1 };

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (object: JsonObject): boolean =>
  typeof object['kind'] === 'string' && object['kind'].endsWith('List') && Array.isArray(object['items']);

/** What YAML's reader found, in words for the author of the file. */
const yamlMessage = ({ code, message }: YAMLError): string => {
  if (code === 'RESOURCE_EXHAUSTION') return 'nested too deeply';
  if (code === 'NON_STRING_KEY') return 'the name of a field must be a text';
  if (code === 'TAG_RESOLVE_FAILED') return message.replace(/^Unresolved tag:?/, 'tags are not allowed in a manifest:');
  return message.split('\n', 1)[0] ?? message;
};

/** Ends the stream after so many errors that no more would be shown: each costs a stack trace. */
function* untilGarbage(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let errors = 0;
  for (const token of tokens) {
    if (token.type === 'error') errors += 1;
    if (errors > ProblemList.MAX) return;
    yield token;
  }
}

const composer = (): Composer =>
  new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    // Its check compares every key with every other: quadratic in a hostile file. TreeReader has its own.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });

/** One document, if there is nothing wrong with it. */
function readOne(text: string, limits: ManifestLimits): Tree | undefined {
  const documents = [...composer().compose(new Parser().parse(text))];
  const [document] = documents;
  if (documents.length !== 1 || document === undefined || document.contents === null) return undefined;
  if (document.errors.length + document.warnings.length > 0) return undefined;
  let problems = 0;
  const tree = readTree(document.contents, limits, () => (problems += 1));
  return problems === 0 ? tree : undefined;
}

class FileParser {
  readonly documents: ManifestDocument[] = [];
  readonly problems: ProblemList;
  readonly #file: string;
  readonly #limits: ManifestLimits;
  #lines = new LineStarts('');
  #count = 0;

  constructor({ file, limits }: ParseOptions) {
    this.#file = file;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.problems = new ProblemList(file);
  }

  /** `isQuick`: whether what is plain enough may be read by the quick reader. */
  parse(input: string | Uint8Array, isQuick: boolean): void {
    const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
    if (bytes > this.#limits.maxBytes)
      return this.problems.add(START, `the file has ${bytes} bytes; at most ${this.#limits.maxBytes} are read`);
    const { text, invalidAt } = decodeText(input);
    if (invalidAt !== undefined) return this.problems.add(invalidAt, 'the file is not valid UTF-8');
    const unprintable = firstUnprintable(text);
    if (unprintable !== undefined)
      return this.problems.add(unprintable, `character ${unprintable.name} is not allowed`);
    this.#lines = new LineStarts(text);
    const trees = isQuick ? quickDocuments(text, this.#limits, readOne) : undefined;
    if (trees === undefined) return this.#compose(text);
    for (const tree of trees) {
      if (!this.#admit(() => tree.offsetOf([]))) return;
      if (tree.value !== null) this.#object(tree, tree.value, []);
    }
  }

  #compose(text: string): void {
    const documents = composer();
    for (const document of documents.compose(untilGarbage(new Parser().parse(text)))) {
      if (!this.#document(document)) return;
    }
    if (this.#count > 0) return;
    const { errors, warnings } = documents.streamInfo();
    this.#yamlProblems([...errors, ...warnings]);
  }

  /** False when the file has too many documents. */
  #document(document: Document.Parsed): boolean {
    const { contents, directives, errors, warnings } = document;
    if (!this.#admit(() => contents?.range[0] ?? document.range[0])) return false;
    const { explicit, version } = directives.yaml;
    if (explicit === true && version !== '1.2')
      this.problems.add(this.#positionAt(document.range[0]), `YAML ${version} is not read: write YAML 1.2`);
    else if (errors.length + warnings.length > 0) this.#yamlProblems([...errors, ...warnings]);
    else if (contents !== null) this.#content(contents);
    return true;
  }

  #content(contents: ParsedNode): void {
    const before = this.problems.count;
    const tree = readTree(contents, this.#limits, (offset, message, path) =>
      this.problems.add(this.#positionAt(offset), message, path),
    );
    // An empty document is a separator too many.
    if (this.problems.count === before && tree.value !== null) this.#object(tree, tree.value, []);
  }

  /** A list stands for its items, as it does for kubectl. */
  #object(tree: Tree, value: JsonValue, path: FieldPath): void {
    if (!isObject(value)) return this.problems.add(this.#positionIn(tree, path), 'a manifest is an object', path);
    if (isList(value) && Array.isArray(value['items'])) {
      for (const [index, item] of value['items'].entries()) {
        const at = [...path, 'items', index];
        if (!this.#admit(() => tree.offsetOf(at))) return;
        this.#object(tree, item, at);
      }
      return;
    }
    const { apiVersion, kind } = value;
    if (typeof apiVersion === 'string' && apiVersion !== '' && typeof kind === 'string' && kind !== '') {
      const positionOf = (within: FieldPath): Position => this.#positionIn(tree, [...path, ...within]);
      this.documents.push({ file: this.#file, apiVersion, kind, value, positionOf });
      return;
    }
    for (const field of ['apiVersion', 'kind']) {
      if (typeof value[field] === 'string' && value[field] !== '') continue;
      const at = [...path, field];
      this.problems.add(this.#positionIn(tree, at), field in value ? 'must be a text' : 'missing', at);
    }
  }

  #admit(offset: () => number): boolean {
    this.#count += 1;
    if (this.#count <= this.#limits.maxDocuments) return true;
    if (this.#count === this.#limits.maxDocuments + 1)
      this.problems.add(this.#positionAt(offset()), `more than ${this.#limits.maxDocuments} documents in one file`);
    return false;
  }

  #yamlProblems(errors: readonly YAMLError[]): void {
    // Unwinding from a stack that is too deep reports every level.
    const tooDeep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
    for (const error of tooDeep === undefined ? errors : [tooDeep])
      this.problems.add(this.#positionAt(error.pos[0]), yamlMessage(error));
  }

  #positionIn(tree: Tree, path: FieldPath): Position {
    return this.#positionAt(tree.offsetOf(path));
  }

  #positionAt(offset: number): Position {
    return this.#lines.positionOf(offset);
  }
}

/**
 * Reads YAML 1.2 (core schema) or JSON, with any number of documents; a `kind: …List` stands for its items. Refused, each
 * with its place: duplicate and merge keys, tags, texts that are not UTF-8, numbers that JSON cannot keep, and what is
 * beyond the limits. Never throws.
 */
export const parseManifests = (input: string | Uint8Array, options: ParseOptions): ParsedManifests =>
  parseWith(input, options, true);

/** The same by YAML's own reader alone: what the quick reader is held against. */
export const parseCarefully = (input: string | Uint8Array, options: ParseOptions): ParsedManifests =>
  parseWith(input, options, false);

function parseWith(input: string | Uint8Array, options: ParseOptions, isQuick: boolean): ParsedManifests {
  const parser = new FileParser(options);
  parser.parse(input, isQuick);
  return { documents: parser.documents, problems: parser.problems.all() };
}
