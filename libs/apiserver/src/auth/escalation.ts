import type { User } from '../http/exchange.ts';
import { type KubeObject, asObject, stringOr } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import { sameJson } from '../schema/json.ts';
import { forbidden, notFound } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { Authorizer } from './authorizer.ts';
import { type PolicyRule, roleNamed, ruleAllows, rulesIn } from './rules.ts';

const group = 'rbac.authorization.k8s.io';

/** Refuses a role or binding by which its writer would give away rights that he does not have himself. Throws a 403. */
export class EscalationCheck {
  readonly #store: Store;
  readonly #authorizer: Authorizer;

  constructor(store: Store, authorizer: Authorizer) {
    this.#store = store;
    this.#authorizer = authorizer;
  }

  check(user: User, resource: Resource, next: KubeObject, live: KubeObject | undefined): void {
    if (resource.group !== group) return;
    const namespace = next.metadata.namespace ?? '';
    const { name } = next.metadata;
    if (resource.kind === 'Role' || resource.kind === 'ClusterRole') {
      if (live !== undefined && sameJson(next['rules'], live['rules'])) return;
      if (this.#may(user, 'escalate', resource.plural, namespace, name)) return;
      this.#requireHeld(user, resource, name, namespace, rulesIn(next));
      return;
    }
    if (
      live !== undefined &&
      sameJson(next['roleRef'], live['roleRef']) &&
      sameJson(next['subjects'], live['subjects'])
    )
      return;
    const { kind, name: roleName } = asObject(next['roleRef']);
    const role = { kind: stringOr(kind, ''), name: stringOr(roleName, '') };
    const plural = role.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
    if (this.#may(user, 'bind', plural, namespace, role.name)) return;
    const bound = roleNamed(this.#store, role.kind, namespace, role.name);
    if (bound === undefined) throw notFound({ group, plural }, role.name);
    this.#requireHeld(user, resource, name, namespace, rulesIn(bound));
  }

  #may(user: User, verb: string, resource: string, namespace: string, name: string): boolean {
    return this.#authorizer.allows(user, {
      verb,
      isResource: true,
      path: '',
      group,
      resource,
      subresource: '',
      namespace,
      name,
    });
  }

  #requireHeld(user: User, resource: Resource, name: string, namespace: string, wanted: readonly PolicyRule[]): void {
    const held = this.#authorizer.rules(user, namespace);
    const missing = wanted.flatMap(singles).filter((single) => !held.some((rule) => covers(rule, single)));
    if (missing.length === 0) return;
    const groups = user.groups.map((each) => JSON.stringify(each)).join(' ');
    throw forbidden(
      resource,
      name,
      `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n` +
        missing.slice(0, shownAtMost).map(described).join('\n'),
    );
  }
}

const shownAtMost = 20;

interface Single {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** '' for all names. */
  readonly name: string;
  readonly path: string;
}

/** A rule taken apart into what each of its combinations allows. */
function singles({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): Single[] {
  const names = resourceNames.length === 0 ? [''] : resourceNames;
  return verbs.flatMap((verb) => [
    ...apiGroups.flatMap((apiGroup) =>
      resources.flatMap((resource) => names.map((name) => ({ verb, group: apiGroup, resource, name, path: '' }))),
    ),
    ...nonResourceURLs.map((path) => ({ verb, group: '', resource: '', name: '', path })),
  ]);
}

/** A wildcard that is asked for is only covered by the same wildcard: it is one more name to the rule. */
function covers(rule: PolicyRule, { verb, group: apiGroup, resource, name, path }: Single): boolean {
  const [kind = '', subresource = ''] = resource.split('/');
  if (rule.resources.includes(resource)) {
    return ruleAllows({ ...rule, resources: ['*'] }, attributes(verb, apiGroup, kind, subresource, name, path));
  }
  return ruleAllows(rule, attributes(verb, apiGroup, kind, subresource, name, path));
}

const attributes = (
  verb: string,
  apiGroup: string,
  resource: string,
  subresource: string,
  name: string,
  path: string,
): Parameters<typeof ruleAllows>[1] => ({
  verb,
  isResource: path === '',
  path,
  group: apiGroup,
  resource,
  subresource,
  name,
  namespace: '',
});

const described = ({ verb, group: apiGroup, resource, name, path }: Single): string =>
  path === ''
    ? `{APIGroups:[${JSON.stringify(apiGroup)}], Resources:[${JSON.stringify(resource)}], ` +
      `${name === '' ? '' : `ResourceNames:[${JSON.stringify(name)}], `}Verbs:[${JSON.stringify(verb)}]}`
    : `{NonResourceURLs:[${JSON.stringify(path)}], Verbs:[${JSON.stringify(verb)}]}`;
