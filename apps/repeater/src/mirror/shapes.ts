import { createHash } from 'node:crypto';
import {
  annotations,
  labels,
  MANAGED_BY_LATTICE,
  WasmCloudLink,
  type KubeObject,
  type LinkObject,
  type LinkSpec,
  type ObjectMeta,
} from '@kasmcloud/kube-api';
import { objectName } from '@kasmcloud/oam';
import { DEFAULT_LINK_NAME, isConfigName, SECRET_PREFIX, type Link } from '@kasmcloud/wire';
import { z } from 'zod';

export type ConfigMap = Pick<KubeObject, 'metadata'> & { readonly data: Readonly<Record<string, string>> };
export type Config = Readonly<Record<string, string>>;

/** What ConfigMaps are called in the lattice, and the other way round. */
export interface ConfigNames {
  inLattice(configMap: string): string;
  onHub(config: string): string;
}

/** Whether an object came from the lattice: then it is not the hub's alone. */
export const isLattices = ({ metadata: { labels: said = {} } }: { readonly metadata: ObjectMeta }): boolean =>
  said[labels.managedBy] === MANAGED_BY_LATTICE &&
  said[labels.application] === undefined &&
  said[labels.gitSource] === undefined;

/** What the lattice calls the config of a ConfigMap. */
export const latticeNameOf = ({ metadata }: Pick<ConfigMap, 'metadata'>): string =>
  metadata.annotations?.[annotations.latticeName] ?? metadata.name;

/** The ConfigMap that a config gets which has none. */
export const configMapName = (config: string): string => objectName(config);

/** Keys of the config bucket that become ConfigMaps: whatever JetStream takes, except references to secrets. */
export const isConfigKey = (key: string): boolean => isConfigName(key) && !isSecret(key);

/** The Link of a hub that was made first counts where several are the same to the lattice. */
export const firstMade = <T extends Pick<KubeObject, 'metadata'>>(objects: readonly T[]): T | undefined =>
  objects.toSorted((a, b) => {
    const [from, to] = [madeAt(a), madeAt(b)];
    return from < to || (from === to && a.metadata.name < b.metadata.name) ? -1 : 1;
  })[0];

const madeAt = ({ metadata }: Pick<KubeObject, 'metadata'>): string => metadata.creationTimestamp ?? '';

/** What tells one link from another in a lattice; at most 64 characters. */
export const linkId = ({ source_id, target, wit_namespace, wit_package, name }: Link): string =>
  hashOf([source_id, target, wit_namespace, wit_package, name]);

const secretLists = z.object({ source: z.array(z.string()).default([]), target: z.array(z.string()).default([]) });

/** The link of an object, in the lattice's own words. */
export function toLink({ metadata, spec }: LinkObject, names: ConfigNames): Link {
  const secrets = secretsIn(metadata.annotations?.[annotations.latticeSecrets]);
  return {
    source_id: spec.source,
    target: spec.target,
    name: spec.name ?? DEFAULT_LINK_NAME,
    wit_namespace: spec.witNamespace,
    wit_package: spec.witPackage,
    interfaces: [...spec.interfaces],
    source_config: [...(spec.sourceConfig ?? []).map((name) => names.inLattice(name)), ...secrets.source],
    target_config: [...(spec.targetConfig ?? []).map((name) => names.inLattice(name)), ...secrets.target],
  };
}

function secretsIn(text: string | undefined): z.infer<typeof secretLists> {
  if (text === undefined) return { source: [], target: [] };
  try {
    return secretLists.parse(JSON.parse(text));
  } catch {
    // Somebody edited the annotation: what it says is not known any more.
    return { source: [], target: [] };
  }
}

/** What an object for a link of the lattice says. */
export interface LinkWish {
  readonly spec: LinkSpec;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Undefined for a link that Kubernetes has no words for: it stays in the lattice alone. */
export function toWish(link: Link, names: ConfigNames): LinkWish | undefined {
  const [source, target] = [split(link.source_config), split(link.target_config)];
  const spec = WasmCloudLink.spec.safeParse({
    source: link.source_id,
    target: link.target,
    name: link.name,
    witNamespace: link.wit_namespace,
    witPackage: link.wit_package,
    interfaces: link.interfaces,
    ...(source.config.length > 0 && { sourceConfig: source.config.map((name) => names.onHub(name)) }),
    ...(target.config.length > 0 && { targetConfig: target.config.map((name) => names.onHub(name)) }),
  });
  if (!spec.success) return undefined;
  const secrets = { source: source.secrets, target: target.secrets };
  const hasSecrets = secrets.source.length + secrets.target.length > 0;
  return {
    spec: spec.data,
    annotations: hasSecrets ? { [annotations.latticeSecrets]: JSON.stringify(secrets) } : {},
  };
}

const isSecret = (name: string): boolean => name.startsWith(SECRET_PREFIX);

function split(names: readonly string[]): { config: string[]; secrets: string[] } {
  return { config: names.filter((name) => !isSecret(name)), secrets: names.filter(isSecret) };
}

/** Whether two links cannot both stand: one interface of a source leads to two targets. */
export const areRivals = (a: Link, b: Link): boolean =>
  a.target !== b.target &&
  a.source_id === b.source_id &&
  a.wit_namespace === b.wit_namespace &&
  a.wit_package === b.wit_package &&
  a.name === b.name &&
  a.interfaces.some((one) => b.interfaces.includes(one));

/** Secrets and config are told in one list, but only the order within each means something; that of interfaces nothing. */
export const hashOfLink = (link: Link): string => {
  const [source, target] = [split(link.source_config), split(link.target_config)];
  return hashOf([linkId(link), link.interfaces.toSorted(), source, target]);
};

export const hashOfWish = ({ spec, annotations: said }: LinkWish): string => {
  const { epoch: _, interfaces, name = DEFAULT_LINK_NAME, sourceConfig = [], targetConfig = [], ...rest } = spec;
  return hashOf([
    { ...rest, name, sourceConfig, targetConfig },
    interfaces.toSorted(),
    secretsIn(said[annotations.latticeSecrets]),
  ]);
};

export const wishOf = ({ metadata, spec }: LinkObject): LinkWish => ({ spec, annotations: metadata.annotations ?? {} });

export const hashOfConfig = (config: Config): string =>
  hashOf(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const hashOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex').slice(0, 32);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
