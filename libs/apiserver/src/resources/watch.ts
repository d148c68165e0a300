import { type KubeObject, apiVersion } from '../object.ts';
import { CompactedError, type StoreEvent } from '../store/event-log.ts';
import { forbidden, notSupported } from '../schema/field-error.ts';
import { StatusError, badRequest, expired, takenForFault } from '../status.ts';
import type { Cluster } from './cluster.ts';
import { invalidOptions, selectorsOf, versionIn } from './read.ts';
import type { Resource } from './resource.ts';
import { type Selection, selection } from './selectors.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** The bookmark that ends the initial events of a streamed list. */
const initialEventsEnd = 'k8s.io/initial-events-end';

export interface WatchPlan {
  readonly bookmarks: boolean;
  /** Events to send first; then `follow` delivers the later ones. */
  readonly initial: readonly WatchEvent[];
  /** Set when the watch cannot start: the one error event to send. */
  readonly refusal: StatusError | undefined;
  /** Delivers what one commit brought at a time. */
  follow(deliver: (events: readonly WatchEvent[]) => void): () => void;
  bookmark(): WatchEvent;
}

/**
 * Works out what a watch sends: what is durable first, later events as they become so. The caller must call `follow` in
 * the same turn, so that no event is lost or told twice.
 */
export function planWatch(cluster: Cluster, resource: Resource, namespace: string, query: URLSearchParams): WatchPlan {
  const selected = selection(resource, selectorsOf(query));
  const bookmarks = query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1';
  const streamedList = sendsInitialEvents(query, bookmarks);
  const version = watchedVersion(query);
  const translate = translator(resource, namespace, selected);
  const bookmark = (annotated = false): WatchEvent => ({
    type: 'BOOKMARK',
    object: bookmarkObject(resource, cluster.store.durableVersion, annotated),
  });
  let initial: WatchEvent[] = [];
  let refusal: StatusError | undefined;
  const fromPresent = streamedList ?? (version === undefined || version === 0);
  try {
    if (fromPresent) {
      initial = present(cluster, resource, namespace, selected);
      if (streamedList === true) initial.push(bookmark(true));
    } else if (version !== undefined && version > 0) {
      const { durableVersion } = cluster.store;
      const events = cluster.store.eventsSince(resource.bucket, version);
      initial = events.filter((event) => event.resourceVersion <= durableVersion).flatMap((event) => translate(event));
    }
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    refusal = expired(`too old resource version: ${error.asked} (${error.oldest})`);
  }
  return {
    bookmarks,
    initial,
    refusal,
    follow: (deliver) =>
      cluster.store.subscribe(resource.bucket, (events) => {
        const later = version === undefined ? events : events.filter((event) => event.resourceVersion > version);
        const translated = later.flatMap(translate);
        if (translated.length > 0) deliver(translated);
      }),
    bookmark: () => bookmark(),
  };
}

/** Where a watch starts. Throws a 500, as a kube-apiserver does. */
function watchedVersion(query: URLSearchParams): number | undefined {
  try {
    return versionIn(query);
  } catch (error) {
    if (error instanceof StatusError) throw takenForFault(error.message, { cause: error });
    throw error;
  }
}

/** `sendInitialEvents`, checked against what must be sent with it; undefined when absent. Throws a 422. */
function sendsInitialEvents(query: URLSearchParams, bookmarks: boolean): boolean | undefined {
  const asked = query.get('sendInitialEvents') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const at = 'resourceVersionMatch';
  if (asked === '') {
    if (match === '') return undefined;
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    throw invalidOptions(forbidden(at, why));
  }
  if (match !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw invalidOptions(forbidden(at, why), ...(match === '' ? [] : [notSupported(at, match, ['NotOlderThan'])]));
  }
  if (asked !== 'true' && asked !== 'false' && asked !== '1' && asked !== '0') {
    throw badRequest(`sendInitialEvents: ${JSON.stringify(asked)} is not a boolean`);
  }
  return (asked === 'true' || asked === '1') && bookmarks;
}

function present(
  cluster: Cluster,
  resource: Resource,
  namespace: string,
  selected: Selection | undefined,
): WatchEvent[] {
  const at = {
    resourceVersion: cluster.store.durableVersion,
    ...(namespace !== '' && { namespace }),
    ...(selected !== undefined && { labels: selected.pairs }),
  };
  return cluster.store
    .list(resource.bucket, at)
    .entries.filter(({ stored }) => selected?.hasLabels(stored.labels) ?? true)
    .map(({ stored }) => resource.fromStorage(stored.object))
    .filter((object) => selected?.matches(object) ?? true)
    .map((object) => ({ type: 'ADDED', object }));
}

/** What one store event is to a watcher: an object that leaves the selection is deleted for him, as it was before. */
function translator(
  resource: Resource,
  namespace: string,
  selected: Selection | undefined,
): (event: StoreEvent) => WatchEvent[] {
  const selects = (object: KubeObject | undefined): boolean =>
    object !== undefined && (selected?.matches(resource.fromStorage(object)) ?? true);
  return ({ kind, object, previous, resourceVersion }) => {
    if (namespace !== '' && object.metadata.namespace !== namespace) return [];
    const before = selects(previous);
    const after = kind !== 'deleted' && selects(object);
    if (after) return [{ type: before ? 'MODIFIED' : 'ADDED', object: resource.fromStorage(object) }];
    if (!before || previous === undefined) return [];
    const last =
      kind === 'deleted'
        ? object
        : { ...previous, metadata: { ...previous.metadata, resourceVersion: String(resourceVersion) } };
    return [{ type: 'DELETED', object: resource.fromStorage(last) }];
  };
}

const bookmarkObject = (resource: Resource, resourceVersion: number, annotated: boolean): KubeObject =>
  ({
    kind: resource.kind,
    apiVersion: apiVersion(resource),
    metadata: {
      resourceVersion: String(resourceVersion),
      ...(annotated ? { annotations: { [initialEventsEnd]: 'true' } } : {}),
    },
  }) as unknown as KubeObject;
