import { canonical, get, isObject, put } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';

/**
 * A set of field paths as a tree. Keys are path elements as FieldsV1 writes them: `f:name` of a field, `k:{"name":"x"}` of an
 * item of a list-type map, `v:"x"` of an item of a list-type set. A node is owned when its own path is in the set.
 * Source: sigs.k8s.io/structured-merge-diff fieldpath.
 */
export interface FieldSet {
  readonly owned: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export type Path = readonly string[];

/** Of leaves. Nothing is ever added to it. */
const noChildren: Map<string, MutableSet> = new Map();

export const noFields: FieldSet = { owned: false, children: noChildren };

export function isEmpty(set: FieldSet): boolean {
  return !set.owned && set.children.size === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const children = new Map(a.children);
  for (const [element, set] of b.children) children.set(element, union(children.get(element) ?? noFields, set));
  return { owned: a.owned || b.owned, children };
}

/** The paths of `a` that are not in `b`; a path below one in `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const owned = a.owned && !b.owned;
  if (b.children.size === 0) return owned === a.owned ? a : { owned, children: a.children };
  const children = new Map<string, FieldSet>();
  let isWhole = owned === a.owned;
  for (const [element, set] of a.children) {
    const taken = b.children.get(element);
    const rest = taken === undefined ? set : difference(set, taken);
    if (!isEmpty(rest)) children.set(element, rest);
    isWhole &&= children.get(element) === set;
  }
  // A set that loses nothing stays the same one, so that what was made of it can be used again.
  return isWhole ? a : { owned, children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, set] of a.children) {
    const other = b.children.get(element);
    const both = other === undefined ? noFields : intersection(set, other);
    if (!isEmpty(both)) children.set(element, both);
  }
  return { owned: a.owned && b.owned, children };
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.owned !== b.owned || a.children.size !== b.children.size) return false;
  return [...a.children].every(([element, set]) => {
    const other = b.children.get(element);
    return other !== undefined && sameSet(set, other);
  });
}

/** Every path in the set, parents first. */
export function paths(set: FieldSet, prefix: Path = []): Path[] {
  const own = set.owned && prefix.length > 0 ? [prefix] : [];
  return [...own, ...[...set.children].flatMap(([element, inner]) => paths(inner, [...prefix, element]))];
}

/** A path as kubectl prints it: `.spec.list[name="x"].value`, `.metadata.finalizers[="x"]`. */
export function printPath(path: Path): string {
  return path.map((element) => printElement(element)).join('');
}

function printElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('v:')) return `[=${text}]`;
  const keys: unknown = element.startsWith('k:') ? parse(text) : undefined;
  if (!isObject(keys)) return `[${text}]`;
  const pairs = Object.keys(keys).map((key) => `${key}=${JSON.stringify(get(keys, key))}`);
  return `[${pairs.join(',')}]`;
}

export function fieldElement(name: string): string {
  return `f:${name}`;
}

export function valueElement(value: unknown): string {
  return `v:${JSON.stringify(value)}`;
}

export function keyElement(keys: JsonObject): string {
  return `k:${canonical(keys)}`;
}

/** FieldsV1 of a set: `{"f:spec":{"f:list":{"k:{\"name\":\"x\"}":{".":{},"f:value":{}}}}}`. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const result: JsonObject = {};
  for (const element of [...set.children.keys()].toSorted()) {
    const inner = set.children.get(element) ?? noFields;
    const isParent = inner.children.size > 0;
    // The path of a node that has children is written as a dot among them.
    if (isParent && inner.owned) put(result, element, { '.': {}, ...toFieldsV1(inner) });
    else put(result, element, isParent ? toFieldsV1(inner) : {});
  }
  return result;
}

export function fromFieldsV1(fields: JsonObject): FieldSet {
  return { ...fromNode(fields), owned: false };
}

function fromNode(node: JsonObject): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const element of Object.keys(node)) {
    if (element === '.') continue;
    const inner = node[element];
    const set = fromNode(isObject(inner) ? inner : {});
    children.set(element.startsWith('k:') ? normalKey(element) : element, set);
  }
  return { owned: children.size === 0 || Object.hasOwn(node, '.'), children };
}

/** Keys as we write them, whatever their order was, so that equal items have equal elements. */
function normalKey(element: string): string {
  const keys = parse(element.slice(2));
  return isObject(keys) ? keyElement(keys) : element;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Collects paths; the set is read when all are in. */
export class FieldSetBuilder {
  private readonly root: MutableSet = { owned: false, children: noChildren };

  add(path: Path): void {
    let node = this.root;
    for (const element of path) {
      let next = node.children.get(element);
      if (next === undefined) {
        next = { owned: false, children: noChildren };
        if (node.children === noChildren) node.children = new Map();
        node.children.set(element, next);
      }
      node = next;
    }
    node.owned = true;
  }

  get set(): FieldSet {
    return this.root;
  }
}

interface MutableSet {
  owned: boolean;
  children: Map<string, MutableSet>;
}
