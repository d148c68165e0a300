import {
  annotations,
  builtin,
  fieldManagers,
  labels,
  latticeUser,
  MANAGED_BY_LATTICE,
  WasmCloudLink,
  type LinkObject,
} from '@kasmcloud/kube-api';
import { AlreadyExistsError, ForbiddenError, InvalidError, type KubeClient } from '@kasmcloud/kube';
import { DEFAULT_LINK_NAME } from '@kasmcloud/wire';
import { nameOf } from '../control/names.ts';
import type { HubView } from './hub-view.ts';
import { configMapName, type Config, type ConfigMap, type LinkWish } from './shapes.ts';

export interface HubWriterOptions {
  readonly lattice: string;
  readonly hub: KubeClient;
  readonly view: HubView;
}

/** What came from the lattice may not be written on the hub, and trying again at once is of no use. */
export class RefusedByHubError extends Error {
  override readonly name = 'RefusedByHubError';
}

/** So many links, and as many configs, come from one lattice; more stay in its buckets alone. */
const MOST_FROM_LATTICE = 5_000;

/**
 * Writes on the hub what came by a lattice's buckets, as the lattice's own account: RBAC decides whether it may. Every method
 * returns when the view shows what was written, and throws RefusedByHubError for what the hub will not have.
 */
export class HubWriter {
  readonly #lattice: string;
  readonly #client: KubeClient;
  readonly #view: HubView;

  constructor({ lattice, hub, view }: HubWriterOptions) {
    this.#lattice = lattice;
    this.#client = hub.as(latticeUser(lattice));
    this.#view = view;
  }

  async putLink(standing: LinkObject | undefined, wish: LinkWish, signal: AbortSignal): Promise<LinkObject> {
    const { spec } = wish;
    const fresh = {
      name: linkName(spec),
      namespace: this.#lattice,
      labels: { [labels.managedBy]: MANAGED_BY_LATTICE },
    };
    if (standing === undefined) this.#requireRoom('links');
    const { [annotations.latticeSecrets]: _, ...kept } = standing?.metadata.annotations ?? {};
    const metadata = { ...(standing?.metadata ?? fresh), annotations: { ...kept, ...wish.annotations } };
    const options = { fieldManager: fieldManagers.lattice, signal };
    const written = await this.#try(`Link ${metadata.name}`, async () =>
      standing === undefined
        ? this.#client.create<LinkObject>(WasmCloudLink, { metadata, spec }, options)
        : this.#client.replace<LinkObject>(WasmCloudLink, { metadata, spec }, options),
    );
    await this.#view.seen('links', written, 'there', signal);
    return written;
  }

  async dropLink(standing: LinkObject, signal: AbortSignal): Promise<void> {
    const { name, uid } = standing.metadata;
    await this.#try(`Link ${name}`, async () =>
      this.#client.delete(WasmCloudLink, name, this.#lattice, { uid, signal }),
    );
    await this.#view.seen('links', standing, 'gone', signal);
  }

  /** A ConfigMap of the name that is not config of this lattice is never touched. */
  async putConfig(name: string, standing: ConfigMap | undefined, data: Config, signal: AbortSignal): Promise<void> {
    const fresh = {
      name: configMapName(name),
      namespace: this.#lattice,
      labels: { [labels.config]: '', [labels.managedBy]: MANAGED_BY_LATTICE },
      annotations: { [annotations.latticeName]: name },
    };
    if (standing === undefined) this.#requireRoom('configMaps');
    const metadata = standing?.metadata ?? fresh;
    const options = { fieldManager: fieldManagers.lattice, signal };
    const written = await this.#try(`ConfigMap ${metadata.name}`, async () =>
      standing === undefined
        ? this.#client.create(builtin.ConfigMap, { metadata, data }, options)
        : this.#client.replace(builtin.ConfigMap, { metadata, data }, options),
    );
    await this.#view.seen('configMaps', written, 'there', signal);
  }

  async dropConfig(standing: ConfigMap, signal: AbortSignal): Promise<void> {
    const { name, uid } = standing.metadata;
    await this.#try(`ConfigMap ${name}`, async () =>
      this.#client.delete(builtin.ConfigMap, name, this.#lattice, { uid, signal }),
    );
    await this.#view.seen('configMaps', standing, 'gone', signal);
  }

  #requireRoom(of: 'links' | 'configMaps'): void {
    if (this.#view.countFrom(this.#lattice, of) < MOST_FROM_LATTICE) return;
    throw new RefusedByHubError(`more than ${MOST_FROM_LATTICE} ${of} come from lattice ${this.#lattice}`);
  }

  async #try<T>(what: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (error instanceof AlreadyExistsError)
        throw new RefusedByHubError(`${what} in ${this.#lattice} belongs to somebody else`, { cause: error });
      if (error instanceof ForbiddenError || error instanceof InvalidError)
        throw new RefusedByHubError(`${what} in ${this.#lattice}: ${error.message}`, { cause: error });
      throw error;
    }
  }
}

/** Name of the object of a link that came from the lattice. Links are found by what they say, never by this. */
const linkName = ({ source, target, witNamespace, witPackage, name = DEFAULT_LINK_NAME }: LinkWish['spec']): string =>
  nameOf(source, target, witNamespace, witPackage, name);
