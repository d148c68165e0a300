import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { ManifestLimits } from './limits.ts';
import type { FieldPath } from './problem.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [field: string]: JsonValue;
}

/** The same document as plain data and as nodes that know where they stand. */
export interface Tree {
  readonly value: JsonValue;
  /** Offset of the field at `path`; of its nearest ancestor that exists, when it is missing. */
  offsetOf(path: FieldPath): number;
}

/** Told for each thing that YAML allows and a manifest does not. */
export type Report = (offset: number, message: string, path: FieldPath) => void;

interface Anchor {
  readonly node: Node;
  /** Absent while the anchored node itself is being read. */
  read?: { readonly value: JsonValue; readonly nodes: number };
}

const offsetOf = (node: Node | null | undefined): number => node?.range?.[0] ?? 0;

/** The parser is told to make texts of all keys; that of `: value` is null. */
const keyText = (key: unknown): string => (isScalar(key) && typeof key.value === 'string' ? key.value : '');

/** Reads the nodes of one document, in their order, so that an alias means the anchor last set before it. */
class TreeReader {
  readonly #limits: ManifestLimits;
  readonly #report: Report;
  readonly #anchors = new Map<string, Anchor>();
  readonly targets = new Map<Alias, Node>();
  #aliases = 0;
  #aliasedNodes = 0;
  #nodes = 0;

  constructor(limits: ManifestLimits, report: Report) {
    this.#limits = limits;
    this.#report = report;
  }

  read(node: unknown, path: FieldPath): JsonValue {
    this.#nodes += 1;
    if (isAlias(node)) return this.#alias(node, path);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    const anchor: Anchor | undefined = node.anchor === undefined ? undefined : { node };
    if (anchor !== undefined && node.anchor !== undefined) this.#anchors.set(node.anchor, anchor);
    const before = this.#nodes;
    const value = this.#content(node, path);
    if (anchor !== undefined) anchor.read = { value, nodes: this.#nodes - before + 1 };
    return value;
  }

  #content(node: Scalar | YAMLMap | YAMLSeq, path: FieldPath): JsonValue {
    if (isScalar(node)) return this.#scalar(node, path);
    if (path.length >= this.#limits.maxDepth) {
      this.#report(offsetOf(node), `nested more than ${this.#limits.maxDepth} deep`, []);
      return null;
    }
    if (isMap(node)) return this.#map(node, path);
    return node.items.map((item, index) => this.read(item, [...path, index]));
  }

  #map(node: YAMLMap, path: FieldPath): JsonObject {
    const entries = new Map<string, JsonValue>();
    for (const { key, value } of node.items) {
      const name = keyText(key);
      const at = isScalar(key) ? offsetOf(key) : offsetOf(node);
      const here = [...path, name];
      if (name === '<<') this.#report(at, 'merge keys are not part of YAML 1.2: write the fields out', path);
      if (!name.isWellFormed()) this.#report(at, 'the name is not valid Unicode', path);
      if (entries.has(name)) this.#report(at, 'given twice', here);
      entries.set(name, this.read(value, here));
    }
    // fromEntries defines own properties: a field named __proto__ stays a field.
    return Object.fromEntries(entries);
  }

  #scalar(node: Scalar, path: FieldPath): JsonValue {
    const { value } = node;
    const report = (message: string): void => this.#report(offsetOf(node), message, path);
    if (typeof value === 'string') {
      if (!value.isWellFormed()) report('the text is not valid Unicode');
      return value;
    }
    if (typeof value === 'number') {
      const source = node.source ?? '';
      if (!Number.isFinite(value)) report(`${source} is not a number in JSON`);
      else if (!/[.e]/i.test(source) && !Number.isSafeInteger(value))
        report('the number is too large to be kept exactly: quote it if it is a text');
      return value;
    }
    return typeof value === 'boolean' ? value : null;
  }

  #alias(node: Alias, path: FieldPath): JsonValue {
    this.#aliases += 1;
    const anchor = this.#anchors.get(node.source);
    const refuse = (message: string): null => {
      this.#report(offsetOf(node), message, path);
      return null;
    };
    if (anchor === undefined) return refuse(`alias *${node.source} has no anchor &${node.source} before it`);
    if (anchor.read === undefined) return refuse(`alias *${node.source} stands inside its own anchor`);
    if (this.#aliases > this.#limits.maxAliases) return refuse(`more than ${this.#limits.maxAliases} aliases`);
    this.#aliasedNodes += anchor.read.nodes;
    if (this.#aliasedNodes > this.#limits.maxAliasedNodes)
      return refuse(`aliases stand for more than ${this.#limits.maxAliasedNodes} nodes`);
    this.#nodes += anchor.read.nodes - 1;
    this.targets.set(node, anchor.node);
    return structuredClone(anchor.read.value);
  }
}

/** Reads a document that YAML itself found no error in. What a manifest may not contain is told to `report`. */
export const readTree = (root: Node, limits: ManifestLimits, report: Report): Tree => {
  const reader = new TreeReader(limits, report);
  const value = reader.read(root, []);
  const content = (node: unknown): unknown => (isAlias(node) ? reader.targets.get(node) : node);
  return {
    value,
    offsetOf(path) {
      let node = content(root);
      let offset = offsetOf(root);
      for (const step of path) {
        if (isMap(node)) {
          // Of a name that is given twice, the second is the value.
          const pair = node.items.findLast(({ key }) => keyText(key) === String(step));
          if (pair === undefined) return offset;
          if (isScalar(pair.key)) offset = offsetOf(pair.key);
          node = content(pair.value);
        } else if (isSeq(node)) {
          const item = node.items[Number(step)];
          if (!isScalar(item) && !isMap(item) && !isSeq(item) && !isAlias(item)) return offset;
          offset = offsetOf(item);
          node = content(item);
        } else return offset;
      }
      return offset;
    },
  };
};
