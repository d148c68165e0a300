import { type KubeObject, type ObjectMeta, apiVersion, asObject, stringOr } from '../object.ts';
import { invalid as invalidValue } from '../schema/field-error.ts';
import type { FieldError } from '../schema/index.ts';
import { type JsonObject, canonical, isTooDeep, maxDepth } from '../schema/json.ts';
import { StatusError, badRequest, invalid } from '../status.ts';
import type { WriteOptions } from './cluster.ts';
import { decodeMetadata } from './metadata.ts';
import type { Resource } from './resource.ts';
import { asTyped } from './typed.ts';

export interface DecodeOptions extends Pick<WriteOptions, 'fieldValidation' | 'warnings'> {
  /** Paths of what the body names twice; it has the last of them. */
  readonly duplicates?: readonly string[];
  /** What a patch was laid over to make the body: it is decoded already, and so is what the body shares with it. */
  readonly live?: KubeObject | undefined;
}

/**
 * The object a client sent for a resource: kind and version checked, unknown fields dropped (and told about as
 * `fieldValidation` asks), defaults filled in. Name, labels and values are not validated yet.
 * Throws a 400.
 */
export function decodeObject(resource: Resource, body: JsonObject, options: DecodeOptions): KubeObject {
  return resource.compiled.default(decodeSent(resource, body, options).object, options.live) as KubeObject;
}

/** What `decodeObject` does before it fills in defaults, and what the schema alone left of the body. Throws a 400. */
export function decodeSent(
  resource: Resource,
  body: JsonObject,
  options: DecodeOptions,
): { readonly object: KubeObject; readonly fitting: { readonly object: JsonObject; readonly unknown: string[] } } {
  const { live } = options;
  if (isTooDeep(body, live)) throw badRequest(`the object is nested more than ${maxDepth} levels deep`);
  checkType(resource, body, options);
  const { metadata, unknown } =
    live !== undefined && body['metadata'] === live.metadata
      ? { metadata: live.metadata, unknown: [] }
      : sentMetadata(resource, body, options);
  const fitting = resource.compiled.prune(body, live);
  const { object, unknown: deeper } = resource.strategy.prune?.(fitting.object) ?? {
    object: fitting.object,
    unknown: [],
  };
  const pruned = [...fitting.unknown, ...deeper];
  const names = [...new Set([...pruned, ...unknown])];
  report(resource, resource.custom ? names.toSorted() : names, options);
  const complete = { name: '', uid: '', resourceVersion: '', creationTimestamp: '', ...metadata } satisfies ObjectMeta;
  const identity = { apiVersion: apiVersion(resource), kind: resource.kind, metadata: complete };
  const [embedded] = resource.compiled.embeddedMetadata(object);
  if (embedded !== undefined) throw badRequest(`${embedded.field}: ${embedded.message}`);
  // These come first in the stored text, where a list leaves them out.
  const known = resource.custom
    ? object
    : refusingTypes(resource, () => asTyped(withoutMetadata(object), resource.schema));
  return { object: { ...identity, ...known, ...identity }, fitting };
}

function checkType(resource: Resource, body: JsonObject, options: DecodeOptions): void {
  const expected = apiVersion(resource);
  const { apiVersion: sentVersion = '', kind: sentKind = '' } = body;
  if (typeof sentVersion !== 'string' || typeof sentKind !== 'string') {
    throw badRequest("couldn't get version/kind; json parse error: apiVersion and kind must be strings");
  }
  if (resource.custom && sentKind === '') throw badRequest(`Object 'Kind' is missing in '${shortened(body)}'`);
  if (sentVersion !== '' && sentVersion !== expected) {
    // A version that is not the path's has no schema, so nothing in it is known.
    const unknown = Object.keys(body).filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name));
    if (resource.custom && sentVersion.startsWith(`${resource.group}/`)) report(resource, unknown.toSorted(), options);
    throw badRequest(
      `the API version in the data (${sentVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (resource.custom && sentKind !== resource.kind) {
    const { name } = asObject(body['metadata']);
    const fault = invalidValue('kind', sentKind, `must be ${resource.kind}`);
    throw invalid({ group: resource.group, kind: sentKind }, stringOr(name, ''), [fault]);
  }
  if (sentKind !== '' && sentKind !== resource.kind) {
    throw badRequest(
      `${sentKind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ` +
        `the kind in the data (${sentKind}) does not match the expected kind (${resource.kind})`,
    );
  }
}

function sentMetadata(resource: Resource, body: JsonObject, options: DecodeOptions): ReturnType<typeof decodeMetadata> {
  const { metadata, unknown } = refusingTypes(resource, () => decodeMetadata(body['metadata']));
  return { metadata: withoutRepeatedOwners(metadata, options), unknown };
}

function withoutRepeatedOwners(metadata: Partial<ObjectMeta>, { warnings, live }: DecodeOptions): Partial<ObjectMeta> {
  const { ownerReferences = [] } = metadata;
  const texts = ownerReferences.map((reference) => canonical(reference));
  const repeated = ownerReferences.filter((_reference, index) => texts.indexOf(texts[index] ?? '') < index);
  if (repeated.length === 0) return metadata;
  const uids = [...new Set(repeated.map(({ uid }) => uid))];
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries${live === undefined ? '' : ' after mutating admission happens'}; ` +
      'API server dedups owner references in 1.20+, and may reject ' +
      `such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids.join(',')}`,
  );
  return { ...metadata, ownerReferences: ownerReferences.filter((reference) => !repeated.includes(reference)) };
}

function withoutMetadata({ metadata: _metadata, ...others }: JsonObject): JsonObject {
  return others;
}

const shortened = (body: JsonObject): string => JSON.stringify(body).slice(0, 256);

function report(
  resource: Resource,
  unknown: readonly string[],
  { fieldValidation, warnings, duplicates = [] }: DecodeOptions,
): void {
  if (fieldValidation === 'Ignore') return;
  const problems = [
    ...duplicates.map((path) => `duplicate field "${path}"`),
    ...unknown.map((path) => `unknown field "${path}"`),
  ];
  if (problems.length === 0) return;
  if (fieldValidation === 'Warn') {
    warnings.push(...problems);
    return;
  }
  throw undecodable(resource, `strict decoding error: ${problems.join(', ')}`);
}

const undecodable = (resource: Resource, why: string): StatusError =>
  badRequest(`${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${why}`);

function refusingTypes<T>(resource: Resource, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof StatusError) throw undecodable(resource, error.message);
    throw error;
  }
}

/** What the schema of a resource finds wrong. The lists of a built-in kind have rules of their own on what is there twice. */
export function schemaErrorsOf(resource: Resource, object: KubeObject, live?: KubeObject): readonly FieldError[] {
  const errors = resource.compiled.validate(object, live);
  return resource.custom ? errors : errors.filter(({ type }) => type !== 'FieldValueDuplicate');
}

/**
 * Refuses an object for the errors found. A built-in kind of the wrong type cannot even be decoded: that is a 400.
 * @param schemaErrors those of `errors` that its schema found
 */
export function refuse(
  resource: Resource,
  name: string,
  errors: readonly FieldError[],
  schemaErrors: readonly FieldError[] = errors,
): void {
  if (errors.length === 0) return;
  const wrongType = resource.custom ? undefined : schemaErrors.find((error) => error.type === 'FieldValueTypeInvalid');
  if (wrongType !== undefined) throw undecodable(resource, `${wrongType.field}: ${wrongType.message}`);
  throw invalid(resource.strategy.refusedAs ?? resource, name, errors);
}
