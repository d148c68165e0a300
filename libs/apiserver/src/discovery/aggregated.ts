import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import type { JsonObject } from '../schema/json.ts';

/** The type of `apidiscovery.k8s.io/v2`: everything about all groups in one answer. */
export const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const wanted = aggregatedType.split(';');

/** Whether a client asks for it; its parameters may come in any order. */
export const acceptsAggregated = (accept: string | undefined): boolean =>
  (accept ?? '').split(',').some((clause) => {
    const parts = clause.split(';').map((part) => part.trim());
    return parts.length === wanted.length && wanted.every((part) => parts.includes(part));
  });

/** The core group for `/api`, the others for `/apis`. */
export function aggregatedDiscovery(registry: Registry, root: 'api' | 'apis'): JsonObject {
  const groups = root === 'api' ? [{ group: '', versions: ['v1'] }] : registry.groups();
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: versions.map((version) => ({
        version,
        freshness: 'Current',
        resources: registry.inVersion(group, version).map(resourceEntry),
      })),
    })),
  };
}

const written = ['get', 'patch', 'update'];

function resourceEntry(resource: Resource): JsonObject {
  const { kind, plural, singular, namespaced, verbs, shortNames, categories } = resource;
  // A built-in kind is of the group and version that it is listed under, and does not repeat them.
  const { group, version } = resource.custom ? resource : { group: '', version: '' };
  const subresources = [
    ...(resource.status ? [subresource('status', { group, version, kind }, written)] : []),
    ...(resource.scale === undefined
      ? []
      : [subresource('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' }, written)]),
    ...Object.entries(resource.subresources).map(([name, taken]) =>
      name === 'token'
        ? subresource(name, { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }, taken)
        : subresource(name, { group, version, kind }, taken),
    ),
  ];
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...verbs],
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
    ...(categories.length === 0 ? {} : { categories: [...categories] }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

const subresource = (name: string, responseKind: JsonObject, verbs: readonly string[]): JsonObject => ({
  subresource: name,
  responseKind,
  verbs: [...verbs],
});
