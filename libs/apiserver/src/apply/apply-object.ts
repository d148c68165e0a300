import { get, isObject, sameJson } from '../schema/json.ts';
import type { JsonObject } from '../schema/json.ts';
import { compare } from './compare.ts';
import { difference, intersection, isEmpty, noFields, paths, printPath, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { clientAppliedFields, withLastApplied } from './last-applied.ts';
import { ApplyError, mergeApplied } from './merge.ts';
import {
  describeManager,
  dropEmpty,
  managerOf,
  readManagers,
  withManagers,
  withoutManagedFields,
  withoutServerFields,
} from './managers.ts';
import type { Managers } from './managers.ts';
import { ownedFields, removeFields, withNamedParents } from './owned.ts';
import { rootPlace } from './shape.ts';
import type { Place } from './shape.ts';
import { takeChanges, updateManagers } from './track-update.ts';
import type { FieldManagerContext } from './track-update.ts';

/** Fields that another manager owns and that the applied configuration would change. */
export interface ApplyConflict {
  manager: string;
  /** the manager as kubectl prints it: `"kubectl-edit" using apps/v1` */
  description: string;
  /** paths as kubectl prints them: `.spec.replicas`, `.spec.list[name="x"].value` */
  fields: string[];
}

export type ApplyResult = { object: JsonObject } | { conflicts: ApplyConflict[] };

/** The manager of what was there before the first apply. */
const beforeFirstApply = 'before-first-apply';

/** What the server alone sets is never taken from a configuration. */
const serverMetadata = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
];

/**
 * Server-side apply: lays `applied` over `live`, takes away what this manager applied before, does not apply now and nobody
 * else owns, and records the owners. An apply that changes nothing gives an object deep-equal to `live`.
 * `applied` must be pruned, and hold only what the request may change (the main resource no status).
 * Without `force`, a change of a field of another manager is a conflict; with it, the field changes hands.
 * @throws ApplyError when a list of `applied` names an item twice or without its keys, or `live.metadata.managedFields` cannot be read
 */
export function applyObject(
  live: JsonObject | undefined,
  applied: JsonObject,
  ctx: FieldManagerContext & { force: boolean },
): ApplyResult {
  const configuration = withoutServerMetadata(applied);
  const result = applyOnce(live, configuration, ctx, ctx.force ? 'all' : noFields);
  if (ctx.manager !== 'kubectl' || live === undefined) return result;
  if ('object' in result) return { object: withLastApplied(result.object, configuration) };
  const allowed = clientAppliedFields(withoutManagedFields(live), ctx.apiVersion, ctx.schema);
  const retried = applyOnce(live, configuration, ctx, allowed);
  return 'object' in retried ? { object: withLastApplied(retried.object, configuration) } : retried;
}

/** @param mayTake the fields of others that the apply may take without a conflict */
function applyOnce(
  live: JsonObject | undefined,
  configuration: JsonObject,
  ctx: FieldManagerContext,
  mayTake: FieldSet | 'all',
): ApplyResult {
  const place = rootPlace(ctx.schema);
  const old = live === undefined ? {} : withoutManagedFields(live);
  const managers = startingManagers(live, ctx);
  const entry = managerOf({
    name: ctx.manager || 'unknown',
    operation: 'Apply',
    apiVersion: ctx.apiVersion,
    subresource: ctx.subresource ?? '',
    time: ctx.time,
    fields: ownedFields(place, configuration),
  });
  const { id } = entry;
  const last = managers.get(id);
  const claimed = new Map(managers).set(id, entry);

  const merged = mergeApplied(place, old, configuration);
  const pruned = prune(place, merged, claimed, last?.fields ?? noFields);
  // Where everything else went, an applied null or empty object now stands alone: laid over again, it shows.
  const next = pruned === merged ? merged : mergeApplied(place, pruned, configuration);
  if (!isObject(next)) throw new ApplyError('the applied configuration must be an object');
  const after = new Map(claimed);
  // Who is alone can be in nobody's way.
  if (claimed.size > 1) {
    const changes = compare(place, old, next);
    const taken = union(changes.added, changes.modified);
    const conflicts = mayTake === 'all' ? [] : findConflicts(claimed, id, taken, mayTake);
    if (conflicts.length > 0) return { conflicts };
    for (const [other, manager] of takeChanges(claimed, changes, id)) after.set(other, manager);
  }
  const fields = withoutServerFields(entry.fields);
  // The time is that of the last change of the object, and not of who else wants it as it is.
  after.set(id, { ...entry, fields, time: sameJson(old, next) ? (last?.time ?? '') : ctx.time });
  return { object: withManagers(next, dropEmpty(after), live) };
}

/** The managers of the live object. Before the first apply nobody may be known: then all that is there has one manager. */
function startingManagers(live: JsonObject | undefined, ctx: FieldManagerContext): Managers {
  const managers = readManagers(live);
  if (managers === undefined) throw new ApplyError('failed to decode metadata.managedFields of the live object');
  if (live === undefined || managers.size > 0) return managers;
  const { subresource: _, ...main } = ctx;
  return updateManagers(managers, {}, live, { ...main, manager: beforeFirstApply });
}

/** Removes what the manager applied last time, does not apply now, and nobody else owns. */
function prune(place: Place, merged: unknown, managers: Managers, last: FieldSet): unknown {
  if (isEmpty(last)) return merged;
  const named = (set: FieldSet): FieldSet => withNamedParents(place, set);
  const everyones = [...managers.values()].reduce((all, { fields }) => union(all, fields), noFields);
  const all = named(ownedFields(place, merged));
  const withoutLast = named(ownedFields(place, removeFields(place, merged, named(last))));
  const unowned = difference(all, union(withoutLast, named(everyones)));
  const kept = named(ownedFields(place, removeFields(place, merged, unowned)));
  return removeFields(place, merged, intersection(difference(all, kept), named(last)));
}

function findConflicts(managers: Managers, own: string, changed: FieldSet, mayTake: FieldSet): ApplyConflict[] {
  const conflicts = [...managers].flatMap(([id, manager]) => {
    const fields = id === own ? noFields : difference(intersection(manager.fields, changed), mayTake);
    if (isEmpty(fields)) return [];
    const printed = paths(fields).map((path) => printPath(path));
    return [{ manager: manager.name, description: describeManager(manager), fields: printed.toSorted() }];
  });
  return conflicts.toSorted((a, b) => (a.description < b.description ? -1 : 1));
}

function withoutServerMetadata(applied: JsonObject): JsonObject {
  const metadata = get(applied, 'metadata');
  if (!isObject(metadata)) return applied;
  const kept = Object.entries(metadata).filter(([name]) => !serverMetadata.includes(name));
  return { ...applied, metadata: Object.fromEntries(kept) };
}
