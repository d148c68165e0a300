import { createHash } from 'node:crypto';
import {
  annotations,
  apiVersionOf,
  conditionTypes,
  labels,
  setCondition,
  typeMeta,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { objectName } from '@kasmcloud/oam';
import { isListable } from './host-object.ts';
import type { Inventory } from './sighting.ts';

/** An Actor or Provider that stands for what a legacy host runs without anybody in Kubernetes having asked for it. */
export type Observed = ActorObject | ProviderObject;

/** Whether the repeater wrote it for what it saw: no wish of anybody, only a fact. */
export const isObserved = ({ metadata }: Observed): boolean => metadata.labels?.[labels.observed] !== undefined;

/** So many objects stand for one host; the rest of a longer inventory is only counted. */
const MAX_OBSERVED = 1_000;
/** Bound of an Actor's schema: more at once is no bound at all. */
const MAX_INSTANCES = 1_000_000;
const MAX_ANNOTATIONS = 32;
/** Kubernetes takes 256 KiB of annotations on an object, and a host may say as much of each of a thousand things. */
const MAX_ANNOTATION_BYTES = 16_384;
const LONGEST_PREFIX = 150;

export interface ObservedWish {
  readonly objects: readonly Observed[];
  /** Why not everything that the host runs has an object. */
  readonly faults: readonly string[];
}

/**
 * What is to stand in the host's member for the inventory. Ids that somebody has a wish for (`wished`, an Actor or Provider
 * on this host that is not observed) are left out: that object stands for them.
 *
 * @param now RFC 3339, for conditions that are new
 */
export function observedObjects(
  host: HostObject,
  lattice: string,
  { components, providers }: Inventory,
  wished: { readonly actors: ReadonlySet<string>; readonly providers: ReadonlySet<string> },
  now: string,
): ObservedWish {
  const shownComponents = uniqueById(components).filter(isListable);
  const shownProviders = uniqueById(providers).filter(isListable);
  const actors = shownComponents
    .filter(({ id }) => !wished.actors.has(id))
    .map(({ id, image_ref, max_instances, annotations: said }): ActorObject => {
      const instances = Math.min(max_instances, MAX_INSTANCES);
      const spec = { hostName: host.metadata.name, id, image: imageOf(image_ref), instances };
      const status = { instances, image: image_ref, conditions: readyAt(now) };
      return { ...typeMeta(WasmCloudActor), metadata: metadataOf(host, lattice, id, said), spec, status };
    });
  const others = shownProviders
    .filter(({ id }) => !wished.providers.has(id))
    .map(({ id, image_ref, annotations: said }): ProviderObject => {
      const spec = { hostName: host.metadata.name, id, image: imageOf(image_ref) };
      const status = { conditions: readyAt(now) };
      return { ...typeMeta(WasmCloudProvider), metadata: metadataOf(host, lattice, id, said), spec, status };
    });
  const objects = [...actors, ...others];
  const unnamed = components.length + providers.length - shownComponents.length - shownProviders.length;
  return {
    objects: objects.slice(0, MAX_OBSERVED),
    faults: [
      ...(unnamed > 0 ? [`${unnamed} of what it runs have an id twice, or one that is no name in Kubernetes`] : []),
      ...(objects.length > MAX_OBSERVED ? [`it runs more than the ${MAX_OBSERVED} things that are shown`] : []),
    ],
  };
}

const uniqueById = <T extends { readonly id: string }>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [one.id, one])).values(),
];

/** A provider may run without anybody having said where it comes from; the schema wants a word. */
const imageOf = (reference: string | undefined): string =>
  reference === undefined || reference === '' ? 'unknown' : reference;

/** The same host and id always give the same name. */
export const observedName = (hostName: string, id: string): string =>
  `${objectName(id).slice(0, LONGEST_PREFIX)}-${createHash('sha256').update(`${id}@${hostName}`).digest('hex').slice(0, 10)}`;

function metadataOf(
  { metadata: { name, uid } }: HostObject,
  namespace: string,
  id: string,
  said: Readonly<Record<string, string>> | null | undefined,
): Observed['metadata'] {
  const told = JSON.stringify(Object.fromEntries(Object.entries(said ?? {}).slice(0, MAX_ANNOTATIONS)));
  return {
    name: observedName(name, id),
    namespace,
    labels: { [labels.observed]: '' },
    ...(told !== '{}' &&
      Buffer.byteLength(told) <= MAX_ANNOTATION_BYTES && { annotations: { [annotations.latticeAnnotations]: told } }),
    // When the host's object goes, what it ran goes with it.
    ...(uid !== undefined && {
      ownerReferences: [{ apiVersion: apiVersionOf(WasmCloudHost), kind: WasmCloudHost.kind, name, uid }],
    }),
  };
}

const readyAt = (now: string): NonNullable<ActorObject['status']>['conditions'] =>
  setCondition(
    [],
    { type: conditionTypes.ready, status: 'True', reason: 'Observed', message: 'the host says that it runs this' },
    now,
  );
