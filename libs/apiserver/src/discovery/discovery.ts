import { apiVersion } from '../object.ts';
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import type { JsonObject } from '../schema/json.ts';

/** The verbs of a custom resource, in the order in which a kube-apiserver names them. */
const customVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

const byClientAddress = (address: string): JsonObject[] => [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];

/** `/api`: the versions of the core group. */
export const coreVersions = (address: string): JsonObject => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: byClientAddress(address),
});

/** `/apis`: all other groups. */
export const groupList = (registry: Registry): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: registry.groups().map(({ group, versions }) => groupEntry(group, versions)),
});

/** `/apis/<group>`, or undefined for a group that is not served. */
export function group(registry: Registry, name: string): JsonObject | undefined {
  const found = registry.groups().find((each) => each.group === name);
  return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(name, found.versions) };
}

function groupEntry(name: string, versions: readonly string[]): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `/api/v1` and `/apis/<group>/<version>`, or undefined for a version that is not served. */
export function resourceList(registry: Registry, groupName: string, version: string): JsonObject | undefined {
  const resources = [...registry.inVersion(groupName, version)].toSorted((a, b) => (a.plural < b.plural ? -1 : 1));
  if (resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(groupName === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersion({ group: groupName, version }),
    resources: resources.flatMap((resource) => [resourceEntry(resource), ...subresourceEntries(resource)]),
  };
}

const resourceEntry = (resource: Resource): JsonObject => ({
  name: resource.plural,
  singularName: resource.singular,
  namespaced: resource.namespaced,
  kind: resource.kind,
  verbs: resource.custom ? customVerbs : [...resource.verbs],
  ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
  ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
});

function subresourceEntries(resource: Resource): JsonObject[] {
  const { plural, namespaced, kind, status, scale, subresources } = resource;
  const entry = (name: string, verbs: readonly string[], type: JsonObject): JsonObject => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...type,
    verbs: [...verbs],
  });
  const written = ['get', 'patch', 'update'];
  return [
    ...(status ? [entry('status', written, { kind })] : []),
    ...(scale === undefined ? [] : [entry('scale', written, { group: 'autoscaling', version: 'v1', kind: 'Scale' })]),
    ...Object.entries(subresources).map(([name, verbs]) =>
      entry(
        name,
        verbs,
        name === 'token' ? { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } : { kind },
      ),
    ),
  ];
}
