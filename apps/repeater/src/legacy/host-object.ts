import {
  annotations,
  conditionTypes,
  findCondition,
  type ConditionUpdate,
  type HostObject,
  type HostSpec,
  type HostStatus,
} from '@kasmcloud/kube-api';
import { capacityOf } from './capacity.ts';
import { ownLabels, withoutMarks } from './own-labels.ts';
import type { Sighting } from './sighting.ts';

/** Bounds of the WasmCloudHost schema: what a stranger reports must fit, or the whole host could not be written. */
const MAX_LABELS = 64;
const MAX_LISTED = 5_000;
/** Of each list: etcd takes an object of 1.5 MiB. */
const MAX_LISTED_BYTES = 400_000;
const MAX_VERSION = 128;
const MAX_NAME = 253;
const MAX_IMAGE = 1_024;

/** A start time that differs by less is the same: another repeater may have worked it out. */
const START_TOLERANCE_MS = 5_000;

/** Name of the WasmCloudHost that stands for a legacy host. */
export const hostNameOf = (hostId: string): string => hostId.toLowerCase();

/**
 * What the WasmCloudHost says of the host; the rest of the spec (cordon, taints) belongs to users, and so do other labels.
 * Which labels are the host's is written together with them, so that no other label is ever taken for one of these.
 */
export function desiredHost({ id, lattice, labels }: Sighting): {
  metadata: { name: string; labels: Record<string, string>; annotations: Record<string, string> };
  spec: Pick<HostSpec, 'lattices'>;
} {
  const own = placementLabels(ownLabels(labels));
  return {
    metadata: { name: hostNameOf(id), labels: own, annotations: { [annotations.hostLabels]: JSON.stringify(own) } },
    spec: { lattices: [lattice] },
  };
}

/** Whether the object says already what `desiredHost` does. Labels of other writers do not matter. */
export function isAsDesired(object: HostObject, sighting: Sighting): boolean {
  const { metadata, spec } = desiredHost(sighting);
  return (
    object.metadata.annotations?.[annotations.hostLabels] === metadata.annotations[annotations.hostLabels] &&
    Object.entries(metadata.labels).every(([key, value]) => object.metadata.labels?.[key] === value) &&
    object.spec.lattices?.length === 1 &&
    object.spec.lattices[0] === spec.lattices?.[0]
  );
}

export interface DesiredStatus {
  readonly fields: { readonly [Field in keyof HostStatus]?: HostStatus[Field] };
  readonly conditions: readonly ConditionUpdate[];
}

/**
 * What the status of the object becomes. Null values in maps remove what is no longer so. `faults` are what is wrong with the
 * host besides what the sighting shows itself.
 */
export function desiredStatus(object: HostObject, sighting: Sighting, faults: readonly string[] = []): DesiredStatus {
  const { id, lattice, friendlyName, version, labels, inventory } = sighting;
  const components = inventory?.components ?? [];
  const providers = inventory?.providers ?? [];
  return {
    fields: {
      hostId: id,
      runtime: 'wasmcloud',
      version: version.slice(0, MAX_VERSION),
      friendlyName: friendlyName.slice(0, MAX_NAME),
      lattice,
      allocatable: replacing(object.status?.allocatable ?? {}, capacityOf(object.metadata.annotations ?? {}, labels)),
      labels: replacing(object.status?.labels ?? {}, reportedLabels(withoutMarks(labels))),
      ...startedAt(object, sighting),
      ...(inventory !== undefined && {
        actors: components.length,
        providers: providers.length,
        instances: components.reduce(
          (sum, { max_instances }) => Math.min(sum + max_instances, Number.MAX_SAFE_INTEGER),
          0,
        ),
        inventory: {
          components: thatFit(
            components
              .filter(isListable)
              .map(({ id, image_ref, max_instances }) => ({ id, image: image_ref, instances: max_instances })),
          ),
          providers: thatFit(
            providers
              .filter(isListable)
              .map(({ id, image_ref }) => ({ id, ...(image_ref !== undefined && { image: image_ref }) })),
          ),
        },
      }),
    },
    conditions: [ready(object, sighting), ...degraded(object, [...rivalry(sighting), ...faults])],
  };
}

const rivalry = ({ rivals }: Sighting): string[] =>
  rivals.length === 0
    ? []
    : [
        `other hosts answer under the same id: ${rivals.map((name) => name.slice(0, 100)).join(', ')}; give each its own key`,
      ];

/** Told while something is wrong, and once when it is over. */
function degraded({ status }: HostObject, faults: readonly string[]): ConditionUpdate[] {
  const before = findCondition(status?.conditions, conditionTypes.degraded);
  if (faults.length === 0 && before?.status !== 'True') return [];
  return [
    {
      type: conditionTypes.degraded,
      status: faults.length === 0 ? 'False' : 'True',
      reason: faults.length === 0 ? 'AsExpected' : 'NotAsExpected',
      message: faults.join('; '),
    },
  ];
}

const ready = ({ metadata }: HostObject, { stopped }: Sighting): ConditionUpdate => ({
  type: conditionTypes.ready,
  status: stopped ? 'False' : 'True',
  reason: stopped ? 'HostStopped' : 'HostAlive',
  message: stopped ? 'the host said that it stops' : 'the host answers on its lattice',
  ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
});

function startedAt({ status }: HostObject, sighting: Sighting): { startedAt?: string } {
  const known = status?.startedAt === undefined ? Number.NaN : Date.parse(status.startedAt);
  if (Math.abs(known - sighting.startedAt.now) < START_TOLERANCE_MS) return {};
  const start = new Date(sighting.startedAt.now);
  // An uptime of a million years is a number, but its beginning is no date.
  return Number.isNaN(start.getTime()) ? {} : { startedAt: start.toISOString() };
}

/** Whether what a host says that it runs can be named in Kubernetes. */
export const isListable = ({ id, image_ref }: { id: string; image_ref?: string | undefined }): boolean =>
  /^[A-Za-z0-9_-]{1,128}$/.test(id) && (image_ref ?? '').length <= MAX_IMAGE;

/** As much of what runs as there is room for in the object. */
function thatFit<T>(all: readonly T[]): T[] {
  let room = MAX_LISTED_BYTES;
  const end = all.slice(0, MAX_LISTED).findIndex((one) => (room -= Buffer.byteLength(JSON.stringify(one))) < 0);
  return all.slice(0, end === -1 ? MAX_LISTED : end);
}

const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_PREFIX = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
/** These come from the scheduler and the cluster, never from a host. */
const RESERVED_PREFIX = /(^|\.)(kasmcloud|kubernetes|k8s)\.io$/;

const isLabelKey = (key: string): boolean => {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  if (!LABEL_NAME.test(name) || parts.length > 1) return false;
  const [prefix] = parts;
  return prefix === undefined || (LABEL_PREFIX.test(prefix) && !RESERVED_PREFIX.test(prefix));
};

/** Labels that Kubernetes allows, and that a host may give itself: placement chooses by them. */
export const placementLabels = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(reportedLabels(labels)).filter(
      ([key, value]) => isLabelKey(key) && (value === '' || LABEL_NAME.test(value)),
    ),
  );

const reportedLabels = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels)
      .filter(([key, value]) => key.length > 0 && key.length <= 317 && value.length <= 63)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, MAX_LABELS),
  );

// A merge patch keeps the keys that it does not name.
const replacing = (
  before: Readonly<Record<string, unknown>>,
  after: Record<string, string>,
): Record<string, string> => {
  const gone = Object.keys(before).filter((key) => !(key in after));
  // Null is how a merge patch removes; the type of a status has no word for it.
  return { ...after, ...(Object.fromEntries(gone.map((key) => [key, null])) as unknown as Record<string, string>) };
};
