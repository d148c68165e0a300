import { get, isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { objectMeta } from '../schema/object-meta.ts';
import { readStructural } from '../schema/structural.ts';
import type { Structural } from '../schema/structural.ts';
import { keyElement, valueElement } from './field-set.ts';

/** What the schema says of a place; `free` where it says nothing: objects are merged by field, lists are whole. */
export type Place = Structural | 'free' | 'whole';

/** How a value is owned: by its parts, or as a whole. */
export type Shape = 'map' | 'list' | 'leaf';

const string = readStructural({ type: 'string' });
const ownerReference = readStructural({ type: 'object', 'x-kubernetes-map-type': 'atomic' });
const mergedMeta: Structural = {
  ...objectMeta,
  properties: new Map([
    ...objectMeta.properties,
    ['ownerReferences', { ...emptyList(), listType: 'map', mapKeys: ['uid'], items: ownerReference }],
    ['finalizers', { ...emptyList(), listType: 'set', items: string }],
  ]),
};

function emptyList(): Structural {
  return readStructural({ type: 'array' });
}

const rootPlaces = new WeakMap<JsonObject, Structural>();

/** The place of a whole object. Metadata is the same for every kind, whatever its schema says. */
export function rootPlace(schema: JsonObject | undefined): Structural {
  const key = schema ?? noSchema;
  const known = rootPlaces.get(key);
  if (known !== undefined) return known;
  const structural = readStructural(key);
  const place: Structural = {
    ...structural,
    properties: new Map([...structural.properties, ['apiVersion', string], ['kind', string], ['metadata', mergedMeta]]),
  };
  rootPlaces.set(key, place);
  return place;
}

const noSchema: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export function shapeOf(place: Place, value: unknown): Shape {
  if (isObject(value)) {
    if (place === 'free') return 'map';
    if (place === 'whole' || place.mapType === 'atomic') return 'leaf';
    return place.type === 'object' || place.preserveUnknown ? 'map' : 'leaf';
  }
  if (!Array.isArray(value) || typeof place === 'string' || place.type !== 'array') return 'leaf';
  return place.listType === 'map' || place.listType === 'set' ? 'list' : 'leaf';
}

export function placeOfField(place: Place, name: string): Place {
  if (typeof place === 'string') return place;
  return place.properties.get(name) ?? place.additional ?? (place.preserveUnknown ? 'free' : 'whole');
}

/** Whether the schema names the field. An entry of a map, named by its author, is owned besides what it holds. */
export function isNamed(place: Place, name: string): boolean {
  return typeof place !== 'string' && place.properties.has(name);
}

export function placeOfItem(place: Place): Place {
  return typeof place === 'string' ? place : (place.items ?? 'free');
}

/** The path element of an item of a list that has shape `list`; undefined when the item lacks every key. */
export function itemElement(place: Place, item: unknown): string | undefined {
  if (typeof place === 'string') return undefined;
  if (place.listType === 'set') return isObject(item) || Array.isArray(item) ? undefined : valueElement(item);
  if (!isObject(item)) return undefined;
  const keys: JsonObject = {};
  for (const key of place.mapKeys) {
    const value = get(item, key) ?? place.items?.properties.get(key)?.defaultValue;
    if (value !== undefined) keys[key] = value;
  }
  return Object.keys(keys).length === 0 ? undefined : keyElement(keys);
}
