import {
  conditionTypes,
  fieldManagers,
  labels,
  setCondition,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudPlacement,
  WasmCloudProvider,
  type ActorObject,
  type DistributionObject,
  type Kind,
  type KubeObject,
  type PlacementObject,
  type PlacementStatus,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { InvalidError, type KubeClient } from '@kasmcloud/kube';
import { findRevision } from '../history/revisions.ts';
import { contentIn, templateOf, type Content } from '../history/template.ts';
import { shareOf } from '../plan/facts.ts';
import { revisionOf } from '../plan/revision.ts';
import { copyConfig } from './config-copy.ts';
import {
  desiredWorkloads,
  isUpToDate,
  MANAGED_BY,
  namedConfig,
  namedSecrets,
  revisionsIn,
  type Contents,
  withSecrets,
  type DesiredWorkloads,
  type Workload,
} from './desired.ts';
import { isCarriedSecretName } from './names.ts';
import { ensureLatticeNamespace } from './namespace.ts';
import { carrySecrets, dropSecrets } from './secret-copy.ts';
import { sideBySide } from '../side-by-side.ts';
import { sameJson } from '../same-json.ts';
import { refusalOf, RefusedWriteError } from './refused.ts';
import { foreignManagers, type Repair } from './repair.ts';
import { endUnwanted, kindOf, takeOver, underStandingNames } from './take-over.ts';

export interface WriteTarget {
  readonly hub: KubeClient;
  readonly member: KubeClient;
  /** Labels of the member's WasmCloudCluster: overrides look at them. */
  readonly clusterLabels: Readonly<Record<string, string>>;
  /** Whether Secrets are carried into this member. */
  readonly carriesSecrets: boolean;
  /** What tells this hub from others, for namespaces that are made. */
  readonly hubId: string;
  /** Whether it is known that something of a lattice is placed in a cluster. */
  readonly isInUse: (cluster: string, namespace: string) => boolean;
  /** What others than us started in a lattice of this member. */
  readonly guestsOf: (namespace: string) => readonly Workload[];
  /** What was started of a Distribution in this member over NATS, and is not taken over yet. */
  readonly adoptableFor: (distribution: DistributionObject) => readonly (ActorObject | ProviderObject)[];
  /** A Distribution as a watch brought it: perhaps not the newest. */
  readonly known: (distribution: string) => DistributionObject | undefined;
  /** RFC 3339. */
  readonly now: () => string;
}

/** What a writer did, for logs and metrics. */
export interface WriteOutcome {
  readonly applied: number;
  readonly deleted: number;
  readonly unchanged: number;
  /** What others had changed. */
  readonly repairs: readonly Repair[];
  /** The decision is being replaced by a newer one, or its Distribution changed since: nothing was written. */
  readonly superseded: boolean;
}

/** Requests of one job that are under way at once. */
const AT_ONCE = 8;

const superseded: WriteOutcome = { applied: 0, deleted: 0, unchanged: 0, repairs: [], superseded: true };

/**
 * Makes one Placement true in its member. Reads the world again, writes the difference, and tells the applied epoch;
 * may stop between any two lines and be run again by anyone.
 */
export async function writePlacement(
  target: WriteTarget,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const { hub } = target;
  const placement = await hub.find<PlacementObject>(WasmCloudPlacement, name, namespace, { signal });
  if (placement === undefined) return superseded;
  const distribution = await distributionOf(target, placement, signal);
  const contents = distribution && (await contentsOf(target, distribution, placement, signal));
  const wanted =
    distribution === undefined || contents === undefined
      ? { workloads: [], untouched: new Set<string>() }
      : desiredWorkloads(distribution, placement, contents);
  const adoptable = distribution === undefined ? [] : target.adoptableFor(distribution);
  try {
    const outcome = await write(target, placement, { ...wanted, adoptable }, signal);
    if (!outcome.superseded) await tellApplied(target, placement, signal);
    return outcome;
  } catch (error) {
    if (error instanceof RefusedWriteError) await tellRefused(target, placement, error, signal);
    throw error;
  }
}

/** What is known will do when it says what was decided about; only the hub can say that it is gone. */
async function distributionOf(
  { hub, known }: WriteTarget,
  { metadata, spec }: PlacementObject,
  signal: AbortSignal,
): Promise<DistributionObject | undefined> {
  const { namespace = '' } = metadata;
  const here = known(`${namespace}/${spec.distribution}`);
  if (here !== undefined && here.metadata.deletionTimestamp === undefined && revisionOf(here.spec) === spec.revision)
    return here;
  return hub.find<DistributionObject>(WasmCloudDistribution, spec.distribution, namespace, { signal });
}

/** What runs where: the Distribution says the revision of its spec, the history all others. */
async function contentsOf(
  { hub, clusterLabels }: WriteTarget,
  { metadata, spec }: DistributionObject,
  placement: PlacementObject,
  signal: AbortSignal,
): Promise<Contents> {
  const contents = new Map<string, Content | undefined>();
  const now = revisionOf(spec);
  for (const revision of revisionsIn(placement)) {
    const template = revision === now ? templateOf(spec) : await findRevision(hub, metadata, revision, signal);
    contents.set(revision, template && contentIn(template, clusterLabels));
  }
  return contents;
}

async function write(
  { hub, member, hubId, carriesSecrets }: WriteTarget,
  placement: PlacementObject,
  {
    workloads: decided,
    untouched,
    adoptable,
  }: DesiredWorkloads & { readonly adoptable: ReturnType<WriteTarget['adoptableFor']> },
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const namespace = placement.metadata.namespace ?? '';
  const { distribution, cluster } = placement.spec;
  const carriage = { hub, member, namespace, distribution, cluster };
  const carries = carriesSecrets && member !== hub;
  let carried: ReadonlyMap<string, string> = new Map();
  if (decided.length > 0) {
    await ensureLatticeNamespace(member, { name: namespace, hubId }, signal);
    await copyConfig(hub, member, namespace, namedConfig(decided, []), signal);
    if (carries) carried = await carrySecrets(carriage, namedSecrets(decided), signal);
  }
  const standing = await listWorkloads(member, namespace, placement, signal);
  const workloads = underStandingNames(
    decided.map((workload) => withSecrets(workload, carried)),
    [...standing.values()].map(({ object }) => object),
    adoptable,
  );
  const repairs: Repair[] = [];
  const outcome = { applied: 0, deleted: 0, unchanged: 0, repairs, superseded: false };
  // Everything was there once: what is missing now was taken away.
  const wasWhole = placement.status?.appliedEpoch === placement.spec.epoch;
  await sideBySide(workloads, AT_ONCE, async (workload) => {
    const kind = kindOf(workload);
    const { name } = workload.metadata;
    const before = standing.get(keyOf(kind, name))?.object;
    if (outcome.superseded) return;
    const guest = before === undefined ? adoptable.find(({ metadata }) => metadata.name === name) : undefined;
    if (guest !== undefined) await takeOver(member, guest, signal);
    if (isUpToDate(before, workload)) outcome.unchanged += 1;
    else if (await applyWorkload(member, kind, workload, signal)) {
      outcome.applied += 1;
      const managers = before === undefined ? [] : foreignManagers(before);
      if (managers.length > 0 || (before === undefined && wasWhole)) repairs.push({ kind: kind.kind, name, managers });
    } else outcome.superseded = true;
  });
  if (outcome.superseded) return superseded;
  const keep = new Set(workloads.map((workload) => keyOf(kindOf(workload), workload.metadata.name)));
  const over = [...standing].filter(([key, { object }]) => !keep.has(key) && !untouched.has(shareOf(object).host));
  // The API server refuses an older write by its epoch, but an older delete only we can tell.
  if (over.some(([, { object }]) => epochOf(object) > placement.spec.epoch)) return superseded;
  await sideBySide(over, AT_ONCE, async ([, { kind, object }]) => {
    const { name, uid, resourceVersion } = object.metadata;
    if (await member.delete(kind, name, namespace, { uid, resourceVersion, signal })) outcome.deleted += 1;
  });
  const wantedOn = new Set([...workloads.map((one) => shareOf(one).host), ...untouched]);
  const unwanted = adoptable.filter(({ spec }) => !wantedOn.has(spec.hostName));
  outcome.deleted += await endUnwanted(member, unwanted, distribution, signal);
  const copies = [...standing.values()].some(({ object }) => namesCopy(object, distribution));
  // What is left alone still uses its own.
  if ((copies || carried.size > 0) && untouched.size === 0)
    await dropSecrets(carriage, new Set(carried.values()), signal);
  return outcome;
}

/** Whether a workload uses a Secret that was carried for its Distribution. */
function namesCopy({ spec }: KubeObject, distribution: string): boolean {
  const names: unknown = typeof spec === 'object' && spec !== null && 'secrets' in spec ? spec.secrets : undefined;
  return Array.isArray(names) && names.some((name) => isCarriedSecretName(String(name), distribution));
}

const epochOf = ({ spec }: KubeObject): number =>
  typeof spec === 'object' && spec !== null && 'epoch' in spec ? Number(spec.epoch) : 0;
const keyOf = (kind: Kind, name: string): string => `${kind.plural}/${name}`;

async function listWorkloads(
  member: KubeClient,
  namespace: string,
  { spec }: PlacementObject,
  signal: AbortSignal,
): Promise<Map<string, { kind: Kind; object: Workload }>> {
  const labelSelector = `${labels.distribution}=${spec.distribution},${labels.managedBy}=${MANAGED_BY}`;
  const found = new Map<string, { kind: Kind; object: Workload }>();
  for (const kind of [WasmCloudActor, WasmCloudProvider]) {
    const { items } = await member.list<Workload>(kind, { namespace, labelSelector, signal });
    for (const object of items) found.set(keyOf(kind, object.metadata.name), { kind, object });
  }
  return found;
}

/** False when the member holds a newer decision: its own rule on `spec.epoch` refused this one. */
async function applyWorkload(
  member: KubeClient,
  kind: Kind,
  workload: Workload,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const applied = await member.apply(kind, workload, { fieldManager: fieldManagers.writer, force: true, signal });
    // An apply leaves what somebody else has added.
    if (!isUpToDate(applied, workload))
      await member.replace(kind, { ...applied, spec: workload.spec }, { fieldManager: fieldManagers.writer, signal });
    return true;
  } catch (error) {
    const old =
      error instanceof InvalidError && error.causes.some(({ message }) => message?.includes('epoch never falls'));
    if (old) return false;
    throw refusalOf(error);
  }
}

const tellApplied = (target: WriteTarget, placement: PlacementObject, signal: AbortSignal): Promise<void> =>
  patchStatus(target, placement, signal, {
    appliedEpoch: placement.spec.epoch,
    conditions: setCondition(
      placement.status?.conditions,
      {
        type: conditionTypes.applied,
        status: 'True',
        reason: 'Applied',
        message: '',
        ...(placement.metadata.generation !== undefined && { observedGeneration: placement.metadata.generation }),
      },
      target.now(),
    ),
  });

const tellRefused = (
  target: WriteTarget,
  placement: PlacementObject,
  { reason, message }: RefusedWriteError,
  signal: AbortSignal,
): Promise<void> =>
  patchStatus(target, placement, signal, {
    conditions: setCondition(
      placement.status?.conditions,
      { type: conditionTypes.applied, status: 'False', reason, message },
      target.now(),
    ),
  });

async function patchStatus(
  { hub }: WriteTarget,
  placement: PlacementObject,
  signal: AbortSignal,
  status: PlacementStatus,
): Promise<void> {
  const merged = { ...placement.status, ...status };
  if (sameJson(merged, placement.status ?? {})) return;
  const { name, namespace } = placement.metadata;
  const patch = { status };
  await hub.patch(WasmCloudPlacement, name, namespace, patch, { type: 'merge', subresource: 'status', signal });
}
