import type { Logger } from '@kasmcloud/observe';
import { trackUpdate } from '../apply/index.ts';
import { type KubeObject, type OwnerReference, timestamp } from '../object.ts';
import type { Cluster } from '../resources/cluster.ts';
import { removeObject } from '../resources/remove.ts';
import type { Resource } from '../resources/resource.ts';
import { isReleased } from '../resources/update.ts';
import type { StoreEvent } from '../store/event-log.ts';
import { objectKey } from '../store/store.ts';
import { KeyLoop } from './loop.ts';

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

interface Place {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Owner references: an object goes when none of its owners is left, an owner in foreground deletion waits for those that block
 * it, and an owner that orphans leaves its dependents without itself. Like kube-controller-manager's garbage collector.
 */
export class GarbageCollector {
  readonly #cluster: Cluster;
  readonly #loop: KeyLoop;
  readonly #stop: () => void;
  /** By uid of the owner: where its dependents are. */
  readonly #dependents = new Map<string, Map<string, Place>>();

  constructor(cluster: Cluster, logger: Pick<Logger, 'error'>) {
    this.#cluster = cluster;
    this.#loop = new KeyLoop((key) => this.#settle(placeOf(key)), logger);
    for (const { bucket } of cluster.registry.buckets()) {
      for (const object of cluster.store.list(bucket).objects) this.#note(bucket, object);
    }
    this.#stop = cluster.store.subscribeAll((event) => this.#observe(event));
  }

  close(): void {
    this.#stop();
    this.#loop.close();
  }

  #observe({ kind, bucket, key, object, previous }: StoreEvent): void {
    for (const { uid } of previous?.metadata.ownerReferences ?? []) this.#forget(uid, idOf({ bucket, key }));
    if (kind !== 'deleted') {
      this.#note(bucket, object);
      return;
    }
    for (const id of this.#dependents.get(object.metadata.uid)?.keys() ?? []) this.#loop.add(id);
    // An owner that waits in the foreground may have waited for this one.
    for (const reference of object.metadata.ownerReferences ?? []) this.#addOwner(reference, object);
  }

  #note(bucket: string, object: KubeObject): void {
    const { ownerReferences = [], deletionTimestamp, namespace = '', name } = object.metadata;
    const place = { bucket, key: objectKey(namespace, name) };
    for (const { uid } of ownerReferences) {
      const places = this.#dependents.get(uid) ?? new Map<string, Place>();
      this.#dependents.set(uid, places.set(idOf(place), place));
    }
    if (ownerReferences.length > 0 || deletionTimestamp !== undefined) this.#loop.add(idOf(place));
  }

  #forget(owner: string, id: string): void {
    const places = this.#dependents.get(owner);
    places?.delete(id);
    if (places?.size === 0) this.#dependents.delete(owner);
  }

  #addOwner(reference: OwnerReference, dependent: KubeObject): void {
    const owner = this.#placeOfOwner(reference, dependent);
    if (owner !== undefined) this.#loop.add(idOf(owner));
  }

  /** Where an owner is or would be; undefined when its kind is not served. */
  #placeOfOwner({ apiVersion, kind, name }: OwnerReference, dependent: KubeObject): Place | undefined {
    const resource = this.#cluster.registry.ofKind(apiVersion, kind);
    if (resource === undefined) return undefined;
    const namespace = resource.namespaced ? (dependent.metadata.namespace ?? '') : '';
    return { bucket: resource.bucket, key: objectKey(namespace, name) };
  }

  #settle({ bucket, key }: Place): void {
    const object = this.#cluster.store.get(bucket, key);
    const resource = this.#cluster.registry.buckets().find((each) => each.bucket === bucket);
    if (object === undefined || resource === undefined) return;
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.includes(orphan)) this.#orphanDependents(bucket, object);
    else if (deletionTimestamp !== undefined && finalizers.includes(foreground))
      this.#waitForDependents(bucket, object);
    else if (deletionTimestamp === undefined) this.#collect(resource, object);
  }

  /** Deletes an object whose owners are all gone; where some are left, only the references to the others go. */
  #collect(resource: Resource, object: KubeObject): void {
    const { ownerReferences = [], uid, namespace = '', name } = object.metadata;
    if (ownerReferences.length === 0) return;
    const states = ownerReferences.map((reference) => this.#stateOf(reference, object));
    if (states.includes('unknown')) return;
    const target = { namespace, name };
    if (states.includes('there')) {
      const left = ownerReferences.filter((_reference, index) => states[index] === 'there');
      if (left.length < ownerReferences.length) this.#put(resource.bucket, object, { ownerReferences: left });
      return;
    }
    const waited = states.includes('waiting');
    removeObject(this.#cluster, resource, target, {
      dryRun: false,
      propagation: waited ? 'Foreground' : 'Background',
      preconditions: { uid },
    });
  }

  #stateOf(reference: OwnerReference, dependent: KubeObject): 'there' | 'waiting' | 'gone' | 'unknown' {
    const place = this.#placeOfOwner(reference, dependent);
    // A kind that is not served now may be served again: nothing is deleted from absence of knowledge.
    if (place === undefined) return 'unknown';
    const owner = this.#cluster.store.get(place.bucket, place.key);
    if (owner === undefined || owner.metadata.uid !== reference.uid) return 'gone';
    const waiting =
      owner.metadata.deletionTimestamp !== undefined && (owner.metadata.finalizers ?? []).includes(foreground);
    return waiting ? 'waiting' : 'there';
  }

  #orphanDependents(bucket: string, owner: KubeObject): void {
    for (const { place, object } of this.#dependentsOf(owner)) {
      const ownerReferences = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
      this.#put(place.bucket, object, { ownerReferences });
    }
    this.#release(bucket, owner, orphan);
  }

  #waitForDependents(bucket: string, owner: KubeObject): void {
    const dependents = this.#dependentsOf(owner);
    for (const { place } of dependents) this.#loop.add(idOf(place));
    const blocks = ({ object }: { object: KubeObject }): boolean =>
      (object.metadata.ownerReferences ?? []).some(
        ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
      );
    if (!dependents.some(blocks)) this.#release(bucket, owner, foreground);
  }

  #dependentsOf(owner: KubeObject): { place: Place; object: KubeObject }[] {
    return [...(this.#dependents.get(owner.metadata.uid)?.values() ?? [])].flatMap((place) => {
      const object = this.#cluster.store.get(place.bucket, place.key);
      return object === undefined ? [] : [{ place, object }];
    });
  }

  #release(bucket: string, object: KubeObject, finalizer: string): void {
    const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    const released = { ...object, metadata: { ...object.metadata, finalizers } };
    if (isReleased(released)) {
      this.#cluster.store.remove(bucket, objectKey(object.metadata.namespace ?? '', object.metadata.name));
    } else {
      this.#put(bucket, object, { finalizers });
    }
  }

  #put(
    bucket: string,
    object: KubeObject,
    metadata: Pick<KubeObject['metadata'], 'finalizers' | 'ownerReferences'>,
  ): void {
    const next = Object.fromEntries(
      Object.entries({ ...object.metadata, ...metadata }).filter(
        ([, value]) => !Array.isArray(value) || value.length > 0,
      ),
    );
    const resource = this.#cluster.registry.ofKind(object.apiVersion, object.kind);
    const tracked = trackUpdate(
      object,
      { ...object, metadata: next },
      {
        manager: 'kube-controller-manager',
        apiVersion: object.apiVersion,
        time: timestamp(this.#cluster.now()),
        schema: resource?.schema,
      },
    );
    this.#cluster.store.put(bucket, tracked as KubeObject);
  }
}

const idOf = ({ bucket, key }: Place): string => `${bucket}/${key}`;

function placeOf(id: string): Place {
  const at = id.indexOf('/');
  return { bucket: id.slice(0, at), key: id.slice(at + 1) };
}
