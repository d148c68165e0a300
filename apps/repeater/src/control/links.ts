import {
  fieldManagers,
  labels,
  latticeUser,
  MANAGED_BY_LATTICE,
  WasmCloudLink,
  type LinkObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { ctlDone, DEFAULT_LINK_NAME, type CtlResponse, type DeleteLinkCommand, type Link } from '@kasmcloud/wire';
import {
  areRivals,
  configMapName,
  firstMade,
  hashOfWish,
  linkId,
  toLink,
  toWish,
  wishOf,
  type ConfigNames,
  type LinkWish,
} from '../mirror/shapes.ts';
import type { Told } from '../speak/changes.ts';
import { latticeConfigs } from './configs.ts';
import { isSecretName, nameOf } from './names.ts';
import { requireOwn } from './ownership.ts';
import { RefusedError } from './refused.ts';

export interface LinksOptions {
  readonly lattice: string;
  /** Links are declared on the hub, and carried from there. */
  readonly hub: KubeClient;
  readonly tell: (told: Told) => void;
  /** Whom events about the lattice as a whole come from. */
  readonly source: () => string;
}

/** A link as the hub has it, and as the lattice says it. */
interface Standing {
  readonly object: LinkObject;
  readonly link: Link;
}

/** The lattice's links, kept as WasmCloudLinks of the hub. Every method throws RefusedError, or what the hub refuses. */
export class Links {
  readonly #options: LinksOptions;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  async list(signal: AbortSignal): Promise<Link[]> {
    const { standing } = await this.#read(signal);
    return standing.map(({ link }) => link);
  }

  async put(link: Link, signal: AbortSignal): Promise<CtlResponse<never>> {
    const { tell, source } = this.#options;
    try {
      await this.#put(link, signal);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      tell({ name: 'linkdef_set_failed', source: source(), data: { ...link, error: words } });
      throw error;
    }
    tell({ name: 'linkdef_set', source: source(), data: link });
    return ctlDone('successfully set link');
  }

  async delete(command: DeleteLinkCommand, signal: AbortSignal): Promise<CtlResponse<never>> {
    const { lattice, hub, tell, source } = this.#options;
    const { standing } = await this.#read(signal);
    const found = standing.find(
      ({ link }) =>
        link.source_id === command.source_id &&
        link.wit_namespace === command.wit_namespace &&
        link.wit_package === command.wit_package &&
        link.name === command.name,
    );
    if (found !== undefined) {
      requireOwn(`the link of ${command.source_id} to ${found.link.target}`, found.object);
      const { name, uid } = found.object.metadata;
      await hub.as(latticeUser(lattice)).delete(WasmCloudLink, name, lattice, { uid, signal });
    }
    const was = found === undefined ? {} : { target: found.link.target, interfaces: found.link.interfaces };
    tell({ name: 'linkdef_deleted', source: source(), data: { ...command, ...was } });
    return ctlDone('successfully deleted link');
  }

  async #put(link: Link, signal: AbortSignal): Promise<void> {
    const { standing, configs } = await this.#read(signal);
    requireConfigs(link, configs);
    const wish = toWish(link, configs);
    if (wish === undefined)
      throw new RefusedError(
        'a link has ids of letters, digits, - and _, WIT names of small letters, digits and -, and 1 to 32 interfaces',
      );
    if (standing.some((one) => areRivals(one.link, link)))
      throw new RefusedError(
        'link already exists with different target, consider deleting the existing link or using a different link name',
      );
    const same = firstMade(standing.filter((one) => linkId(one.link) === linkId(link)).map(({ object }) => object));
    if (same !== undefined) {
      if (hashOfWish(wishOf(same)) === hashOfWish(wish)) return;
      requireOwn(`the link of ${link.source_id} to ${link.target}`, same);
    }
    await this.#write(same, wish, signal);
  }

  async #write(same: LinkObject | undefined, { spec, annotations }: LinkWish, signal: AbortSignal): Promise<void> {
    const { lattice, hub } = this.#options;
    const { source, target, witNamespace, witPackage, name = DEFAULT_LINK_NAME } = spec;
    const metadata = {
      name: same?.metadata.name ?? nameOf(source, target, witNamespace, witPackage, name),
      namespace: lattice,
      labels: { [labels.managedBy]: MANAGED_BY_LATTICE },
      annotations,
    };
    const options = { fieldManager: fieldManagers.lattice, force: true, signal };
    await hub.as(latticeUser(lattice)).apply(WasmCloudLink, { metadata, spec }, options);
  }

  async #read(
    signal: AbortSignal,
  ): Promise<{ readonly standing: readonly Standing[]; readonly configs: KnownConfigs }> {
    const { lattice, hub } = this.#options;
    const [{ items }, names] = await Promise.all([
      hub.as(latticeUser(lattice)).list<LinkObject>(WasmCloudLink, { namespace: lattice, signal }),
      latticeConfigs(hub, lattice, signal),
    ]);
    const configs = new KnownConfigs(names);
    const objects = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return { standing: objects.map((object) => ({ object, link: toLink(object, configs) })), configs };
  }
}

/** The config that there is on the hub, under both its names. */
class KnownConfigs implements ConfigNames {
  readonly #inLattice: ReadonlyMap<string, string>;
  readonly #onHub: ReadonlyMap<string, string>;

  /** `names`: by ConfigMap, what the lattice calls it. */
  constructor(names: ReadonlyMap<string, string>) {
    this.#inLattice = names;
    this.#onHub = new Map([...names].map(([configMap, config]) => [config, configMap]));
  }

  has(config: string): boolean {
    return this.#onHub.has(config);
  }

  inLattice(configMap: string): string {
    return this.#inLattice.get(configMap) ?? configMap;
  }

  onHub(config: string): string {
    return this.#onHub.get(config) ?? configMapName(config);
  }
}

function requireConfigs({ source_config, target_config }: Link, configs: KnownConfigs): void {
  const missing = [...source_config, ...target_config].find((name) => !isSecretName(name) && !configs.has(name));
  if (missing === undefined) return;
  throw new RefusedError(`Failed to validate configuration and secrets. Configuration ${missing} not found`);
}
