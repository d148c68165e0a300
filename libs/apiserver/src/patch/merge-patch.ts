import { get, isObject, isTooDeep, maxDepth, put } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { PatchError } from './patch-error.ts';

/**
 * JSON merge patch (RFC 7386). Neither argument is changed, and the result shares with them what it has of them.
 * @throws PatchError when the patch is no object, or is nested too deep to walk
 */
export function mergePatch(doc: JsonObject, patch: JsonObject): JsonObject {
  if (!isObject(patch)) throw new PatchError('a merge patch must be a JSON object');
  if (isTooDeep(patch)) throw new PatchError(`a merge patch must not be nested more than ${maxDepth} levels`);
  return merge(doc, patch);
}

function merge(target: unknown, patch: JsonObject): JsonObject {
  const result: JsonObject = {};
  const before = isObject(target) ? target : {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(patch, key)) put(result, key, before[key]);
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) continue;
    put(result, key, isObject(value) ? merge(get(before, key), value) : value);
  }
  return result;
}
