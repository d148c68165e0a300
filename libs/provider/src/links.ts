import { unseal, type XKey } from '@kasmcloud/lattice';
import { decodeSecrets, providerLinkKey, type ProviderLink, type SecretValues } from '@kasmcloud/wire';
import type { Link, LinkHandlers, Secrets } from './link.ts';

/** Keys for the secrets of links; undefined with a host that seals none. */
export interface Opening {
  readonly provider: Pick<XKey, 'seed'>;
  /** The host's public xkey. */
  readonly host: string;
}

/**
 * How long a call waits for its link: the caller may have seen it a moment before this provider is told of it.
 */
const LINK_WAIT_MS = 2_000;

/** The links of one provider, taken on and given up one after the other. */
export class Links {
  readonly #id: string;
  readonly #opening: Opening | undefined;
  readonly #handlers: LinkHandlers;
  readonly #onError: (error: unknown) => void;
  readonly #links = new Map<string, Link>();
  #changed = Promise.withResolvers<void>();
  #work: Promise<void> = Promise.resolve();

  constructor(id: string, opening: Opening | undefined, handlers: LinkHandlers, onError: (error: unknown) => void) {
    this.#id = id;
    this.#opening = opening;
    this.#handlers = handlers;
    this.#onError = onError;
  }

  get all(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** One that is there already is left as it is: a changed link is removed first. */
  add(told: ProviderLink): Promise<void> {
    return this.#after(async () => {
      const key = providerLinkKey(told);
      if (this.#links.has(key)) return;
      const link = this.#read(told);
      await this.#handlers.linkAdded?.(link);
      this.#links.set(key, link);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  remove(told: ProviderLink): Promise<void> {
    return this.#after(async () => {
      const key = providerLinkKey(told);
      const link = this.#links.get(key);
      if (link === undefined) return;
      this.#links.delete(key);
      await this.#handlers.linkRemoved?.(link);
    });
  }

  /** The link by which someone calls an interface, awaited for a moment; undefined when there is none. */
  async calledBy(source: string, name: string, instance: string, signal: AbortSignal): Promise<Link | undefined> {
    const find = (): Link | undefined =>
      this.all.find(
        (link) => link.role === 'target' && link.peer === source && link.name === name && covers(link, instance),
      );
    const late = AbortSignal.timeout(LINK_WAIT_MS);
    const over = Promise.withResolvers<void>();
    const stop = (): void => over.resolve();
    for (;;) {
      const found = find();
      if (found !== undefined || signal.aborted || late.aborted) return found;
      late.addEventListener('abort', stop, { once: true });
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race([this.#changed.promise, over.promise]);
    }
  }

  /** The links by which this provider may call an interface. */
  callsOf(instance: string): Link[] {
    return this.all.filter((link) => link.role === 'source' && covers(link, instance));
  }

  #after(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step).catch((error: unknown) => this.#onError(error));
    return this.#work;
  }

  #read(told: ProviderLink): Link {
    const isSource = told.source_id === this.#id;
    const sealed = isSource ? told.source_secrets : told.target_secrets;
    return {
      role: isSource ? 'source' : 'target',
      peer: isSource ? told.target : told.source_id,
      name: told.name,
      namespace: told.wit_namespace,
      package: told.wit_package,
      interfaces: told.interfaces,
      config: isSource ? told.source_config : told.target_config,
      secrets: this.#open(sealed ?? undefined),
    };
  }

  #open(sealed: readonly number[] | undefined): Secrets {
    if (sealed === undefined || this.#opening === undefined) return {};
    const { provider, host } = this.#opening;
    return toSecrets(decodeSecrets(unseal(Uint8Array.from(sealed), provider, host)));
  }
}

/** Whether a link is for an interface; versions play no part. */
const covers = (link: Link, instance: string): boolean => {
  const [, namespace, name, iface] = /^([^:]+):([^/]+)\/([^@]+)/.exec(instance) ?? [];
  return (
    link.namespace === namespace && link.package === name && iface !== undefined && link.interfaces.includes(iface)
  );
};

export const toSecrets = (values: SecretValues): Secrets =>
  Object.fromEntries(
    Object.entries(values).map(([name, secret]) => [
      name,
      secret.kind === 'String' ? secret.value : Uint8Array.from(secret.value),
    ]),
  );
