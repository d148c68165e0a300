import type { User } from '../http/exchange.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { Store } from '../store/store.ts';
import { forbidden, forbiddenPath, unauthorized } from '../status.ts';
import { anonymous } from './authenticator.ts';
import { type Attributes, type BoundRule, ruleAllows, rulesOf } from './rules.ts';

/** Members may do everything, even when no role says so. */
export const mastersGroup = 'system:masters';

const openPaths: readonly RegExp[] = [/^\/(livez|readyz|healthz)(\/.*)?$/, /^\/version\/?$/];

/** Decides by the roles and bindings in the store. */
export class Authorizer {
  readonly #store: Store;
  readonly #rules = new Map<string, readonly BoundRule[]>();

  constructor(store: Store) {
    this.#store = store;
    store.subscribeAll(({ bucket }) => {
      if (bucket.endsWith('.rbac.authorization.k8s.io')) this.#rules.clear();
    });
  }

  /** Throws a 401 or 403 when the user may not make this request. */
  require(user: User, info: RequestInfo): void {
    if (!info.isResource && openPaths.some((pattern) => pattern.test(info.path))) return;
    if (user === anonymous) throw unauthorized();
    const name = info.name || info.selectedName;
    if (!this.allows(user, { ...info, name })) throw refusal(user, info);
  }

  allows(user: User, attributes: Attributes): boolean {
    return this.decide(user, attributes).allowed;
  }

  /** With a reason where a binding allows it. */
  decide(user: User, attributes: Attributes): { readonly allowed: boolean; readonly reason: string } {
    if (user.groups.includes(mastersGroup)) return { allowed: true, reason: '' };
    const rule = this.rules(user, attributes.namespace).find((each) => ruleAllows(each, attributes));
    return { allowed: rule !== undefined, reason: rule === undefined ? '' : `RBAC: allowed by ${rule.source}` };
  }

  /** The rules that hold for a user, remembered until a role or binding changes. */
  rules(user: User, namespace: string): readonly BoundRule[] {
    const key = JSON.stringify([user.name, user.groups, namespace]);
    const known = this.#rules.get(key);
    if (known !== undefined) return known;
    if (this.#rules.size >= maxRemembered) this.#rules.clear();
    const rules = rulesOf(this.#store, user, namespace);
    this.#rules.set(key, rules);
    return rules;
  }
}

const maxRemembered = 10_000;

/** That a user may not do this, in the words of RBAC. */
export function refusal(user: User, info: RequestInfo): Error {
  const who = `User ${JSON.stringify(user.name)} cannot ${info.verb}`;
  if (!info.isResource) return forbiddenPath(`${who} path ${JSON.stringify(info.path)}`);
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  const where = info.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(info.namespace)}`;
  return forbidden(
    { group: info.group, plural: info.resource },
    info.name,
    `${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(info.group)} ${where}`,
  );
}
