import type { Application, Policy, Secret } from '../application.ts';
import type { Problems } from '../problem.ts';

/** What a list of secret references becomes in a spec: Secrets, and as which account those are looked at that say one. */
export interface NamedSecrets {
  readonly names: readonly string[];
  readonly accounts: Readonly<Record<string, string>>;
}

/** Backends whose policies have the properties of wasmCloud's secrets-kubernetes; it answers as `kube`. */
const kubernetes: ReadonlySet<string> = new Set(['kube', 'kubernetes']);

/** A Secret as the lattice's own account, which needs no mention. */
const OWN = '';

/**
 * Secrets are Kubernetes Secrets here: the reference's key is the Secret, the secret's name the key inside it. The policy says
 * as whom it is looked at: `impersonate` (or `service_account`) names a ServiceAccount of the Application's namespace.
 */
export class SecretNames {
  readonly #policies: ReadonlyMap<string, Policy>;
  readonly #namespace: string;
  readonly #problems: Problems;
  readonly #accounts = new Map<Policy, string>();

  constructor({ policies }: Application, namespace: string, problems: Problems) {
    this.#policies = new Map(policies.map((policy) => [policy.name, policy]));
    this.#namespace = namespace;
    this.#problems = problems;
  }

  /** What belongs into one spec; all of it names each Secret as one account. */
  take(secrets: readonly Secret[]): NamedSecrets {
    const accounts = new Map<string, string>();
    for (const secret of secrets) {
      const { name, key, path } = secret;
      this.#warn(secret);
      const account = this.#accountOf(secret);
      const known = accounts.get(key);
      if (known !== undefined && known !== account)
        this.#problems.error(
          [...path, 'properties', 'policy'],
          `secret '${name}': Secret '${key}' is looked at as ${words(known)} and as ${words(account)}: let its policies agree`,
        );
      accounts.set(key, account);
    }
    return {
      names: [...accounts.keys()],
      accounts: Object.fromEntries([...accounts].filter(([, account]) => account !== OWN)),
    };
  }

  #warn({ name, field, version, path }: Secret): void {
    if (field !== undefined && field !== name)
      this.#problems.warn(
        [...path, 'properties', 'field'],
        `secret '${name}' is read from the Secret's key '${name}', not from '${field}'`,
      );
    if (version !== undefined)
      this.#problems.warn(
        [...path, 'properties', 'version'],
        `secret '${name}': a Secret has no versions, '${version}' is without effect`,
      );
  }

  #accountOf({ policy: name }: Secret): string {
    const policy = this.#policies.get(name);
    if (policy === undefined || !kubernetes.has(policy.properties['backend'] ?? '')) return OWN;
    const known = this.#accounts.get(policy);
    if (known !== undefined) return known;
    const account = this.#readAccount(policy);
    this.#accounts.set(policy, account);
    return account;
  }

  #readAccount({ name, properties, path }: Policy): string {
    const at = (property: string): readonly (string | number)[] => [...path, 'properties', property];
    const { namespace } = properties;
    if (namespace !== undefined && namespace !== this.#namespace)
      this.#problems.error(
        at('namespace'),
        `policy '${name}' reads Secrets of namespace '${namespace}': only those of '${this.#namespace}', where the application is, can be given`,
      );
    const property = 'impersonate' in properties ? 'impersonate' : 'service_account';
    const said = properties[property];
    if (said === undefined) return OWN;
    const prefix = `system:serviceaccount:${this.#namespace}:`;
    const account = said.startsWith(prefix) ? said.slice(prefix.length) : said;
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(account)) {
      const message = `policy '${name}': '${said}' is no ServiceAccount of namespace '${this.#namespace}': name one that may get the Secret`;
      this.#problems.error(at(property), message);
      return OWN;
    }
    return account;
  }
}

const words = (account: string): string => (account === OWN ? "the lattice's own account" : `'${account}'`);
