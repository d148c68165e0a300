import { get, isObject } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { sharedSchemas, typeMetaProperties } from './meta-schemas.ts';
import { resourcePaths } from './operations.ts';
import { metaName, schemaName, schemaRef } from './schema-name.ts';

/** A resource as discovery tells it, with the schema of its kind. */
export interface OpenApiResource {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** openAPIV3Schema of the kind; its root properties apiVersion, kind and metadata are replaced by the common ones */
  schema: JsonObject;
  /** e.g. status, scale */
  subresources: string[];
  /** e.g. get, list, watch, create, update, patch, delete, deletecollection */
  verbs: string[];
}

/**
 * The OpenAPI 3.0 document of one group version, as kubectl explain, apply and client generators read it.
 * @param groupVersion `v1`, or `kasmcloud.io/v1alpha1`; resources of other group versions are left out
 */
export function openApiV3Document(groupVersion: string, resources: OpenApiResource[]): JsonObject {
  const slash = groupVersion.indexOf('/');
  const group = slash < 0 ? '' : groupVersion.slice(0, slash);
  const version = groupVersion.slice(slash + 1);
  const own = resources.filter((resource) => resource.group === group && resource.version === version);
  const schemas = sharedSchemas(group, version);
  const paths: JsonObject = {};
  for (const resource of own) {
    schemas[schemaName(group, version, resource.kind)] = kindSchema(resource);
    schemas[schemaName(group, version, `${resource.kind}List`)] = listSchema(resource);
    Object.assign(paths, resourcePaths(resource));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths,
    components: { schemas },
  };
}

function kindSchema(resource: OpenApiResource): JsonObject {
  const { schema, group, version, kind } = resource;
  const properties = get(schema, 'properties');
  return {
    ...schema,
    type: 'object',
    properties: {
      ...typeMetaProperties,
      metadata: { allOf: [schemaRef(metaName('ObjectMeta'))], default: {}, description: 'Metadata of the object.' },
      ...(isObject(properties) ? withoutTypeMeta(properties) : {}),
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}

function withoutTypeMeta(properties: JsonObject): JsonObject {
  const common = ['apiVersion', 'kind', 'metadata'];
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !common.includes(name)));
}

function listSchema(resource: OpenApiResource): JsonObject {
  const { group, version, kind, plural } = resource;
  return {
    type: 'object',
    description: `${kind}List is a list of ${kind}`,
    required: ['items'],
    properties: {
      ...typeMetaProperties,
      metadata: { allOf: [schemaRef(metaName('ListMeta'))], default: {}, description: 'Metadata of the list.' },
      items: {
        type: 'array',
        description: `List of ${plural}`,
        items: { allOf: [schemaRef(schemaName(group, version, kind))], default: {} },
      },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: `${kind}List` }],
  };
}
