import type { EscalationCheck } from '../auth/escalation.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster, Target, WriteOptions } from '../resources/cluster.ts';
import { createObject } from '../resources/create.ts';
import { decodeObject } from '../resources/decode.ts';
import { type PatchKind, applyConfiguration, patchObject } from '../resources/patch.ts';
import { count, getObject, listObjects } from '../resources/read.ts';
import { type DeleteOptions, deleteOptions, dryRunProblem, isDryRun, removeObject } from '../resources/remove.ts';
import { type Resource, type Verb, allVerbs } from '../resources/resource.ts';
import { patchScale, readScale, scaleTable, updateScale } from '../resources/scale.ts';
import { type Subresource, type Updated, updateObject } from '../resources/update.ts';
import { planWatch } from '../resources/watch.ts';
import {
  type FieldError,
  forbidden,
  invalid as invalidValue,
  notSupported as notSupportedValue,
  quote,
  tooLong,
} from '../schema/field-error.ts';
import { type JsonObject, isObject } from '../schema/json.ts';
import {
  type StatusError,
  badRequest,
  invalid,
  methodNotAllowed,
  noSuchResource,
  notFound,
  notSupported,
  takenForFault,
  unfit,
  unsupportedMediaType,
  unsupportedPatchType,
} from '../status.ts';
import { mediaType, parseJson, parseObject, parseYaml } from './body.ts';
import { duplicateKeys } from './duplicate-keys.ts';
import type { Exchange } from './exchange.ts';
import { type Wanted, negotiate } from './negotiation.ts';
import { Renderer, includeObject } from './render.ts';
import { type WatchLimits, streamWatch } from './watch-stream.ts';

/** Answers what is asked of resources, once it is known that the user may. */
export class ResourceHandler {
  readonly #cluster: Cluster;
  readonly #limits: WatchLimits;
  readonly #closing: AbortSignal;
  readonly #escalation: EscalationCheck;

  constructor(cluster: Cluster, escalation: EscalationCheck, limits: WatchLimits, closing: AbortSignal) {
    this.#cluster = cluster;
    this.#escalation = escalation;
    this.#limits = limits;
    this.#closing = closing;
  }

  async handle(exchange: Exchange, resource: Resource): Promise<void> {
    const { info, query } = exchange;
    // A kind of the cluster has no paths below a namespace.
    if (resource.custom && !resource.namespaced && info.namespace !== '') return exchange.sendPageNotFound();
    const target = targetOf(exchange, resource);
    const subresource = subresourceOf(exchange, resource);
    const wanted = negotiate(exchange.request.headers.accept, query, resource.custom);
    checkShape(wanted, resource, info.verb);
    const render = new Renderer(resource, wanted, includeObject(query), () => this.#cluster.now());
    switch (info.verb) {
      case 'get':
        return this.#get(exchange, resource, target, subresource, wanted, render);
      case 'list':
        return this.#list(exchange, resource, target, wanted, render);
      case 'watch':
        return this.#watch(exchange, resource, target, render);
      case 'create':
        return this.#create(exchange, resource, target, wanted, render);
      case 'update':
        return this.#update(exchange, resource, target, subresource, wanted, render);
      case 'patch':
        return this.#patch(exchange, resource, target, subresource, wanted, render);
      case 'delete':
        return this.#delete(exchange, resource, target, wanted, render);
      case 'deletecollection':
        return this.#deleteCollection(exchange, resource, target, wanted, render);
      default:
        throw methodNotAllowed();
    }
  }

  #get(
    exchange: Exchange,
    resource: Resource,
    target: Target,
    subresource: Subresource,
    wanted: Wanted,
    render: Renderer,
  ): void {
    const version = exchange.query.get('resourceVersion') ?? '';
    if (!/^\d*$/.test(version)) {
      throw takenForFault(`invalid resource version: strconv.ParseUint: parsing ${quote(version)}: invalid syntax`);
    }
    const object = getObject(this.#cluster, resource, target);
    if (subresource === 'scale') {
      const scale = readScale(resource, object);
      exchange.send(200, wanted.shape === 'table' ? scaleTable(scale, this.#cluster.now()) : scale, wanted);
    } else sendObject(exchange, 200, object, wanted, render);
  }

  #list(exchange: Exchange, resource: Resource, target: Target, wanted: Wanted, render: Renderer): void {
    count(exchange.query, 'timeoutSeconds');
    const result = listObjects(this.#cluster, resource, target.namespace, exchange.query);
    const text = render.listText(result);
    if (text === undefined) exchange.send(200, render.list(result), wanted);
    else exchange.sendJson(200, text);
  }

  #watch(exchange: Exchange, resource: Resource, target: Target, render: Renderer): void {
    const { query, response } = exchange;
    const seconds = count(query, 'timeoutSeconds');
    const watched = new URLSearchParams(query);
    if (target.name !== '') watched.set('fieldSelector', `metadata.name=${target.name}`);
    const plan = planWatch(this.#cluster, resource, target.namespace, watched);
    streamWatch(response, plan, (event, first) => render.eventLine(event, first), {
      timeoutMs: (seconds === 0 ? defaultWatchSeconds : Math.min(seconds, maxWatchSeconds)) * 1000,
      limits: this.#limits,
      closing: this.#closing,
    });
  }

  async #create(
    exchange: Exchange,
    resource: Resource,
    target: Target,
    wanted: Wanted,
    render: Renderer,
  ): Promise<void> {
    const { body, duplicates } = await readObject(exchange);
    const options = this.#writeOptions(exchange);
    const object = decodeObject(resource, body, { ...options, duplicates });
    sendObject(exchange, 201, createObject(this.#cluster, resource, target, object, options), wanted, render);
  }

  async #update(
    exchange: Exchange,
    resource: Resource,
    target: Target,
    subresource: Subresource,
    wanted: Wanted,
    render: Renderer,
  ): Promise<void> {
    const { body, duplicates } = await readObject(exchange);
    const options = this.#writeOptions(exchange);
    if (subresource === 'scale') {
      exchange.send(200, updateScale(this.#cluster, resource, target, body, options), wanted);
      return;
    }
    const object = decodeObject(resource, body, { ...options, duplicates });
    sendUpdated(
      exchange,
      updateObject(this.#cluster, resource, target, subresource, () => ({ object }), options),
      wanted,
      render,
    );
  }

  async #patch(
    exchange: Exchange,
    resource: Resource,
    target: Target,
    subresource: Subresource,
    wanted: Wanted,
    render: Renderer,
  ): Promise<void> {
    const kinds = patchKindsOf(resource);
    const kind = kinds.get(mediaType(exchange.request));
    if (kind === undefined) throw resource.custom ? unsupportedMediaType([...kinds.keys()]) : unsupportedPatchType();
    const bytes = await exchange.body();
    const options = this.#writeOptions(exchange);
    const body = kind === 'apply' ? parseYaml(bytes) : parseJson(bytes);
    if (subresource === 'scale') {
      exchange.send(200, patchScale(this.#cluster, resource, target, kind, body, options), wanted);
      return;
    }
    sendUpdated(exchange, this.#patched(exchange, resource, target, subresource, kind, body, options), wanted, render);
  }

  #writeOptions(exchange: Exchange): WriteOptions {
    return {
      ...writeOptions(exchange),
      admit: (resource, next, live) => this.#escalation.check(exchange.user, resource, next, live),
    };
  }

  #patched(
    exchange: Exchange,
    resource: Resource,
    target: Target,
    subresource: Subresource,
    kind: PatchKind,
    body: unknown,
    options: WriteOptions,
  ): Updated {
    if (kind !== 'apply') {
      if (exchange.query.has('force')) {
        throw invalidOptions(exchange, forbidden('force', 'may not be specified for non-apply patch'));
      }
      return patchObject(this.#cluster, resource, target, subresource, { kind, body }, options);
    }
    if (!isObject(body)) throw badRequest('an apply configuration must be one object');
    const fieldManager = exchange.query.get('fieldManager') ?? '';
    const force = exchange.query.get('force') === 'true' || exchange.query.get('force') === '1';
    return applyConfiguration(this.#cluster, resource, target, subresource, body, { ...options, fieldManager, force });
  }

  async #delete(
    exchange: Exchange,
    resource: Resource,
    target: Target,
    wanted: Wanted,
    render: Renderer,
  ): Promise<void> {
    const options = await readDeleteOptions(exchange);
    const removed = removeObject(this.#cluster, resource, target, options);
    if (removed.gone && !resource.strategy.returnsDeleted) {
      exchange.send(200, deletedStatus(resource, removed.object), wanted);
    } else exchange.send(200, render.one(removed.object), wanted);
  }

  async #deleteCollection(
    exchange: Exchange,
    resource: Resource,
    target: Target,
    wanted: Wanted,
    render: Renderer,
  ): Promise<void> {
    const options = await readDeleteOptions(exchange);
    const list = listObjects(this.#cluster, resource, target.namespace, exchange.query);
    for (const { metadata } of list.items) {
      const one = { namespace: metadata.namespace ?? '', name: metadata.name };
      removeObject(this.#cluster, resource, one, options);
    }
    // The objects are told as they were.
    const resourceVersion = String(this.#cluster.store.resourceVersion);
    exchange.send(200, render.list({ ...list, resourceVersion }), wanted);
  }
}

/** The metadata of one object is no list, and that of a list no single object. Throws a 406. */
function checkShape({ shape }: Wanted, { custom, kind, listKind, group, version }: Resource, verb: string): void {
  const isList = verb === 'list' || verb === 'deletecollection';
  if (shape === 'metadata' && isList) {
    const type = custom
      ? 'unstructured.UnstructuredList'
      : `${group === '' ? 'core' : group.split('.')[0]}.${listKind}`;
    throw unfit(`you requested PartialObjectMetadata, but the requested object is a list (*${type})`);
  }
  if (shape === 'metadataList' && !isList && verb !== 'watch') {
    const type = custom ? 'unstructured.Unstructured' : `${version}.${kind}`;
    throw unfit(`you requested PartialObjectMetadataList, but the requested object is not a list (*${type})`);
  }
}

/** Kubernetes ends a watch without a timeout of its own after 30 to 60 minutes. */
const defaultWatchSeconds = 45 * 60;
const maxWatchSeconds = 24 * 60 * 60;

const patchKinds: ReadonlyMap<string, PatchKind> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/apply-patch+yaml', 'apply'],
]);

/** Custom resources have no merge keys of Go structs, so they take no strategic patch. */
const patchKindsOf = (resource: Resource): ReadonlyMap<string, PatchKind> =>
  resource.custom ? patchKinds : new Map([...patchKinds, ['application/strategic-merge-patch+json', 'strategic']]);

function targetOf({ info }: Exchange, resource: Resource): Target {
  if (!resource.namespaced) {
    // A namespace's own path names it twice: as the object and as its namespace.
    const own = resource.plural === 'namespaces' && resource.group === '';
    if (info.namespace !== '' && !own) throw noSuchResource();
    return { namespace: '', name: info.name };
  }
  if (info.namespace === '' && (info.name !== '' || info.verb === 'create' || info.verb === 'deletecollection')) {
    throw info.name === '' ? methodNotAllowed() : noSuchResource();
  }
  return { namespace: info.namespace, name: info.name };
}

/** Of a custom resource it is as if the object were not there. */
const noSubresource = (resource: Resource, name: string): StatusError =>
  resource.custom ? notFound(resource, name) : noSuchResource();

const verbsOfSubresource: readonly string[] = ['get', 'update', 'patch'];

function subresourceOf({ info }: Exchange, resource: Resource): Subresource {
  if (info.excess) throw noSuchResource();
  switch (info.subresource) {
    case '':
      if (!resource.verbs.includes(info.verb as Verb)) {
        const isKnown = allVerbs.includes(info.verb as Verb) && info.verb !== 'deletecollection';
        throw isKnown ? notSupported(resource, info.verb) : methodNotAllowed();
      }
      if (info.name !== '' && info.verb === 'create') throw methodNotAllowed();
      if (info.name === '' && (info.verb === 'update' || info.verb === 'patch')) throw methodNotAllowed();
      return '';
    case 'status':
      if (!resource.status) throw noSubresource(resource, info.name);
      if (!verbsOfSubresource.includes(info.verb)) throw methodNotAllowed();
      return 'status';
    case 'scale':
      if (resource.scale === undefined) throw noSubresource(resource, info.name);
      if (!verbsOfSubresource.includes(info.verb)) throw methodNotAllowed();
      return 'scale';
    case 'finalize':
      if (!Object.hasOwn(resource.subresources, 'finalize')) throw noSuchResource();
      if (info.verb !== 'update') throw methodNotAllowed();
      return 'finalize';
    default:
      throw noSuchResource();
  }
}

/** Who writes, and how, from the query and the client's name. Throws a 400. */
export function writeOptions(exchange: Exchange): WriteOptions {
  const { query, request, warnings } = exchange;
  const asked = query.get('fieldValidation') ?? '';
  if (asked !== '' && asked !== 'Ignore' && asked !== 'Warn' && asked !== 'Strict') {
    throw invalidOptions(exchange, notSupportedValue('fieldValidation', asked, ['', 'Ignore', 'Strict', 'Warn']));
  }
  const fieldManager = query.get('fieldManager') ?? '';
  if (fieldManager.length > maxManagerLength) throw invalidOptions(exchange, tooLong('fieldManager', maxManagerLength));
  const strange = unprintable.exec(fieldManager);
  if (strange !== null) {
    const code = strange[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    const why = `invalid character U+${code} (at position ${strange.index})`;
    throw invalidOptions(exchange, invalidValue('fieldManager', fieldManager, why));
  }
  return {
    dryRun: readDryRun(exchange),
    fieldManager: fieldManager === '' ? clientName(request.headers['user-agent']) : fieldManager,
    fieldValidation: asked === '' ? 'Warn' : asked,
    warnings,
  };
}

const maxManagerLength = 128;
const unprintable = /\p{Cc}/u;

function readDryRun(exchange: Exchange): boolean {
  const asked = exchange.query.getAll('dryRun');
  const problem = dryRunProblem(asked);
  if (problem !== undefined) throw invalidOptions(exchange, problem);
  return isDryRun(asked);
}

/** A refusal of what the query asks for, by the name that Kubernetes has for the options of each verb. */
function invalidOptions({ info }: Exchange, problem: FieldError): StatusError {
  const verb = { create: 'Create', update: 'Update', patch: 'Patch' }[info.verb] ?? 'Delete';
  return invalid({ group: 'meta.k8s.io', kind: `${verb}Options` }, '', [problem]);
}

/** The part of a user agent before its version: who writes, when no field manager is named. */
const clientName = (userAgent: string | undefined): string =>
  (userAgent ?? '').split('/')[0]?.slice(0, maxManagerLength) || 'unknown';

/** The object in a body, and what it names twice: YAML and protobuf cannot. */
async function readObject(exchange: Exchange): Promise<{ body: JsonObject; duplicates: readonly string[] }> {
  const bytes = await exchange.body();
  const type = mediaType(exchange.request);
  const body = parseObject(bytes, type);
  const isJson = type === '' || type === 'application/json';
  return { body, duplicates: isJson ? duplicateKeys(bytes.toString(), body) : [] };
}

async function readDeleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const bytes = await exchange.body();
  const body = bytes.length === 0 ? undefined : parseObject(bytes, mediaType(exchange.request));
  return deleteOptions(body, exchange.query);
}

const sendUpdated = (exchange: Exchange, { object, created }: Updated, wanted: Wanted, render: Renderer): void =>
  sendObject(exchange, created ? 201 : 200, object, wanted, render);

function sendObject(exchange: Exchange, code: number, object: KubeObject, wanted: Wanted, render: Renderer): void {
  const text = render.oneText(object);
  if (text === undefined) exchange.send(code, render.one(object), wanted);
  else exchange.sendJson(code, text);
}

const deletedStatus = (resource: Resource, { metadata }: KubeObject): JsonObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: {
    name: metadata.name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
    uid: metadata.uid,
  },
});
