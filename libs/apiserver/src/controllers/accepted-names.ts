import { type KubeObject, asObject, asStrings, qualifiedName, stringOr } from '../object.ts';
import type { Registry } from '../resources/registry.ts';
import type { JsonObject } from '../schema/json.ts';

/** Which names of a definition are its own now, and the last reason why some are not. */
export interface AcceptedNames {
  readonly accepted: JsonObject;
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

/**
 * Accepts each name that no other resource of the group has; one that it has not stays as it was accepted before.
 * Source: k8s.io/apiextensions-apiserver pkg/controller/status naming_controller.
 */
export function acceptNames(registry: Registry, crd: KubeObject): AcceptedNames {
  const spec = asObject(crd['spec']);
  const asked = asObject(spec['names']);
  const { resources, kinds } = namesOfOthers(registry, stringOr(spec['group'], ''), crd.metadata.name);
  const accepted: JsonObject = {
    ...asObject(asObject(crd['status'])['acceptedNames']),
    categories: asked['categories'],
  };
  let conflict: AcceptedNames['conflict'];
  const accept = (field: string, taken: ReadonlySet<string>, reason: string): void => {
    const inUse = (Array.isArray(asked[field]) ? asStrings(asked[field]) : [stringOr(asked[field], '')])
      .filter((name) => taken.has(name))
      .map((name) => `${JSON.stringify(name)} is already in use`);
    if (inUse.length === 0) accepted[field] = asked[field];
    else conflict = { reason, message: inUse.length === 1 ? (inUse[0] ?? '') : `[${inUse.join(', ')}]` };
  };
  accept('plural', resources, 'PluralConflict');
  accept('singular', resources, 'SingularConflict');
  accept('shortNames', resources, 'ShortNamesConflict');
  accept('kind', kinds, 'KindConflict');
  accept('listKind', kinds, 'ListKindConflict');
  const known = Object.entries(accepted).filter(([, value]) => value !== undefined);
  return { accepted: Object.fromEntries(known), conflict };
}

function namesOfOthers(
  registry: Registry,
  group: string,
  own: string,
): { resources: ReadonlySet<string>; kinds: ReadonlySet<string> } {
  const others = [...registry.all()].filter((other) => other.group === group && qualifiedName(other) !== own);
  return {
    resources: new Set(others.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames])),
    kinds: new Set(others.flatMap(({ kind, listKind }) => [kind, listKind])),
  };
}
