import { ApplyError, applyObject } from '../apply/index.ts';
import type { ApplyConflict, ApplyResult } from '../apply/index.ts';
import { type KubeObject, apiVersion, asObject, timestamp } from '../object.ts';
import { PatchError, jsonPatch, mergePatch } from '../patch/index.ts';
import { type JsonObject, isObject, isTooDeep, maxDepth } from '../schema/json.ts';
import { objectKey } from '../store/store.ts';
import {
  type FieldCause,
  StatusError,
  applyConflict,
  badRequest,
  conflict,
  invalid,
  notFound,
  takenForFault,
} from '../status.ts';
import type { Cluster, Target, WriteOptions } from './cluster.ts';
import { createObject } from './create.ts';
import { decodeObject, decodeSent } from './decode.ts';
import type { Resource } from './resource.ts';
import { strategicMergePatch } from './strategic-merge.ts';
import { type Change, type Subresource, type Updated, updateObject } from './update.ts';

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

/** The object after a patch. Throws a 400 or 422 where the patch is wrong. */
export function patchDocument(
  kind: Exclude<PatchKind, 'apply'>,
  document: JsonObject,
  patch: unknown,
  schema: JsonObject,
): JsonObject {
  try {
    if (kind === 'json') {
      if (!Array.isArray(patch)) throw badRequest('a JSON patch must be an array of operations');
      return jsonPatch(document, patch);
    }
    if (!isObject(patch))
      throw badRequest(`json: cannot unmarshal ${goTypeOf(patch)} into Go value of type map[string]interface {}`);
    if (isTooDeep(patch)) throw badRequest(`a patch must not be nested more than ${maxDepth} levels deep`);
    return kind === 'merge' ? mergePatch(document, patch) : strategicMergePatch(document, patch, schema);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const message = 'the server rejected our request due to an error in our request';
    throw new StatusError({ code: 422, reason: 'Invalid', message, details: {} }, { cause: error });
  }
}

const goTypeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

export function patchObject(
  cluster: Cluster,
  resource: Resource,
  target: Target,
  subresource: Subresource,
  patch: { readonly kind: Exclude<PatchKind, 'apply'>; readonly body: unknown },
  options: WriteOptions,
): Updated {
  let applies = false;
  const change = (live: KubeObject | undefined): Change => {
    if (live === undefined) throw notFound(resource, target.name);
    const document = patchDocument(patch.kind, live, patch.body, resource.schema);
    applies = true;
    const patched = decodeObject(resource, document, { ...options, live });
    // The patch was made of the live object, so it binds to no version unless it names one.
    const resourceVersion = patched.metadata.resourceVersion || live.metadata.resourceVersion;
    return { object: { ...patched, metadata: { ...patched.metadata, resourceVersion } }, patched: true };
  };
  try {
    return updateObject(cluster, resource, target, subresource, change, options);
  } catch (error) {
    if (applies && error instanceof StatusError && isUndecodable(error)) throw undecodablePatch(error.message);
    throw error;
  }
}

const isUndecodable = ({ code, message }: StatusError): boolean =>
  code === 400 && /cannot be handled as|in the data/.test(message);

/** A patch that leaves no object of the kind is refused for what it is, not for what it was sent as. */
export const undecodablePatch = (why: string): StatusError =>
  invalid({ group: '', kind: '' }, '', [
    { type: 'FieldValueInvalid', field: 'patch', message: `Invalid value: ${why}` },
  ]);

/** Server-side apply: merges what one manager wants with what the others own, or refuses with the conflicts. */
export function applyConfiguration(
  cluster: Cluster,
  resource: Resource,
  target: Target,
  subresource: Subresource,
  body: JsonObject,
  options: WriteOptions & { readonly force: boolean },
): Updated {
  if (options.fieldManager === '') {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      { type: 'FieldValueRequired', field: 'fieldManager', message: 'Required value: is required for apply patch' },
    ]);
  }
  const applied = appliedObject(resource, target, subresource, body, options);
  const context = {
    manager: options.fieldManager,
    apiVersion: apiVersion(resource),
    time: timestamp(cluster.now()),
    ...(subresource === '' ? {} : { subresource }),
    schema: resource.schema,
    force: options.force,
  };
  const merged = (live: KubeObject | undefined): KubeObject => {
    const result = merge(() => applyObject(live, applied, context));
    if ('conflicts' in result) throw conflictStatus(result.conflicts);
    return decodeObject(resource, result.object, { fieldValidation: 'Ignore', warnings: [], live });
  };
  if (
    cluster.store.get(resource.bucket, objectKey(target.namespace, target.name)) === undefined &&
    subresource === ''
  ) {
    const object = merged(undefined);
    const { uid } = asObject(body['metadata']);
    if (typeof uid === 'string' && uid !== '') {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(resource, target.name, why);
    }
    return {
      object: createObject(cluster, resource, target, object, options, object.metadata.managedFields ?? []),
      created: true,
    };
  }
  const change = (live: KubeObject | undefined): { object: KubeObject; tracked: boolean } => {
    if (live === undefined) throw notFound(resource, target.name);
    const object = merged(live);
    const { uid, resourceVersion } = asObject(applied['metadata']);
    const metadata = {
      ...object.metadata,
      uid: typeof uid === 'string' ? uid : live.metadata.uid,
      resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : live.metadata.resourceVersion,
    };
    return { object: { ...object, metadata }, tracked: true };
  };
  return updateObject(cluster, resource, target, subresource, change, options);
}

/** What does not fit the schema cannot be merged. */
const untyped = (why: string, options?: ErrorOptions): StatusError =>
  takenForFault(`failed to create typed patch object: ${why}`, options);

/** A configuration that names an item of a list twice, or without its keys, cannot be merged. */
function merge(apply: () => ApplyResult): ApplyResult {
  try {
    return apply();
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    throw untyped(error.message, { cause: error });
  }
}

/** The configuration as sent, without unknown fields and without defaults: a manager owns only what it wrote. */
function appliedObject(
  resource: Resource,
  target: Target,
  subresource: Subresource,
  body: JsonObject,
  options: WriteOptions,
): JsonObject {
  if (typeof body['apiVersion'] !== 'string' || typeof body['kind'] !== 'string') {
    throw badRequest('apiVersion and kind must be set in an apply configuration');
  }
  const sent = decodeSent(resource, body, { ...options, fieldValidation: 'Ignore' });
  const { object, unknown } = sent.fitting;
  checkTypes(resource, body, unknown);
  const { metadata: decoded } = sent.object;
  if (decoded.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  if (decoded.name === '') {
    throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`);
  }
  if (decoded.name !== target.name) {
    throw badRequest(`the name of the object (${decoded.name}) does not match the name on the URL (${target.name})`);
  }
  if ((decoded.namespace ?? target.namespace) !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const { status, ...others } = object;
  const identity = { name: target.name, ...(resource.namespaced ? { namespace: target.namespace } : {}) };
  if (subresource === 'status') {
    return {
      apiVersion: body['apiVersion'],
      kind: body['kind'],
      metadata: { ...identity, ...versionOf(body) },
      ...(status === undefined ? {} : { status }),
    };
  }
  return { ...(resource.status ? others : object), metadata: { ...asObject(body['metadata']), ...identity } };
}

/** An applied configuration may hold only what the schema knows, of the types that it says. */
function checkTypes(resource: Resource, body: JsonObject, [unknown]: readonly string[]): void {
  if (unknown !== undefined) throw untyped(`.${unknown}: field not declared in schema`);
  const [wrong] = resource.compiled.typeErrors(body);
  if (wrong !== undefined) throw untyped(`.${wrong.field}: ${wrong.message}`);
}

/** What an apply may name as its precondition. */
function versionOf(body: JsonObject): JsonObject {
  const { uid, resourceVersion } = asObject(body['metadata']);
  return { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

function conflictStatus(conflicts: readonly ApplyConflict[]): StatusError {
  const causes: FieldCause[] = conflicts.flatMap(({ description, fields }) =>
    fields.map((field) => ({ type: 'FieldManagerConflict', field, message: `conflict with ${description}` })),
  );
  const [only] = causes;
  if (only !== undefined && causes.length === 1) {
    return applyConflict(`Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes);
  }
  const lines = conflicts.flatMap(({ description, fields }) => [
    `conflicts with ${description}:`,
    ...fields.map((field) => `- ${field}`),
  ]);
  return applyConflict(`Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes);
}
