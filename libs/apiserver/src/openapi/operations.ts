import type { JsonObject } from '../schema/json.ts';
import type { OpenApiResource } from './index.ts';
import { metaName, schemaName, schemaRef } from './schema-name.ts';

type Verb = 'list' | 'create' | 'deletecollection' | 'get' | 'update' | 'patch' | 'delete';

interface VerbFacts {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** x-kubernetes-action */
  action: string;
  /** how the operation is called in its id and description */
  called: string;
  query: readonly JsonObject[];
  responses: Record<string, string>;
}

const jsonTypes = ['application/json', 'application/yaml'];
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

function query(name: string, type: 'string' | 'boolean' | 'integer', description: string): JsonObject {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

const pretty = query('pretty', 'string', 'true: indent the answer.');
const dryRun = query('dryRun', 'string', 'All: run every check, store nothing.');
const fieldManager = query('fieldManager', 'string', 'Name of the one who makes the change, at most 128 characters.');
const fieldValidation = query(
  'fieldValidation',
  'string',
  'What to do with unknown or duplicate fields: Ignore drops them, Warn also warns, Strict refuses the request.',
);
const writes = [dryRun, fieldManager, fieldValidation];
const deletes = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'Seconds that the object may take to end; 0 deletes at once.'),
  query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  query('propagationPolicy', 'string', 'Orphan, Background or Foreground.'),
];
const lists = [
  query('allowWatchBookmarks', 'boolean', 'Send BOOKMARK events with the current version.'),
  query('continue', 'string', 'Token of the last answer: go on from there.'),
  query('fieldSelector', 'string', 'Only objects whose fields match.'),
  query('labelSelector', 'string', 'Only objects whose labels match.'),
  query('limit', 'integer', 'At most so many objects in one answer.'),
  query('resourceVersion', 'string', 'The version that the answer must not be older than.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'Begin a watch with the objects that exist.'),
  query('timeoutSeconds', 'integer', 'How long a list or watch may last.'),
  query('watch', 'boolean', 'Send changes as they happen instead of a list.'),
];

const verbs: Record<Verb, VerbFacts> = {
  list: { method: 'get', action: 'list', called: 'list', query: lists, responses: { 200: 'OK' } },
  create: {
    method: 'post',
    action: 'post',
    called: 'create',
    query: writes,
    responses: { 200: 'OK', 201: 'Created', 202: 'Accepted' },
  },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    called: 'deletecollection',
    query: [...lists, ...deletes],
    responses: { 200: 'OK' },
  },
  get: { method: 'get', action: 'get', called: 'read', query: [], responses: { 200: 'OK' } },
  update: { method: 'put', action: 'put', called: 'replace', query: writes, responses: { 200: 'OK', 201: 'Created' } },
  patch: {
    method: 'patch',
    action: 'patch',
    called: 'patch',
    query: [...writes, query('force', 'boolean', 'Apply only: take fields over from other managers.')],
    responses: { 200: 'OK', 201: 'Created' },
  },
  delete: {
    method: 'delete',
    action: 'delete',
    called: 'delete',
    query: deletes,
    responses: { 200: 'OK', 202: 'Accepted' },
  },
};

const collectionVerbs: readonly Verb[] = ['list', 'create', 'deletecollection'];
const objectVerbs: readonly Verb[] = ['get', 'update', 'patch', 'delete'];
const subresourceVerbs: readonly Verb[] = ['get', 'update', 'patch'];

/** The paths of one resource, with the operations of its verbs; subresources have get, update and patch where the object has. */
export function resourcePaths(resource: OpenApiResource): JsonObject {
  const { group, version, plural, namespaced } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const paths: JsonObject = {};
  const path = (at: string, candidates: readonly Verb[], subresource: string, allNamespaces = false): void => {
    const offered = candidates.filter((verb) => resource.verbs.includes(verb));
    if (offered.length === 0) return;
    paths[at] = {
      ...Object.fromEntries(
        offered.map((verb) => [verbs[verb].method, operation(resource, verb, subresource, allNamespaces)]),
      ),
      parameters: pathParameters(at, resource.kind),
    };
  };
  if (namespaced) path(`${root}/${plural}`, ['list'], '', true);
  path(collection, collectionVerbs, '');
  path(`${collection}/{name}`, objectVerbs, '');
  for (const subresource of resource.subresources) {
    path(`${collection}/{name}/${subresource}`, subresourceVerbs, subresource);
  }
  return paths;
}

function operation(resource: OpenApiResource, verb: Verb, subresource: string, allNamespaces: boolean): JsonObject {
  const { group, version, kind } = resource;
  const facts = verbs[verb];
  const body = requestBody(resource, verb);
  return {
    tags: [tag(group, version)],
    description: `${facts.called} ${subresource === '' ? '' : `${subresource} of `}${kind}`,
    operationId: [
      facts.called,
      title(group === '' ? 'core' : group),
      title(version),
      resource.namespaced && !allNamespaces ? 'Namespaced' : '',
      kind,
      title(subresource),
      allNamespaces ? 'ForAllNamespaces' : '',
    ].join(''),
    ...(facts.query.length === 0 ? {} : { parameters: facts.query }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        Object.entries(facts.responses).map(([code, description]) => [
          code,
          { description, content: content(jsonTypes, schemaRef(answer(resource, verb))) },
        ]),
      ),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': facts.action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function requestBody(resource: OpenApiResource, verb: Verb): JsonObject | undefined {
  const { group, version, kind } = resource;
  if (verb === 'patch') return { required: true, content: content(patchTypes, schemaRef(metaName('Patch'))) };
  if (verb === 'delete') return { content: content(jsonTypes, schemaRef(metaName('DeleteOptions'))) };
  if (verb !== 'create' && verb !== 'update') return undefined;
  return { required: true, content: content(jsonTypes, schemaRef(schemaName(group, version, kind))) };
}

function answer(resource: OpenApiResource, verb: Verb): string {
  const { group, version, kind } = resource;
  if (verb === 'delete' || verb === 'deletecollection') return metaName('Status');
  return schemaName(group, version, verb === 'list' ? `${kind}List` : kind);
}

function content(types: readonly string[], schema: JsonObject): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function pathParameters(path: string, kind: string): JsonObject[] {
  const parameter = (name: string, description: string): JsonObject[] =>
    path.includes(`{${name}}`)
      ? [{ name, in: 'path', required: true, description, schema: { type: 'string', uniqueItems: true } }]
      : [];
  return [...parameter('name', `name of the ${kind}`), ...parameter('namespace', 'namespace of the object'), pretty];
}

function tag(group: string, version: string): string {
  return `${group === '' ? 'core' : group.replaceAll(/[^A-Za-z0-9]/g, '')}_${version}`;
}

/** `kasmcloud.io` → `KasmcloudIo` */
function title(text: string): string {
  return text
    .split(/[^A-Za-z0-9]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
