import { type KubeObject, asList, asObject, asStrings, stringOr } from '../object.ts';
import type { User } from '../http/exchange.ts';
import type { JsonObject } from '../schema/json.ts';
import type { Store } from '../store/store.ts';
import { objectKey } from '../store/store.ts';

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** What somebody wants to do, in the words of RBAC. */
export interface Attributes {
  readonly verb: string;
  readonly isResource: boolean;
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly namespace: string;
}

export const rulesIn = (role: KubeObject | undefined): PolicyRule[] =>
  asList(role?.['rules']).map((rule) => {
    const fields = asObject(rule);
    return {
      verbs: asStrings(fields['verbs']),
      apiGroups: asStrings(fields['apiGroups']),
      resources: asStrings(fields['resources']),
      resourceNames: asStrings(fields['resourceNames']),
      nonResourceURLs: asStrings(fields['nonResourceURLs']),
    };
  });

const has = (values: readonly string[], wanted: string): boolean => values.includes('*') || values.includes(wanted);

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) return rule.nonResourceURLs.some((pattern) => pathMatches(pattern, attributes.path));
  return (
    has(rule.apiGroups, attributes.group) &&
    resourceMatches(rule.resources, attributes) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(attributes.name))
  );
}

const pathMatches = (pattern: string, path: string): boolean =>
  pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));

function resourceMatches(resources: readonly string[], { resource, subresource }: Attributes): boolean {
  if (resources.includes('*')) return true;
  if (subresource === '') return resources.includes(resource);
  return resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`);
}

const group = 'rbac.authorization.k8s.io';

/** A rule that holds for somebody, and through which binding. */
export interface BoundRule extends PolicyRule {
  readonly source: string;
}

/** The rules that hold for a user in a namespace ('' for cluster-wide ones only). */
export function rulesOf(store: Store, user: User, namespace: string): BoundRule[] {
  const everywhere = store
    .list(`clusterrolebindings.${group}`)
    .objects.flatMap((binding) => boundRules(store, binding, user));
  if (namespace === '') return everywhere;
  const here = store
    .list(`rolebindings.${group}`, { namespace })
    .objects.flatMap((binding) => boundRules(store, binding, user));
  return [...everywhere, ...here];
}

function boundRules(store: Store, binding: KubeObject, user: User): BoundRule[] {
  const subject = asList(binding['subjects']).find((each) => isUser(asObject(each), binding, user));
  if (subject === undefined) return [];
  const { name, namespace } = binding.metadata;
  const { kind, name: role } = asObject(binding['roleRef']);
  const place = namespace === undefined ? name : `${name}/${namespace}`;
  const source =
    `${binding.kind} ${JSON.stringify(place)} of ${stringOr(kind, '')} ${JSON.stringify(role)} ` +
    `to ${described(asObject(subject), binding)}`;
  return rulesIn(referredRole(store, binding, namespace ?? '')).map((rule) => ({ ...rule, source }));
}

/** A subject as reasons name it: a service account with its namespace. */
function described({ kind, name, namespace }: JsonObject, binding: KubeObject): string {
  const who = stringOr(name, '');
  const home = stringOr(namespace, '') || (binding.metadata.namespace ?? '');
  return `${stringOr(kind, '')} ${JSON.stringify(kind === 'ServiceAccount' ? `${who}/${home}` : who)}`;
}

function referredRole(store: Store, binding: KubeObject, namespace: string): KubeObject | undefined {
  const { kind, name } = asObject(binding['roleRef']);
  return roleNamed(store, stringOr(kind, ''), namespace, stringOr(name, ''));
}

export const roleNamed = (store: Store, kind: string, namespace: string, name: string): KubeObject | undefined =>
  kind === 'ClusterRole'
    ? store.get(`clusterroles.${group}`, objectKey('', name))
    : store.get(`roles.${group}`, objectKey(namespace, name));

function isUser({ kind, name, namespace }: JsonObject, binding: KubeObject, user: User): boolean {
  switch (kind) {
    case 'User':
      return name === user.name;
    case 'Group':
      return typeof name === 'string' && user.groups.includes(name);
    case 'ServiceAccount': {
      const home = stringOr(namespace, '') || (binding.metadata.namespace ?? '');
      return user.name === serviceAccountName(home, stringOr(name, ''));
    }
    default:
      return false;
  }
}

export const serviceAccountName = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;
