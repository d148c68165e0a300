import { builtin, keyOf, labels, type SecretReference } from '@kasmcloud/kube-api';
import { KubeError, secretRefusal, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import type { SecretObject } from './kept-state.ts';

export interface SecretsOptions {
  readonly client: Pick<KubeClient, 'find' | 'create'>;
  /** Whether the API server answers now: it is not waited for when it does not. */
  readonly reachable: () => boolean;
  /** What is remembered changed. */
  readonly onChange: () => void;
}

/** A Secret is not for the components of its lattice to see. */
export class SecretRefusedError extends Error {
  override readonly name = 'SecretRefusedError';
}

/** Secrets as the API server has them and, while it is away, as it had them when they were last read. */
export class Secrets {
  readonly #options: SecretsOptions;
  readonly #known = new Map<string, SecretObject>();

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /** Undefined when there is none. @throws what the client throws, when the Secret was never read before */
  async read(namespace: string, name: string, signal: AbortSignal): Promise<SecretObject | undefined> {
    const key = `${namespace}/${name}`;
    const known = this.#known.get(key);
    if (known !== undefined && !this.#options.reachable()) return known;
    try {
      const found = await this.#options.client.find<SecretObject>(builtin.Secret, name, namespace, { signal });
      this.#remember(key, found && { ...withoutManagedFields(found), grantedTo: known?.grantedTo ?? [] });
      return found;
    } catch (error) {
      signal.throwIfAborted();
      // A server that speaks and says no is obeyed.
      if (known === undefined || (error instanceof KubeError && error.status < 500)) throw error;
      return known;
    }
  }

  /**
   * The same, for a component or provider to see: only what the account that is named beside it may get (DESIGN §10), so that
   * no actor is a way around RBAC. What the scheduler carried here was reviewed on the hub. While the API server is away, what
   * it last said holds.
   * @throws SecretRefusedError, and as `read`
   */
  async readGranted(
    namespace: string,
    reference: SecretReference,
    signal: AbortSignal,
  ): Promise<SecretObject | undefined> {
    const { name, account } = reference;
    const key = `${namespace}/${name}`;
    const others = (this.#known.get(key)?.grantedTo ?? []).filter((one) => one !== account);
    const found = await this.read(namespace, name, signal);
    const why = await this.#whyRefused(namespace, reference, found, signal);
    const grantedTo = why === undefined ? [...others, account] : others;
    this.#remember(key, found && { ...withoutManagedFields(found), grantedTo });
    if (why !== undefined) throw new SecretRefusedError(`Secret ${key} is not read: ${why}`);
    return found;
  }

  /** What is remembered of the ones named; the others are forgotten. */
  keep(keys: ReadonlySet<string>): SecretObject[] {
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
    return [...this.#known.values()];
  }

  /** Takes on what was kept, where nothing newer is known. */
  seed(secrets: readonly SecretObject[]): void {
    for (const secret of secrets) if (!this.#known.has(keyOf(secret))) this.#known.set(keyOf(secret), secret);
  }

  async #whyRefused(
    namespace: string,
    reference: SecretReference,
    found: SecretObject | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { client, reachable } = this.#options;
    const { name, account } = reference;
    if (found?.metadata.labels?.[labels.carried] !== undefined) return undefined;
    if (reachable()) return secretRefusal(client, namespace, reference, signal);
    const isKnown = this.#known.get(`${namespace}/${name}`)?.grantedTo?.includes(account) === true;
    return isKnown
      ? undefined
      : `the API server is away and has not said that ServiceAccount ${namespace}/${account} may get it`;
  }

  #remember(key: string, secret: SecretObject | undefined): void {
    if (secret === undefined) this.#known.delete(key);
    else this.#known.set(key, secret);
    this.#options.onChange();
  }
}
