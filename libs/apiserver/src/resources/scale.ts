import { type KubeObject, asObject, sentMetadata } from '../object.ts';
import { valueAt, withValueAt } from '../paths.ts';
import { type JsonObject, isObject } from '../schema/json.ts';
import { type StatusError, badRequest, invalid, notFound } from '../status.ts';
import { type Column, renderTable } from '../table/index.ts';
import type { Cluster, Target, WriteOptions } from './cluster.ts';
import { type PatchKind, patchDocument, undecodablePatch } from './patch.ts';
import { getObject } from './read.ts';
import type { Resource, ScalePaths } from './resource.ts';
import { updateObject } from './update.ts';

/** The `autoscaling/v1 Scale` of an object. */
export function readScale(resource: Resource, object: KubeObject): JsonObject {
  const paths = scalePaths(resource, object.metadata.name);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, paths.replicas);
  if (typeof replicas !== 'number' && resource.custom) {
    throw scaleInvalid(
      name,
      `spec.${paths.replicas.slice(1).join('.')}`,
      'Required value: the spec replicas field does not exist',
    );
  }
  const statusReplicas = valueAt(object, paths.statusReplicas);
  const selector = paths.selector === undefined ? undefined : valueAt(object, paths.selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: typeof replicas === 'number' ? { replicas } : {},
    status: {
      replicas: typeof statusReplicas === 'number' ? statusReplicas : 0,
      ...(selector === undefined ? {} : { selector: selectorText(selector) }),
    },
  };
}

const columns: readonly Column[] = [
  { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
  { name: 'Available', type: 'integer', jsonPath: '.status.replicas' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

/** A Scale as `kubectl get --subresource=scale` prints it. */
export function scaleTable(scale: JsonObject, now: Date): JsonObject {
  const { resourceVersion } = sentMetadata(scale);
  return renderTable([scale], [...columns], { includeObject: 'Metadata', now, listMeta: { resourceVersion } });
}

/** Sets the replicas that a `Scale` asks for, and returns the new `Scale`. */
export function updateScale(
  cluster: Cluster,
  resource: Resource,
  target: Target,
  body: JsonObject,
  options: WriteOptions,
): JsonObject {
  const paths = scalePaths(resource, target.name);
  const { name, uid, resourceVersion } = sentMetadata(body);
  if (body['kind'] !== undefined && body['kind'] !== 'Scale')
    throw badRequest(`expected a Scale, got a ${JSON.stringify(body['kind'])}`);
  if (name !== undefined && name !== target.name) {
    throw badRequest(
      `the name of the object (${JSON.stringify(name)}) does not match the name on the URL (${target.name})`,
    );
  }
  const replicas = asObject(body['spec'])['replicas'] ?? 0;
  // A custom resource is refused for its own field, when it is updated.
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || (replicas < 0 && !resource.custom)) {
    throw scaleInvalid(
      target.name,
      'spec.replicas',
      `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`,
    );
  }
  const change = (live: KubeObject | undefined): { object: KubeObject } => {
    if (live === undefined) throw notFound(resource, target.name);
    const scaled = withValueAt(live, paths.replicas, replicas);
    const metadata = {
      ...scaled.metadata,
      uid: typeof uid === 'string' ? uid : live.metadata.uid,
      resourceVersion:
        typeof resourceVersion === 'string' && resourceVersion !== '' ? resourceVersion : live.metadata.resourceVersion,
    };
    return { object: { ...scaled, metadata } };
  };
  const { object } = updateObject(cluster, resource, target, 'scale', change, options);
  return readScale(resource, object);
}

export function patchScale(
  cluster: Cluster,
  resource: Resource,
  target: Target,
  kind: PatchKind,
  patch: unknown,
  options: WriteOptions,
): JsonObject {
  const scale = readScale(resource, getObject(cluster, resource, target));
  if (kind === 'apply') {
    // Applying sets the one field a Scale has; nobody else can own another.
    if (!isObject(patch)) throw badRequest('an apply configuration must be one object');
    return updateScale(cluster, resource, target, patch, options);
  }
  const patched = patchDocument(kind, scale, patch, {});
  const replicas = asObject(patched['spec'])['replicas'];
  if (replicas !== undefined && !Number.isInteger(replicas)) {
    throw undecodablePatch(
      `json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  return updateScale(cluster, resource, target, patched, options);
}

function scalePaths(resource: Resource, name: string): ScalePaths {
  if (resource.scale === undefined) throw notFound(resource, name);
  return resource.scale;
}

const scaleInvalid = (name: string, field: string, message: string): StatusError =>
  invalid({ group: 'autoscaling', kind: 'Scale' }, name, [{ type: 'FieldValueInvalid', field, message }]);

/** A status holds its selector as text; a spec as a label selector. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  return Object.entries(asObject(asObject(selector)['matchLabels']))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}
