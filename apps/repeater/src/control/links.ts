import {
  builtin,
  fieldManagers,
  labels,
  latticeUser,
  MANAGED_BY_LATTICE,
  WasmCloudLink,
  type LinkObject,
  type LinkSpec,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { ctlDone, DEFAULT_LINK_NAME, type CtlResponse, type DeleteLinkCommand, type Link } from '@kasmcloud/wire';
import { isDeepStrictEqual } from 'node:util';
import type { Told } from '../speak/changes.ts';
import { latticeConfigNames } from './configs.ts';
import { nameOf, splitConfig } from './names.ts';
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

/** The lattice's links, kept as WasmCloudLinks of the hub. Every method throws RefusedError, or what the hub refuses. */
export class Links {
  readonly #options: LinksOptions;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  async list(signal: AbortSignal): Promise<Link[]> {
    const { lattice, hub } = this.#options;
    const [links, names] = await Promise.all([this.#read(signal), latticeConfigNames(hub, lattice, signal)]);
    return links.map(({ spec }) => toLink(spec, names));
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
    const { source_id: id, wit_namespace: namespace, wit_package: pkg, name } = command;
    const found = (await this.#read(signal)).find(
      ({ spec }) =>
        spec.source === id && spec.witNamespace === namespace && spec.witPackage === pkg && nameIn(spec) === name,
    );
    if (found !== undefined) {
      requireOwn(`the link of ${id} to ${found.spec.target}`, found);
      const { uid } = found.metadata;
      await hub.as(latticeUser(lattice)).delete(WasmCloudLink, found.metadata.name, lattice, { uid, signal });
    }
    const was = found === undefined ? {} : { target: found.spec.target, interfaces: found.spec.interfaces };
    tell({ name: 'linkdef_deleted', source: source(), data: { ...command, ...was } });
    return ctlDone('successfully deleted link');
  }

  async #put(link: Link, signal: AbortSignal): Promise<void> {
    const { lattice, hub } = this.#options;
    const wanted = await this.#toSpec(link, signal);
    const standing = await this.#read(signal);
    if (standing.some(({ spec }) => isRival(spec, wanted)))
      throw new RefusedError(
        'link already exists with different target, consider deleting the existing link or using a different link name',
      );
    const same = standing.find(({ spec }) => spec.target === wanted.target && isSamePlace(spec, wanted));
    if (same !== undefined) {
      const { epoch: _, ...said } = same.spec;
      if (isDeepStrictEqual({ ...said, name: nameIn(said) }, wanted)) return;
      requireOwn(`the link of ${wanted.source} to ${wanted.target}`, same);
    }
    const { source, target, witNamespace, witPackage } = wanted;
    const metadata = {
      name: same?.metadata.name ?? nameOf(source, target, witNamespace, witPackage, nameIn(wanted)),
      namespace: lattice,
      labels: { [labels.managedBy]: MANAGED_BY_LATTICE },
    };
    const options = { fieldManager: fieldManagers.lattice, force: true, signal };
    await hub.as(latticeUser(lattice)).apply(WasmCloudLink, { metadata, spec: wanted }, options);
  }

  async #toSpec(link: Link, signal: AbortSignal): Promise<LinkSpec> {
    const sourceConfig = await this.#existing(link.source_config, signal);
    const targetConfig = await this.#existing(link.target_config, signal);
    return {
      source: link.source_id,
      target: link.target,
      name: link.name,
      witNamespace: link.wit_namespace,
      witPackage: link.wit_package,
      interfaces: link.interfaces,
      ...(sourceConfig.length > 0 && { sourceConfig }),
      ...(targetConfig.length > 0 && { targetConfig }),
    };
  }

  /** The ConfigMaps of these names; all of them must be there. */
  async #existing(names: readonly string[], signal: AbortSignal): Promise<string[]> {
    const { lattice, hub } = this.#options;
    const { config, secrets } = splitConfig(names);
    if (secrets.length > 0)
      throw new RefusedError(
        `Failed to validate configuration and secrets. Links of KasmCloud name no secrets: give ${secrets.join(', ')} to the component or provider`,
      );
    for (const [index, name] of config.entries()) {
      const found = await hub.as(latticeUser(lattice)).find(builtin.ConfigMap, name, lattice, { signal });
      if (found?.metadata.labels?.[labels.config] === undefined)
        throw new RefusedError(
          `Failed to validate configuration and secrets. Configuration ${names[index] ?? name} not found`,
        );
    }
    return config;
  }

  async #read(signal: AbortSignal): Promise<readonly LinkObject[]> {
    const { lattice, hub } = this.#options;
    const options = { namespace: lattice, signal };
    const { items } = await hub.as(latticeUser(lattice)).list<LinkObject>(WasmCloudLink, options);
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }
}

/** `names`: what the lattice calls ConfigMaps that have another name there. */
const toLink = (spec: LinkSpec, names: ReadonlyMap<string, string>): Link => ({
  source_id: spec.source,
  target: spec.target,
  name: nameIn(spec),
  wit_namespace: spec.witNamespace,
  wit_package: spec.witPackage,
  interfaces: spec.interfaces,
  source_config: (spec.sourceConfig ?? []).map((name) => names.get(name) ?? name),
  target_config: (spec.targetConfig ?? []).map((name) => names.get(name) ?? name),
});

const nameIn = ({ name }: LinkSpec): string => name ?? DEFAULT_LINK_NAME;

const isSamePlace = (a: LinkSpec, b: LinkSpec): boolean =>
  a.source === b.source &&
  a.witNamespace === b.witNamespace &&
  a.witPackage === b.witPackage &&
  nameIn(a) === nameIn(b);

const isRival = (a: LinkSpec, b: LinkSpec): boolean =>
  isSamePlace(a, b) && a.target !== b.target && a.interfaces.some((one) => b.interfaces.includes(one));
