import { get, isObject, sameJson } from '../schema/json.ts';
import { FieldSetBuilder, fieldElement } from './field-set.ts';
import type { FieldSet, Path } from './field-set.ts';
import { itemElement, placeOfField, placeOfItem, shapeOf } from './shape.ts';
import type { Place } from './shape.ts';

/** The paths in which two values differ; no path is in two of the sets. */
export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

export function compare(place: Place, before: unknown, after: unknown): Comparison {
  const comparer = new Comparer();
  comparer.value(place, before, after, []);
  return { added: comparer.added.set, modified: comparer.modified.set, removed: comparer.removed.set };
}

class Comparer {
  readonly added = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly removed = new FieldSetBuilder();

  value(place: Place, before: unknown, after: unknown, path: Path): void {
    // Most of an object is handed on as it was.
    if (before === after && before !== undefined) return;
    const was = isFilled(before) ? shapeOf(place, before) : undefined;
    const is = isFilled(after) ? shapeOf(place, after) : undefined;
    const whole = was === 'leaf' || is === 'leaf' || (was === undefined && is === undefined);
    if (before === undefined) this.added.add(path);
    else if (after === undefined) this.removed.add(path);
    else if (whole && !sameJson(before, after)) this.modified.add(path);
    if (was === 'map' || is === 'map') this.objects(place, before, after, path);
    if (was === 'list' || is === 'list') this.lists(place, before, after, path);
  }

  private objects(place: Place, before: unknown, after: unknown, path: Path): void {
    const old = shapeOf(place, before) === 'map' && isObject(before) ? before : {};
    const next = shapeOf(place, after) === 'map' && isObject(after) ? after : {};
    const field = (name: string): void =>
      this.value(placeOfField(place, name), get(old, name), get(next, name), [...path, fieldElement(name)]);
    for (const name of Object.keys(old)) field(name);
    for (const name of Object.keys(next)) if (!Object.hasOwn(old, name)) field(name);
  }

  private lists(place: Place, before: unknown, after: unknown, path: Path): void {
    const old = byElement(place, before);
    const next = byElement(place, after);
    for (const element of new Set([...old.keys(), ...next.keys()])) {
      const at = [...path, element];
      const oldItems = old.get(element) ?? [];
      const nextItems = next.get(element) ?? [];
      if (oldItems.length < 2 && nextItems.length < 2) {
        this.value(placeOfItem(place), oldItems[0], nextItems[0], at);
      } else if (oldItems.length < 2) {
        // An item that is there twice is owned as a whole: what it held before is gone.
        if (oldItems.length === 1) this.value(placeOfItem(place), oldItems[0], undefined, at);
        this.added.add(at);
      } else if (nextItems.length < 2) {
        if (nextItems.length === 1) this.value(placeOfItem(place), undefined, nextItems[0], at);
        this.removed.add(at);
      } else if (!sameJson(oldItems, nextItems)) {
        this.modified.add(at);
      }
    }
  }
}

/** An empty object or list, a null and nothing have no parts: between them only the values themselves differ. */
function isFilled(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

function byElement(place: Place, list: unknown): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  if (shapeOf(place, list) !== 'list' || !Array.isArray(list)) return items;
  for (const item of list) {
    const element = itemElement(place, item);
    if (element === undefined) continue;
    const same = items.get(element);
    if (same === undefined) items.set(element, [item]);
    else same.push(item);
  }
  return items;
}
