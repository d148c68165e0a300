import type { JsonObject } from '../schema/json.ts';
import { metaName, schemaRef } from './schema-name.ts';

/** `apiVersion` and `kind`, which every object and list has. */
export const typeMetaProperties: JsonObject = {
  apiVersion: { type: 'string', description: 'Group and version of the schema of this object, as group/version.' },
  kind: { type: 'string', description: 'Kind of this object, in CamelCase. It cannot be changed.' },
};

function string(description: string): JsonObject {
  return { type: 'string', description };
}

function integer(format: 'int32' | 'int64', description: string): JsonObject {
  return { type: 'integer', format, description };
}

function boolean(description: string): JsonObject {
  return { type: 'boolean', description };
}

function meta(kind: string, description: string): JsonObject {
  return { allOf: [schemaRef(metaName(kind))], description };
}

function stringMap(description: string): JsonObject {
  return { type: 'object', additionalProperties: { type: 'string', default: '' }, description };
}

function list(items: JsonObject, description: string): JsonObject {
  return { type: 'array', items, description };
}

const time = (description: string): JsonObject => meta('Time', description);

const objectMeta: JsonObject = {
  type: 'object',
  description: 'Metadata that every stored object has.',
  properties: {
    name: string('Name of the object, unique among those of its kind in its namespace. It cannot be changed.'),
    generateName: string('Prefix from which the server makes a unique name, when name is empty.'),
    namespace: string('Namespace that the name is unique in; empty for kinds of cluster scope. It cannot be changed.'),
    selfLink: string('No longer filled by the server.'),
    uid: string('Identity of this object in time and space, given by the server.'),
    resourceVersion: string('Opaque version of this object, for optimistic concurrency and watches.'),
    generation: integer('int64', 'Number of the desired state; the server raises it when the spec changes.'),
    creationTimestamp: time('When the server created this object.'),
    deletionTimestamp: time('When the object was asked to be deleted; it stays until its finalizers are gone.'),
    deletionGracePeriodSeconds: integer(
      'int64',
      'Seconds that the object may take to end after its deletion was asked.',
    ),
    labels: stringMap('Keys and values by which objects are selected.'),
    annotations: stringMap('Keys and values that tools keep with the object; they cannot be selected by.'),
    ownerReferences: {
      ...list({ allOf: [schemaRef(metaName('OwnerReference'))], default: {} }, 'Objects whose end ends this one.'),
      'x-kubernetes-list-map-keys': ['uid'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'uid',
      'x-kubernetes-patch-strategy': 'merge',
    },
    finalizers: {
      ...list({ type: 'string', default: '' }, 'Those who must act before the object may be removed.'),
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    managedFields: {
      ...list({ allOf: [schemaRef(metaName('ManagedFieldsEntry'))], default: {} }, 'Who manages which fields.'),
      'x-kubernetes-list-type': 'atomic',
    },
  },
};

const ownerReference: JsonObject = {
  type: 'object',
  description: 'Names an object that owns this one, in the same namespace or of cluster scope.',
  required: ['apiVersion', 'kind', 'name', 'uid'],
  properties: {
    apiVersion: string('Group and version of the owner.'),
    kind: string('Kind of the owner.'),
    name: string('Name of the owner.'),
    uid: string('UID of the owner.'),
    controller: boolean('Whether the owner controls this object; at most one owner does.'),
    blockOwnerDeletion: boolean('Whether a foreground deletion of the owner waits for this object.'),
  },
  'x-kubernetes-map-type': 'atomic',
};

const managedFieldsEntry: JsonObject = {
  type: 'object',
  description: 'The fields that one manager set.',
  properties: {
    manager: string('Name of the manager.'),
    operation: string('Apply or Update.'),
    apiVersion: string('Version of the resource that the fields are named in.'),
    time: time('When the set of fields last changed.'),
    fieldsType: string('Format of the set of fields; FieldsV1.'),
    fieldsV1: meta('FieldsV1', 'The set of fields.'),
    subresource: string('Subresource through which the fields were set; empty for the object itself.'),
  },
};

const status: JsonObject = {
  type: 'object',
  description: 'The outcome of a request that does not return an object.',
  properties: {
    ...typeMetaProperties,
    metadata: meta('ListMeta', 'Metadata of the answer.'),
    status: string('Success or Failure.'),
    message: string('What happened, for people.'),
    reason: string('Why the request failed, for programs.'),
    details: meta('StatusDetails', 'More about the reason.'),
    code: integer('int32', 'HTTP status code.'),
  },
};

const statusDetails: JsonObject = {
  type: 'object',
  description: 'More about the reason of a Status.',
  properties: {
    name: string('Name of the object that the Status is about.'),
    group: string('Group of that object.'),
    kind: string('Kind or resource of that object.'),
    uid: string('UID of that object.'),
    causes: list({ allOf: [schemaRef(metaName('StatusCause'))], default: {} }, 'Single faults.'),
    retryAfterSeconds: integer('int32', 'Seconds to wait before the request is tried again.'),
  },
};

const deleteOptions: JsonObject = {
  type: 'object',
  description: 'How an object is deleted.',
  properties: {
    ...typeMetaProperties,
    gracePeriodSeconds: integer('int64', 'Seconds that the object may take to end; 0 deletes at once.'),
    preconditions: meta('Preconditions', 'What must hold for the deletion to happen.'),
    orphanDependents: boolean('Deprecated: use propagationPolicy.'),
    propagationPolicy: string('Orphan, Background or Foreground: what becomes of the objects that this one owns.'),
    dryRun: list({ type: 'string', default: '' }, 'All: run every check, store nothing.'),
  },
};

const metaSchemas: Record<string, JsonObject> = {
  ObjectMeta: objectMeta,
  OwnerReference: ownerReference,
  ManagedFieldsEntry: managedFieldsEntry,
  FieldsV1: { type: 'object', description: 'A set of fields as a tree of f:, k: and v: keys.' },
  Time: { type: 'string', format: 'date-time', description: 'A time in RFC 3339.' },
  ListMeta: {
    type: 'object',
    description: 'Metadata of a list.',
    properties: {
      selfLink: string('No longer filled by the server.'),
      resourceVersion: string('Opaque version of the list, from which a watch can start.'),
      continue: string('Token that asks for the rest of the list; empty at its end.'),
      remainingItemCount: integer('int64', 'How many items follow this part of the list.'),
    },
  },
  Status: status,
  StatusDetails: statusDetails,
  StatusCause: {
    type: 'object',
    description: 'One fault of a request.',
    properties: {
      field: string('Path of the field that is at fault.'),
      message: string('What is wrong with it, for people.'),
      reason: string('What is wrong with it, for programs.'),
    },
  },
  DeleteOptions: deleteOptions,
  Preconditions: {
    type: 'object',
    description: 'What must hold before an object is changed.',
    properties: { uid: string('The UID it must have.'), resourceVersion: string('The version it must have.') },
  },
  Patch: { type: 'object', description: 'A patch in the format that the content type names.' },
  WatchEvent: {
    type: 'object',
    description: 'One change, as a watch tells it.',
    required: ['type', 'object'],
    properties: {
      type: string('ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.'),
      object: { type: 'object', description: 'The object after the change; for ERROR a Status.' },
    },
  },
};

/** The schemas that every group's document carries, keyed as under `components.schemas`. */
export function sharedSchemas(group: string, version: string): JsonObject {
  const named = Object.entries(metaSchemas).map(([kind, schema]) => [metaName(kind), schema]);
  const result: JsonObject = Object.fromEntries(named);
  // These are sent as objects of their own; clients find them by group, version and kind.
  const gvk = (kind: string, kindGroup: string, kindVersion: string): JsonObject => ({
    ...metaSchemas[kind],
    'x-kubernetes-group-version-kind': [{ group: kindGroup, version: kindVersion, kind }],
  });
  result[metaName('Status')] = gvk('Status', '', 'v1');
  result[metaName('DeleteOptions')] = gvk('DeleteOptions', group, version);
  result[metaName('WatchEvent')] = gvk('WatchEvent', group, version);
  return result;
}
