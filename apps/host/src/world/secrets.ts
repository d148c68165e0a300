import { builtin, keyOf } from '@kasmcloud/kube-api';
import { KubeError, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import type { SecretObject } from './kept-state.ts';

export interface SecretsOptions {
  readonly client: Pick<KubeClient, 'find'>;
  /** Whether the API server answers now: it is not waited for when it does not. */
  readonly reachable: () => boolean;
  /** What is remembered changed. */
  readonly onChange: () => void;
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
      this.#remember(key, found && withoutManagedFields(found));
      return found;
    } catch (error) {
      signal.throwIfAborted();
      // A server that speaks and says no is obeyed.
      if (known === undefined || (error instanceof KubeError && error.status < 500)) throw error;
      return known;
    }
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

  #remember(key: string, secret: SecretObject | undefined): void {
    if (secret === undefined) this.#known.delete(key);
    else this.#known.set(key, secret);
    this.#options.onChange();
  }
}
