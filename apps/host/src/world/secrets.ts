import { builtin, keyOf, latticeUser, type KubeObject } from '@kasmcloud/kube-api';
import { KubeError, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
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

type Review = KubeObject<unknown, { readonly allowed: boolean; readonly denied?: boolean }>;

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
      this.#remember(key, found && { ...withoutManagedFields(found), granted: known?.granted === true });
      return found;
    } catch (error) {
      signal.throwIfAborted();
      // A server that speaks and says no is obeyed.
      if (known === undefined || (error instanceof KubeError && error.status < 500)) throw error;
      return known;
    }
  }

  /**
   * The same, for a component to see: only what the account of the lattice, in whose name applications run, may get
   * (DESIGN §10), so that no actor is a way around RBAC. While the API server is away, what it last said holds.
   * @throws SecretRefusedError, and as `read`
   */
  async readGranted(namespace: string, name: string, signal: AbortSignal): Promise<SecretObject | undefined> {
    const key = `${namespace}/${name}`;
    const isGranted = this.#options.reachable()
      ? await this.#mayBeSeen(namespace, name, signal)
      : this.#known.get(key)?.granted === true;
    if (!isGranted) {
      const { user } = latticeUser(namespace);
      this.#remember(key, undefined);
      throw new SecretRefusedError(
        `Secret ${key} is not read: ${user} may not get it; bind it to a Role that allows that`,
      );
    }
    const found = await this.read(namespace, name, signal);
    if (found !== undefined) this.#remember(key, { ...withoutManagedFields(found), granted: true });
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

  async #mayBeSeen(namespace: string, name: string, signal: AbortSignal): Promise<boolean> {
    const { client } = this.#options;
    const resource = builtin.Secret.plural;
    const resourceAttributes = { verb: 'get', group: '', version: 'v1', resource, namespace, name };
    const spec = { ...latticeUser(namespace), resourceAttributes };
    const { status } = await client.create<Review>(builtin.SubjectAccessReview, { metadata: {}, spec }, { signal });
    return status?.allowed === true && status.denied !== true;
  }

  #remember(key: string, secret: SecretObject | undefined): void {
    if (secret === undefined) this.#known.delete(key);
    else this.#known.set(key, secret);
    this.#options.onChange();
  }
}
