import { isDeepStrictEqual } from 'node:util';
import {
  conditionTypes,
  fieldManagers,
  isConditionTrue,
  WasmCloudActor,
  WasmCloudProvider,
  type HostObject,
  type Kind,
} from '@kasmcloud/kube-api';
import { AlreadyExistsError, ConflictError } from '@kasmcloud/kube';
import type { Member } from '../members/member.ts';
import { isObserved, observedObjects, type Observed, type ObservedWish } from './observed.ts';
import type { Sighting } from './sighting.ts';

/** Requests for one host that are under way at once. */
const AT_ONCE = 4;

export interface ObservedPlan {
  readonly write: readonly { readonly wanted: Observed; readonly before: Observed | undefined }[];
  readonly remove: readonly Observed[];
  readonly faults: readonly string[];
  /** False while something else in the member must change before what runs can be shown. */
  readonly isPossible: boolean;
}

export interface Showing {
  /** False: nothing is to stand for what runs there. */
  readonly showsWorkloads: boolean;
  /** RFC 3339. */
  readonly now: string;
}

/** What has to be written so that the member shows what the host runs; nothing while that is not known. */
export function planObserved(
  member: Member,
  host: HostObject,
  sighting: Sighting,
  { showsWorkloads, now }: Showing,
): ObservedPlan {
  const { lattice, inventory } = sighting;
  const nothing = { write: [], remove: [], faults: [], isPossible: true };
  if (inventory === undefined) return nothing;
  if (!member.hasLattice(lattice)) {
    const fault = `member ${member.name} has no namespace ${lattice} with the lattice label: what it runs is not shown`;
    return { ...nothing, faults: [fault], isPossible: false };
  }
  const { name } = host.metadata;
  const standing = [...member.actorsOn(lattice, name), ...member.providersOn(lattice, name)];
  if (!showsWorkloads) return { ...nothing, remove: standing.filter(isObserved) };
  const wish = observedObjects(host, lattice, inventory, wishedIds(standing), now);
  return { ...difference(standing, wish), faults: wish.faults, isPossible: true };
}

function wishedIds(standing: readonly Observed[]): { actors: Set<string>; providers: Set<string> } {
  const wished = { actors: new Set<string>(), providers: new Set<string>() };
  for (const one of standing)
    if (!isObserved(one)) (one.kind === WasmCloudActor.kind ? wished.actors : wished.providers).add(one.spec.id);
  return wished;
}

function difference(standing: readonly Observed[], { objects }: ObservedWish): Pick<ObservedPlan, 'write' | 'remove'> {
  const left = new Map(standing.filter(isObserved).map((one) => [idOf(one), one]));
  const write = [];
  for (const wanted of objects) {
    const before = left.get(idOf(wanted));
    left.delete(idOf(wanted));
    if (before === undefined || !says(before, wanted)) write.push({ wanted, before });
  }
  return { write, remove: [...left.values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined) };
}

const idOf = ({ kind, metadata }: Observed): string => `${kind}/${metadata.name}`;

function says(before: Observed, wanted: Observed): boolean {
  return hasSpec(before, wanted) && hasStatus(before, wanted);
}

const hasSpec = ({ metadata, spec }: Observed, wanted: Observed): boolean =>
  isDeepStrictEqual(spec, wanted.spec) &&
  Object.entries(wanted.metadata.annotations ?? {}).every(([key, value]) => metadata.annotations?.[key] === value);

function hasStatus({ status = {} }: Observed, wanted: Observed): boolean {
  const { conditions: _, ...facts } = wanted.status ?? {};
  const told = { ...status };
  return (
    isConditionTrue(status.conditions, conditionTypes.ready) &&
    Object.entries(facts).every(([field, value]) =>
      Object.entries(told).some(([key, is]) => key === field && is === value),
    )
  );
}

/** Makes the plan true. An object that another writer made meanwhile is looked at again with the next change. */
export async function writeObserved(member: Member, plan: ObservedPlan, signal: AbortSignal): Promise<void> {
  const work = [
    ...plan.remove.map((object) => async () => remove(member, object, signal)),
    ...plan.write.map(
      ({ wanted, before }) =>
        async () =>
          write(member, wanted, before, signal),
    ),
  ];
  const take = async (): Promise<void> => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) await next();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}

const kindOf = ({ kind }: Observed): Kind => (kind === WasmCloudActor.kind ? WasmCloudActor : WasmCloudProvider);

async function write(
  { client }: Member,
  wanted: Observed,
  before: Observed | undefined,
  signal: AbortSignal,
): Promise<void> {
  const kind = kindOf(wanted);
  const options = { fieldManager: fieldManagers.repeater, signal };
  const { status, ...draft } = wanted;
  const { name, namespace } = wanted.metadata;
  try {
    let standing = before;
    if (before === undefined) standing = await client.create<Observed>(kind, draft, options);
    else if (!hasSpec(before, wanted)) {
      const { resourceVersion } = before.metadata;
      const { annotations } = wanted.metadata;
      const patch = {
        metadata: { resourceVersion, ...(annotations !== undefined && { annotations }) },
        spec: wanted.spec,
      };
      standing = await client.patch<Observed>(kind, name, namespace, patch, { ...options, type: 'merge' });
    }
    if (standing !== undefined && !hasStatus(standing, wanted))
      await client.patchStatus(
        kind,
        { metadata: { name, ...(namespace !== undefined && { namespace }) } },
        status ?? {},
        options,
      );
  } catch (error) {
    if (!(error instanceof AlreadyExistsError) && !(error instanceof ConflictError)) throw error;
  }
}

async function remove({ client }: Member, object: Observed, signal: AbortSignal): Promise<void> {
  const { name, namespace, uid } = object.metadata;
  try {
    await client.delete(kindOf(object), name, namespace, { uid, signal });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
