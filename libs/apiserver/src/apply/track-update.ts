import type { JsonObject } from '../schema/json.ts';
import { compare } from './compare.ts';
import type { Comparison } from './compare.ts';
import { difference, isEmpty, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import {
  capUpdaters,
  dropEmpty,
  isReset,
  managerOf,
  readManagers,
  withManagers,
  withoutManagedFields,
  withoutServerFields,
} from './managers.ts';
import type { Manager, Managers } from './managers.ts';
import { rootPlace } from './shape.ts';

/** Who changes an object, through which version of it, and when. */
export interface FieldManagerContext {
  manager: string;
  /** group and version of the request: `kasmcloud.io/v1alpha1` */
  apiVersion: string;
  /** RFC 3339, in seconds */
  time: string;
  /** e.g. status; absent for the object itself */
  subresource?: string;
  /** openAPIV3Schema of the kind; undefined: objects are merged by field, lists are whole */
  schema: JsonObject | undefined;
  /** what an object of the kind holds when nothing is set: that much of a new object has no manager */
  unset?: JsonObject;
}

/**
 * `next` with the `metadata.managedFields` that follow from a create, update or patch: what changed belongs to the manager
 * now, to nobody else, and what is gone belongs to nobody. Fields of `next` that the request may not change must already
 * have their live values.
 * Source: k8s.io/apimachinery pkg/util/managedfields, sigs.k8s.io/structured-merge-diff merge.
 */
export function trackUpdate(live: JsonObject | undefined, next: JsonObject, ctx: FieldManagerContext): JsonObject {
  const own = ctx.subresource === undefined ? readManagers(next) : undefined;
  if (ctx.subresource === undefined && isReset(next)) return withoutManagedFields(next);
  const managers = own !== undefined && own.size > 0 ? own : (readManagers(live) ?? new Map<string, Manager>());
  // An object whose management was reset stays unmanaged until it is applied to.
  if (live !== undefined && managers.size === 0) return withoutManagedFields(next);
  return withManagers(next, updateManagers(managers, live ?? ctx.unset ?? {}, next, ctx), live);
}

/** The managers after the change from `live` to `next` by an updating manager. */
export function updateManagers(
  managers: Managers,
  live: JsonObject,
  next: JsonObject,
  ctx: FieldManagerContext,
): Managers {
  const changes = compare(rootPlace(ctx.schema), withoutManagedFields(live), withoutManagedFields(next));
  const result = new Map(dropEmpty(takeChanges(managers, changes)));
  const taken = withoutServerFields(union(changes.added, changes.modified));
  if (isEmpty(taken)) return result;
  const entry = updater(ctx, taken);
  const before = result.get(entry.id);
  result.set(entry.id, before === undefined ? entry : { ...entry, fields: union(before.fields, taken) });
  return capUpdaters(result);
}

/** Takes what was changed or removed from every manager but the given one. */
export function takeChanges(managers: Managers, changes: Comparison, except?: string): Managers {
  const changed = [changes.added, changes.modified, changes.removed];
  return new Map(
    [...managers].map(([id, manager]) => [
      id,
      id === except
        ? manager
        : { ...manager, fields: changed.reduce((fields, set) => difference(fields, set), manager.fields) },
    ]),
  );
}

function updater(ctx: FieldManagerContext, fields: FieldSet): Manager {
  const { manager, apiVersion, time, subresource = '' } = ctx;
  return managerOf({ name: manager || 'unknown', operation: 'Update', apiVersion, subresource, time, fields });
}
