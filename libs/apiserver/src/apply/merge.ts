import { get, isObject, put } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { printPath, fieldElement } from './field-set.ts';
import type { Path } from './field-set.ts';
import { itemElement, placeOfField, placeOfItem, shapeOf } from './shape.ts';
import type { Place } from './shape.ts';

/** The applied configuration cannot be merged: a list names an item twice, or an item lacks its keys. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
}

/**
 * What results when `applied` is laid over `live`: objects by field, list-type maps and sets by item, the rest as a whole.
 * Neither is changed, and the result shares with both what it has of them.
 * @throws ApplyError
 */
export function mergeApplied(place: Place, live: unknown, applied: unknown, path: Path = []): unknown {
  if (applied === undefined) return live;
  const appliedShape = shapeOf(place, applied);
  if (appliedShape === 'list' && Array.isArray(applied)) {
    const old = shapeOf(place, live) === 'list' && Array.isArray(live) ? live : [];
    return mergeLists(place, old, applied, path);
  }
  if (applied === null && isFilled(place, live)) return live;
  if (appliedShape !== 'map' || !isObject(applied)) return applied;
  const old = shapeOf(place, live) === 'map' && isObject(live) ? live : {};
  const result: JsonObject = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(applied)])) {
    const inner = Object.hasOwn(applied, name) ? applied[name] : undefined;
    put(result, name, mergeApplied(placeOfField(place, name), get(old, name), inner, [...path, fieldElement(name)]));
  }
  return result;
}

/** A null says nothing of the parts of an object or list that is merged by parts. */
function isFilled(place: Place, value: unknown): boolean {
  const shape = shapeOf(place, value);
  if (shape === 'leaf') return false;
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

/**
 * Items that both lists have take the order of the applied one; items that only the live list has keep their
 * place among them.
 */
function mergeLists(place: Place, live: unknown[], applied: unknown[], path: Path): unknown[] {
  const next = index(place, applied, path);
  const old: { element: string; item: unknown }[] = [];
  const oldItems = new Map<string, unknown>();
  for (const item of live) {
    // A live item without keys cannot be told from others: it stays as it is.
    const element = itemElement(place, item) ?? '';
    old.push({ element, item });
    // Of a live item that is there twice neither is merged with.
    oldItems.set(element, oldItems.has(element) ? undefined : item);
  }
  const shared = next.filter(({ element }) => oldItems.has(element)).map(({ element }) => element);
  const wanted = new Set(shared);
  const result: unknown[] = [];
  const merged = new Set<string>();
  const take = ({ element, item }: { element: string; item: unknown }): void => {
    merged.add(element);
    result.push(mergeApplied(placeOfItem(place), oldItems.get(element), item, [...path, element]));
    if (shared[0] === element) shared.shift();
  };
  let at = 0;
  let oldAt = 0;
  while (at < next.length || oldAt < old.length) {
    const left = old[oldAt];
    const right = next[at];
    if (left !== undefined && right !== undefined) {
      if (left.element === right.element) {
        take(right);
        at++;
        oldAt++;
        continue;
      }
      // A shared item, but one that the applied order has later.
      if (wanted.has(left.element) && shared[0] !== undefined && shared[0] !== left.element) {
        oldAt++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!wanted.has(left.element)) {
        result.push(left.item);
        oldAt++;
        continue;
      }
      if (merged.has(left.element)) oldAt++;
    }
    if (right !== undefined) {
      take(right);
      at++;
    }
  }
  return result;
}

function index(place: Place, list: unknown[], path: Path): { element: string; item: unknown }[] {
  const seen = new Set<string>();
  return list.map((item, position) => {
    const element = itemElement(place, item);
    if (element === undefined) {
      throw new ApplyError(`${printPath(path)}: element ${position}: associative list has an element without its keys`);
    }
    if (seen.has(element)) {
      throw new ApplyError(`${printPath(path)}: duplicate entries for key ${printPath([element])}`);
    }
    seen.add(element);
    return { element, item };
  });
}
