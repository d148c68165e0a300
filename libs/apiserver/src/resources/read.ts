import type { KubeObject } from '../object.ts';
import { CompactedError } from '../store/event-log.ts';
import { objectKey } from '../store/store.ts';
import { type FieldError, forbidden, notSupported } from '../schema/field-error.ts';
import { type StatusError, badRequest, expired, futureVersion, invalid, notFound } from '../status.ts';
import type { Cluster, Target } from './cluster.ts';
import type { Resource } from './resource.ts';
import { selection } from './selectors.ts';

export function getObject({ store }: Cluster, resource: Resource, { namespace, name }: Target): KubeObject {
  const stored = store.get(resource.bucket, objectKey(namespace, name));
  if (stored === undefined) throw notFound(resource, name);
  return resource.fromStorage(stored);
}

export interface ListResult {
  readonly resourceVersion: string;
  readonly items: readonly KubeObject[];
  /** Where the next page starts, when there is one. */
  readonly continueToken: string | undefined;
  readonly remaining: number | undefined;
}

/** Lists a resource in one namespace, or in all with `namespace` ''. */
export function listObjects(
  cluster: Cluster,
  resource: Resource,
  namespace: string,
  query: URLSearchParams,
): ListResult {
  const selected = selection(resource, selectorsOf(query));
  const limit = limitIn(query);
  checkPage(query);
  const page = pageOf(query);
  const at = page?.resourceVersion ?? exactVersion(cluster, query);
  const snapshot = compacted(() =>
    cluster.store.list(resource.bucket, {
      ...(namespace === '' ? {} : { namespace }),
      ...(at === undefined ? {} : { resourceVersion: at }),
      ...(selected !== undefined && { labels: selected.pairs }),
    }),
  );
  const items: KubeObject[] = [];
  let left = 0;
  for (const { key, stored } of snapshot.entries) {
    if (page !== undefined && key <= page.after) continue;
    if (limit > 0 && items.length >= limit && (left > 0 || selected === undefined)) {
      left += 1;
      continue;
    }
    if (selected?.hasLabels(stored.labels) === false) continue;
    const object = resource.fromStorage(stored.object);
    if (selected?.matches(object) === false) continue;
    if (limit > 0 && items.length >= limit) left += 1;
    else items.push(object);
  }
  const last = items.at(-1);
  const more = left > 0 && last !== undefined;
  return {
    resourceVersion: String(snapshot.resourceVersion),
    items,
    continueToken: more ? pageToken({ resourceVersion: snapshot.resourceVersion, after: keyOf(last) }) : undefined,
    remaining: more && selected === undefined ? left : undefined,
  };
}

/** Any version will do for a reader of version 0, who gets all that is at hand; a negative limit is none. */
function limitIn(query: URLSearchParams): number {
  if (query.get('limit')?.startsWith('-') === true) return 0;
  const limit = count(query, 'limit');
  return query.get('resourceVersion') === '0' && !query.has('continue') ? 0 : limit;
}

const keyOf = ({ metadata }: KubeObject): string => objectKey(metadata.namespace ?? '', metadata.name);

export const selectorsOf = (query: URLSearchParams): { labels: string | undefined; fields: string | undefined } => ({
  labels: query.get('labelSelector') ?? undefined,
  fields: query.get('fieldSelector') ?? undefined,
});

/** A count in the query; 0 when absent. Throws a 400. */
export function count(query: URLSearchParams, key: string): number {
  const text = query.get(key);
  if (text === null || text === '') return 0;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${key}: ${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}

/** A resource version in the query; undefined when absent. Throws a 400. */
export function versionIn(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion');
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(`invalid resource version: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** The version a list must be read at, or undefined for the present, which is never older than any version given out. */
function exactVersion(cluster: Cluster, query: URLSearchParams): number | undefined {
  const version = versionIn(query);
  const match = query.get('resourceVersionMatch') ?? '';
  if (query.has('sendInitialEvents')) {
    throw invalidOptions(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  checkMatch(version, match);
  const current = cluster.store.resourceVersion;
  if (version !== undefined && version > current) throw futureVersion(version, current);
  return match === 'Exact' ? version : undefined;
}

function checkMatch(version: number | undefined, match: string): void {
  if (match === '') return;
  const at = 'resourceVersionMatch';
  if (version === undefined) {
    throw invalidOptions(forbidden(at, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw invalidOptions(notSupported(at, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && version === 0) {
    throw invalidOptions(forbidden(at, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
}

/** A refusal of what the query of a list or watch asks for. */
export const invalidOptions = (...problems: readonly FieldError[]): StatusError =>
  invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', problems);

interface Page {
  readonly resourceVersion: number;
  /** The key of the last object already given. */
  readonly after: string;
}

/** What cannot be asked for together with the next page. Throws a 422. */
function checkPage(query: URLSearchParams): void {
  if ((query.get('continue') ?? '') === '' || (query.get('resourceVersionMatch') ?? '') === '') return;
  const at = 'resourceVersionMatch';
  const version = query.get('resourceVersion') ?? '';
  throw invalidOptions(
    ...(version === '' ? [forbidden(at, 'resourceVersionMatch is forbidden unless resourceVersion is provided')] : []),
    forbidden(at, 'resourceVersionMatch is forbidden when continue is provided'),
  );
}

const pageToken = (page: Page): string => Buffer.from(JSON.stringify(page)).toString('base64url');

function pageOf(query: URLSearchParams): Page | undefined {
  const token = query.get('continue');
  if (token === null || token === '') return undefined;
  if ((query.get('resourceVersion') ?? '') !== '' && query.get('resourceVersion') !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  try {
    const page: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (isPage(page)) return page;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest('continue key is not valid: it must be a token of an earlier list');
}

const isPage = (value: unknown): value is Page =>
  typeof value === 'object' &&
  value !== null &&
  'resourceVersion' in value &&
  Number.isSafeInteger(value.resourceVersion) &&
  'after' in value &&
  typeof value.after === 'string';

/** Turns a look too far back into the 410 that makes a client list again. */
export function compacted<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    throw expired('The resourceVersion for the provided list is too old.');
  }
}
