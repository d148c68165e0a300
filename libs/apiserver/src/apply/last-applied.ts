import { canonical, get, isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { compare } from './compare.ts';
import { difference, noFields } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { ownedFields } from './owned.ts';
import { rootPlace } from './shape.ts';

/** The annotation in which client-side kubectl apply keeps what it applied. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The fields that client-side apply set and that still have its values. Server-side kubectl may take these over without
 * a conflict, so that users can change from the one to the other.
 */
export function clientAppliedFields(live: JsonObject, apiVersion: string, schema: JsonObject | undefined): FieldSet {
  const applied = parsed(lastApplied(live));
  if (applied === undefined || get(applied, 'apiVersion') !== apiVersion) return noFields;
  const place = rootPlace(schema);
  const { added, modified, removed } = compare(place, applied, live);
  return [added, modified, removed].reduce((fields, set) => difference(fields, set), ownedFields(place, applied));
}

/** Keeps the annotation true after a server-side apply, for those who go back. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  if (lastApplied(object) === '') return object;
  const annotations = annotationsOf(object);
  const { [annotation]: _, ...others } = annotationsOf(applied);
  const hasAnnotations = Object.keys(annotationsOf(applied)).length > 0;
  const clean = hasAnnotations ? withAnnotations(applied, others) : applied;
  return withAnnotations(object, { ...annotations, [annotation]: `${canonical(clean)}\n` });
}

function lastApplied(object: JsonObject): string {
  const value = get(annotationsOf(object), annotation);
  return typeof value === 'string' ? value : '';
}

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  const annotations = isObject(metadata) ? get(metadata, 'annotations') : undefined;
  return isObject(annotations) ? annotations : {};
}

function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  const metadata = get(object, 'metadata');
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), annotations } };
}

function parsed(json: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
