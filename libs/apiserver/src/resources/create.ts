import { type KubeObject, type ObjectMeta, apiVersion, timestamp } from '../object.ts';
import { trackUpdate } from '../apply/index.ts';
import { objectKey } from '../store/store.ts';
import { alreadyExists, badRequest, forbidden, notFound, takenForFault } from '../status.ts';
import type { Cluster, Target, WriteOptions } from './cluster.ts';
import { refuse, schemaErrorsOf } from './decode.ts';
import { metadataErrors, metadataWarnings } from './metadata.ts';
import type { Resource } from './resource.ts';
import { definitionBucket } from './builtin/custom-resource-definition.ts';
import type { Surroundings } from './builtin/pod-admission.ts';
import { unset } from './builtin/written.ts';

/** A generated name is cut here, to leave room for its suffix. */
const maxGeneratedBase = 58;

/** Kubernetes tries as often to find a generated name that is free. */
const generateAttempts = 8;

/**
 * Stores a new object and returns it as stored, in the version of `resource`.
 * @param object decoded for `resource`
 * @param managedFields whose, when the caller (server-side apply) has worked them out already
 */
export function createObject(
  cluster: Cluster,
  resource: Resource,
  target: Target,
  object: KubeObject,
  options: WriteOptions,
  managedFields?: ObjectMeta['managedFields'],
): KubeObject {
  checkTarget(resource, target, object);
  if (object.metadata.resourceVersion !== '') {
    throw takenForFault('resourceVersion should not be set on objects to be created');
  }
  checkDefinition(cluster, resource, object.metadata.name);
  checkNamespace(cluster, resource, target.namespace, object.metadata.name);
  const { name, now } = { name: freeName(cluster, resource, target.namespace, object.metadata), now: cluster.now() };
  const asked = resource.strategy.complete?.(object) ?? object;
  const admitted =
    resource.strategy.admitCreate?.(
      { ...asked, metadata: { ...asked.metadata, name, namespace: target.namespace } },
      surroundingsOf(cluster),
    ) ?? asked;
  const prepared = resource.strategy.prepareCreate?.(admitted) ?? admitted;
  const { generateName, generation, labels, annotations, finalizers, ownerReferences } = prepared.metadata;
  const metadata: ObjectMeta = {
    name,
    ...(generateName === undefined ? {} : { generateName }),
    ...(resource.namespaced ? { namespace: target.namespace } : {}),
    uid: cluster.uid(),
    resourceVersion: '',
    // Kinds that count no changes keep what was sent.
    ...(resource.strategy.generation ? { generation: 1 } : generation === undefined ? {} : { generation }),
    creationTimestamp: timestamp(now),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
  const { status: _status, ...withoutStatus } = prepared;
  const complete = { ...(resource.status && resource.custom ? withoutStatus : prepared), metadata } as KubeObject;
  const schemaErrors = schemaErrorsOf(resource, complete);
  const furtherErrors = resource.strategy.validate?.(complete, undefined) ?? [];
  const errors = [...metadataErrors(metadata, resource), ...schemaErrors, ...furtherErrors];
  refuse(resource, name, errors, schemaErrors);
  if (resource.custom) options.warnings.push(...metadataWarnings(metadata));
  options.warnings.push(...(resource.strategy.warnings?.(complete) ?? []));
  options.admit?.(resource, complete, undefined);
  if (cluster.store.get(resource.bucket, objectKey(target.namespace, name)) !== undefined) {
    throw alreadyExists(resource, name);
  }
  const managers = managedFields ?? ownedBy(resource, asked, options, timestamp(now));
  const tracked = {
    ...complete,
    metadata: { ...metadata, ...(managers.length === 0 ? {} : { managedFields: managers }) },
  };
  if (options.dryRun) return { ...tracked, metadata: withoutVersion(tracked.metadata) };
  return resource.fromStorage(cluster.store.put(resource.bucket, resource.toStorage(tracked)));
}

const surroundingsOf = (cluster: Cluster): Surroundings => ({
  find: (bucket, namespace, name) => cluster.store.get(bucket, objectKey(namespace, name)),
  all: (bucket) => cluster.store.list(bucket).objects,
  nameSuffix: () => cluster.nameSuffix(),
});

/** What was asked belongs to who asked; a status is not his to set, and what the server adds is nobody's. */
function ownedBy(
  resource: Resource,
  { status, ...asked }: KubeObject,
  { fieldManager }: WriteOptions,
  time: string,
): NonNullable<ObjectMeta['managedFields']> {
  const { managedFields: _sent, ...metadata } = asked.metadata;
  const object = { ...asked, ...(resource.status || status === undefined ? {} : { status }), metadata };
  const tracked = trackUpdate(undefined, object, {
    manager: fieldManager,
    apiVersion: apiVersion(resource),
    time,
    schema: resource.schema,
    unset: unset(resource.schema),
  }) as KubeObject;
  return tracked.metadata.managedFields ?? [];
}

/** What is not stored has no version. */
function withoutVersion({ resourceVersion: _none, ...metadata }: ObjectMeta): ObjectMeta {
  return metadata as ObjectMeta;
}

/** The namespace and name in the object must be those of the URL, as far as the URL names them. */
export function checkTarget(resource: Resource, target: Target, object: KubeObject): void {
  const { name, namespace = '' } = object.metadata;
  if (resource.namespaced ? namespace !== '' && namespace !== target.namespace : namespace !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (target.name !== '' && name === '') {
    throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`);
  }
  if (target.name !== '' && name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  }
}

function checkDefinition({ store }: Cluster, resource: Resource, name: string): void {
  if (!resource.custom) return;
  const definition = store.get(definitionBucket, objectKey('', resource.bucket));
  if (definition?.metadata.deletionTimestamp === undefined) return;
  throw forbidden(resource, name, 'create not allowed while custom resource definition is terminating');
}

function checkNamespace(cluster: Cluster, resource: Resource, namespace: string, name: string): void {
  if (!resource.namespaced) return;
  const namespaces = { group: '', plural: 'namespaces' };
  const found = cluster.store.get('namespaces', objectKey('', namespace));
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw forbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        type: 'NamespaceTerminating',
        field: 'metadata.namespace',
        message: `namespace ${namespace} is being terminated`,
      },
    ],
  );
}

function freeName(cluster: Cluster, resource: Resource, namespace: string, metadata: ObjectMeta): string {
  const { name, generateName = '' } = metadata;
  if (name !== '' || generateName === '') return name;
  let generated = '';
  for (let attempt = 0; attempt < generateAttempts; attempt += 1) {
    generated = `${generateName.slice(0, maxGeneratedBase)}${cluster.nameSuffix()}`;
    if (cluster.store.get(resource.bucket, objectKey(namespace, generated)) === undefined) return generated;
  }
  throw alreadyExists(resource, generated);
}
