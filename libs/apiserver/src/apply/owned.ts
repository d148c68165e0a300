import { isObject } from '../schema/json.ts';
import { FieldSetBuilder, fieldElement, isEmpty, noFields } from './field-set.ts';
import type { FieldSet, Path } from './field-set.ts';
import { isNamed, itemElement, placeOfField, placeOfItem, shapeOf } from './shape.ts';
import type { Place } from './shape.ts';

/** The paths that a configuration owns when it is applied: its leaves, its list items, and the entries of maps. */
export function ownedFields(place: Place, value: unknown): FieldSet {
  const builder = new FieldSetBuilder();
  collect(place, value, [], builder);
  return builder.set;
}

function collect(place: Place, value: unknown, path: Path, builder: FieldSetBuilder): void {
  const shape = shapeOf(place, value);
  if (shape === 'map' && isObject(value)) {
    for (const name of Object.keys(value)) {
      const inner = value[name];
      const at = [...path, fieldElement(name)];
      collect(placeOfField(place, name), inner, at, builder);
      const empty = inner === null || (isObject(inner) && Object.keys(inner).length === 0);
      if (empty || !isNamed(place, name)) builder.add(at);
    }
  } else if (shape === 'list' && Array.isArray(value)) {
    const elements = value.map((item) => itemElement(place, item));
    const repeated = repeats(elements);
    // kube-apiserver forgets who applied an empty list, and drops it only to add it again with the next apply.
    if (elements.length === 0) builder.add(path);
    for (const [index, element] of elements.entries()) {
      if (element === undefined) continue;
      const at = [...path, element];
      // Of an item that is there twice only the item itself is owned.
      if (!repeated.has(element)) collect(placeOfItem(place), value[index], at, builder);
      builder.add(at);
    }
  } else {
    builder.add(path);
  }
}

function repeats(elements: (string | undefined)[]): Set<string | undefined> {
  const seen = new Set<string | undefined>();
  return new Set(elements.filter((element) => seen.size === seen.add(element).size));
}

/** The set with every field named by the schema on the way to a path of the set. */
export function withNamedParents(place: Place, set: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, inner] of set.children) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined;
    const below = withNamedParents(name === undefined ? placeOfItem(place) : placeOfField(place, name), inner);
    const named = name !== undefined && inner.children.size > 0 && isNamed(place, name);
    children.set(element, { ...below, owned: below.owned || named });
  }
  return { owned: set.owned, children };
}

/**
 * The value without the paths of the set; undefined when the set holds the value itself.
 * A list or object that loses all its parts, but is not itself in the set, stays as an empty one.
 */
export function removeFields(place: Place, value: unknown, set: FieldSet): unknown {
  if (isEmpty(set)) return value;
  const shape = shapeOf(place, value);
  if (shape === 'map' && isObject(value)) {
    const kept = Object.keys(value).flatMap((name): [string, unknown][] => {
      const inner = set.children.get(fieldElement(name)) ?? noFields;
      return inner.owned ? [] : [[name, removeFields(placeOfField(place, name), value[name], inner)]];
    });
    return Object.fromEntries(kept);
  }
  if (shape === 'list' && Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      const inner = set.children.get(itemElement(place, item) ?? '') ?? noFields;
      return inner.owned ? [] : [removeFields(placeOfItem(place), item, inner)];
    });
  }
  return value;
}
