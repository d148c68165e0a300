import { asList, asObject, asStrings } from '../object.ts';
import { type JsonObject, copy, get, isObject, put, sameJson } from '../schema/json.ts';
import { takenForFault } from '../status.ts';

const setOrder = '$setElementOrder/';
const deleteFrom = '$deleteFromPrimitiveList/';
const retain = '$retainKeys';
const directive = '$patch';

/** Lists in metadata, which schemas of kinds leave out. */
const metadataSchema: JsonObject = {
  type: 'object',
  properties: {
    finalizers: { type: 'array', 'x-kubernetes-list-type': 'set' },
    ownerReferences: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['uid'] },
  },
};

/**
 * A strategic merge patch, which kubectl sends for built-in kinds: a merge patch in which lists are merged by key.
 * The first map key of a list in `schema` is its merge key. Neither argument is changed. Throws a 500, as a kube-apiserver does.
 */
export function strategicMergePatch(document: JsonObject, patch: JsonObject, schema: JsonObject): JsonObject {
  const root = { ...schema, properties: { ...asObject(schema['properties']), metadata: metadataSchema } };
  return mergeObject(document, patch, root);
}

function mergeObject(live: JsonObject, patch: JsonObject, schema: JsonObject): JsonObject {
  const how = get(patch, directive);
  if (how === 'replace') return withoutDirectives(patch);
  if (how === 'delete') return {};
  if (how !== undefined && how !== 'merge') throw takenForFault(`unknown patch type ${JSON.stringify(how)}`);
  const kept = retainedKeys(live, patch);
  const result: JsonObject = {};
  for (const key of kept) put(result, key, copy(live[key]));
  for (const [key, value] of Object.entries(patch)) {
    if (key === directive || key === retain) continue;
    if (key.startsWith(setOrder)) continue;
    if (key.startsWith(deleteFrom)) removeValues(result, key.slice(deleteFrom.length), value);
    else if (value === null) delete result[key];
    else put(result, key, mergeValue(get(result, key), value, fieldSchema(schema, key)));
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(setOrder)) reorder(result, key.slice(setOrder.length), order, schema);
  }
  return result;
}

function mergeValue(live: unknown, patch: unknown, schema: JsonObject): unknown {
  if (isObject(patch)) return mergeObject(isObject(live) ? live : {}, patch, schema);
  if (!Array.isArray(patch)) return patch;
  const key = mergeKey(schema);
  if (key !== undefined) return mergeList(asList(live), patch, key, asObject(schema['items']));
  if (schema['x-kubernetes-list-type'] !== 'set') return copy(patch);
  const held = asList(live);
  const merged = [...held, ...patch.filter((value) => !held.some((each) => sameJson(each, value)))];
  return inPatchOrder(
    merged,
    held,
    (item) => patch.some((value) => sameJson(value, item)),
    (item) => item,
  );
}

function mergeList(live: readonly unknown[], patch: readonly unknown[], key: string, items: JsonObject): unknown[] {
  const replaces = patch.some(
    (item) => isObject(item) && get(item, directive) === 'replace' && get(item, key) === undefined,
  );
  let result: unknown[] = replaces ? [] : [...live];
  for (const item of patch) {
    if (!isObject(item)) throw takenForFault(`map: map[] does not contain declared merge key: ${key}`);
    const id = get(item, key);
    if (id === undefined) {
      if (get(item, directive) === 'replace') continue;
      throw takenForFault(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const at = result.findIndex((held) => sameJson(asObject(held)[key], id));
    if (get(item, directive) === 'delete') result = result.filter((_held, index) => index !== at);
    else if (at < 0) result.push(mergeObject({}, item, items));
    else result = result.with(at, mergeObject(asObject(result[at]), item, items));
  }
  const isPatched = (item: unknown): boolean =>
    patch.some((each) => sameJson(asObject(each)[key], asObject(item)[key]));
  return inPatchOrder(result, live, isPatched, (item) => asObject(item)[key]);
}

/** What the patch names comes before what only the server knows, except where the server had it the other way round. */
function inPatchOrder(
  merged: readonly unknown[],
  live: readonly unknown[],
  isPatched: (item: unknown) => boolean,
  idOf: (item: unknown) => unknown,
): unknown[] {
  const place = (item: unknown): number => live.findIndex((held) => sameJson(idOf(held), idOf(item)));
  const patched = merged.filter((item) => isPatched(item));
  const others = merged.filter((item) => !isPatched(item));
  const result: unknown[] = [];
  for (const item of patched) {
    const at = place(item);
    const behind = others.findIndex((other) => at < 0 || place(other) > at);
    result.push(...others.splice(0, behind < 0 ? others.length : behind), item);
  }
  return [...result, ...others];
}

/** With `$retainKeys` only the fields that it names stay: for unions, where one field shuts out the others. */
function retainedKeys(live: JsonObject, patch: JsonObject): readonly string[] {
  const keys = get(patch, retain);
  if (keys === undefined) return Object.keys(live);
  const named = asStrings(keys);
  return Object.keys(live).filter((key) => named.includes(key));
}

function removeValues(result: JsonObject, field: string, values: unknown): void {
  const left = asList(get(result, field)).filter((held) => !asList(values).some((value) => sameJson(held, value)));
  put(result, field, left);
}

/** Puts a merged list in the order the client knows; items it does not know keep their place behind the one before them. */
function reorder(result: JsonObject, field: string, order: unknown, schema: JsonObject): void {
  const list = get(result, field);
  if (!Array.isArray(list)) return;
  const key = mergeKey(fieldSchema(schema, field));
  const idOf = (item: unknown): unknown => (key === undefined ? item : asObject(item)[key]);
  const rankOf = (item: unknown): number => asList(order).findIndex((each) => sameJson(idOf(each), idOf(item)));
  let last = -1;
  const ranked = list.map((item, index) => {
    const rank = rankOf(item);
    if (rank >= 0) last = rank;
    return { item, rank: rank < 0 ? last : rank, known: rank >= 0, index };
  });
  ranked.sort((a, b) => a.rank - b.rank || Number(b.known) - Number(a.known) || a.index - b.index);
  put(
    result,
    field,
    ranked.map(({ item }) => item),
  );
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(patch)
      .filter(([key]) => !key.startsWith('$'))
      .map(([key, value]) => [key, copy(value)]),
  );
}

const mergeKey = (schema: JsonObject): string | undefined =>
  schema['x-kubernetes-list-type'] === 'map' ? asStrings(schema['x-kubernetes-list-map-keys'])[0] : undefined;

const fieldSchema = (schema: JsonObject, key: string): JsonObject => {
  const properties = asObject(schema['properties']);
  return asObject(get(properties, key) ?? schema['additionalProperties']);
};
