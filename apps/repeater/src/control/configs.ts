import {
  annotations,
  builtin,
  fieldManagers,
  keyOf,
  labels,
  latticeUser,
  MANAGED_BY_LATTICE,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { ctlDone, ctlOk, type CtlResponse } from '@kasmcloud/wire';
import { configMapName, latticeNameOf, type ConfigNames } from '../mirror/shapes.ts';
import type { Told } from '../speak/changes.ts';
import { requireOwn } from './ownership.ts';
import { RefusedError } from './refused.ts';

type ConfigMap = KubeObject & { readonly data?: Record<string, string> };

export interface ConfigsOptions {
  readonly lattice: string;
  /** Config is declared on the hub, and carried from there. */
  readonly hub: KubeClient;
  /** What configs of the lattice are called in Kubernetes. */
  readonly names: Pick<ConfigNames, 'onHub'>;
  readonly tell: (told: Told) => void;
  /** Whom events about the lattice as a whole come from. */
  readonly source: () => string;
}

/** The lattice's config, kept as ConfigMaps of the hub that bear the config label. No other ConfigMap is told of or touched. */
export class Configs {
  readonly #options: ConfigsOptions;

  constructor(options: ConfigsOptions) {
    this.#options = options;
  }

  async get(name: string, signal: AbortSignal): Promise<CtlResponse<Record<string, string>>> {
    const found = await this.#find(name, signal);
    return found === undefined ? ctlDone('Configuration not found') : ctlOk({ ...found.data });
  }

  async put(name: string, data: Record<string, string>, signal: AbortSignal): Promise<CtlResponse<never>> {
    const { lattice, hub, tell, source } = this.#options;
    requireKeys(name, data);
    const standing = await this.#find(name, signal);
    if (standing === undefined) await this.#requireFree(name, signal);
    else requireOwn(`config ${name}`, standing);
    const draft = {
      metadata: {
        name: standing?.metadata.name ?? configMapName(name),
        namespace: lattice,
        labels: { [labels.config]: '', [labels.managedBy]: MANAGED_BY_LATTICE },
        annotations: { [annotations.latticeName]: name },
      },
      data,
    };
    const options = { fieldManager: fieldManagers.lattice, force: true, signal };
    await hub.as(latticeUser(lattice)).apply(builtin.ConfigMap, draft, options);
    tell({ name: 'config_set', source: source(), data: { config_name: name } });
    return ctlDone('successfully put config');
  }

  async delete(name: string, signal: AbortSignal): Promise<CtlResponse<never>> {
    const { lattice, hub, tell, source } = this.#options;
    const standing = await this.#find(name, signal);
    if (standing !== undefined) {
      requireOwn(`config ${name}`, standing);
      const { uid } = standing.metadata;
      await hub.as(latticeUser(lattice)).delete(builtin.ConfigMap, standing.metadata.name, lattice, { uid, signal });
    }
    tell({ name: 'config_deleted', source: source(), data: { config_name: name } });
    return ctlDone('successfully deleted config');
  }

  async #find(name: string, signal: AbortSignal): Promise<ConfigMap | undefined> {
    const found = await this.#read(name, signal);
    return found === undefined || !isConfig(found) || latticeNameOf(found) !== name ? undefined : found;
  }

  async #requireFree(name: string, signal: AbortSignal): Promise<void> {
    const other = await this.#read(name, signal);
    if (other === undefined) return;
    const why = isConfig(other)
      ? `it is ${latticeNameOf(other)}`
      : `it lacks the label ${labels.config}, and so is no config`;
    throw new RefusedError(`ConfigMap ${keyOf(other)} cannot be config ${name} of the lattice: ${why}`);
  }

  async #read(name: string, signal: AbortSignal): Promise<ConfigMap | undefined> {
    const { lattice, hub, names } = this.#options;
    const configMap = names.onHub(name);
    return hub.as(latticeUser(lattice)).find<ConfigMap>(builtin.ConfigMap, configMap, lattice, { signal });
  }
}

/** By the name of each ConfigMap that is config of the lattice, what the lattice calls it. */
export async function latticeConfigs(
  hub: KubeClient,
  lattice: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const options = { namespace: lattice, labelSelector: labels.config, signal };
  const { items } = await hub.as(latticeUser(lattice)).list<ConfigMap>(builtin.ConfigMap, options);
  return new Map(items.map((one) => [one.metadata.name, latticeNameOf(one)]));
}

const isConfig = ({ metadata }: ConfigMap): boolean => metadata.labels?.[labels.config] !== undefined;

/** As Kubernetes takes them in a ConfigMap. */
const CONFIG_KEY = /^[-._A-Za-z0-9]{1,253}$/;

function requireKeys(name: string, data: Readonly<Record<string, string>>): void {
  const bad = Object.keys(data).find((key) => !CONFIG_KEY.test(key));
  if (bad === undefined) return;
  const key = JSON.stringify(bad.slice(0, 100));
  throw new RefusedError(`config ${name}: ${key} is no key of config: letters, digits, -, _ and ., at most 253`);
}
