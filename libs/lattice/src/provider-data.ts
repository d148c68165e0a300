import { secretReferences, type LinkObject, type ProviderSpec, type SecretReference } from '@kasmcloud/kube-api';
import {
  DEFAULT_LINK_NAME,
  encodeJson,
  hostData,
  providerLinkKey,
  type HostData,
  type ProviderLink,
  type SecretValues,
} from '@kasmcloud/wire';
import { seal, type XKey } from './xkey.ts';

/** A link of a provider, with the secrets of the provider's own end in clear. */
export interface WishedLink {
  readonly link: ProviderLink;
  readonly sourceSecrets?: SecretValues;
  readonly targetSecrets?: SecretValues;
}

/** What a provider is to know, as the resources say it now. */
export interface ProviderWish {
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: SecretValues;
  /** By `providerLinkKey`. */
  readonly links: ReadonlyMap<string, WishedLink>;
}

export interface WishSources {
  /** All links of the provider's lattice. */
  readonly links: readonly LinkObject[];
  /** The named config, merged. Throws when one is missing. */
  readonly config: (names: readonly string[]) => Readonly<Record<string, string>>;
  /** The named Secrets, merged. Rejects when one is missing. */
  readonly secrets: (named: readonly SecretReference[]) => Promise<SecretValues>;
}

/** @throws what the sources throw */
export async function providerWish(
  { id, config = [], secrets, secretAccounts }: Pick<ProviderSpec, 'id' | 'config' | 'secrets' | 'secretAccounts'>,
  sources: WishSources,
): Promise<ProviderWish> {
  const mine = sources.links
    .filter(({ spec }) => spec.source === id || spec.target === id)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const links = new Map<string, WishedLink>();
  for (const one of await Promise.all(mine.map((link) => wishedLink(link, id, sources)))) {
    const key = providerLinkKey(one.link);
    // Of two objects for one link the first by name is it, as for actors.
    if (!links.has(key)) links.set(key, one);
  }
  const own = await sources.secrets(secretReferences(secrets, secretAccounts));
  return { config: sources.config(config), secrets: own, links };
}

async function wishedLink({ spec }: LinkObject, id: string, sources: WishSources): Promise<WishedLink> {
  const ofSource = spec.source === id ? spec.sourceSecrets : undefined;
  const ofTarget = spec.target === id ? spec.targetSecrets : undefined;
  return {
    link: {
      source_id: spec.source,
      target: spec.target,
      name: spec.name ?? DEFAULT_LINK_NAME,
      wit_namespace: spec.witNamespace,
      wit_package: spec.witPackage,
      interfaces: spec.interfaces,
      source_config: { ...sources.config(spec.sourceConfig ?? []) },
      target_config: { ...sources.config(spec.targetConfig ?? []) },
      source_secrets: null,
      target_secrets: null,
    },
    ...(ofSource !== undefined && {
      sourceSecrets: await sources.secrets(secretReferences(ofSource, spec.secretAccounts)),
    }),
    ...(ofTarget !== undefined && {
      targetSecrets: await sources.secrets(secretReferences(ofTarget, spec.secretAccounts)),
    }),
  };
}

/** Both ends of the sealing: whoever starts the provider, and the one process that is told its key when it starts. */
export interface SealingKeys {
  readonly host: XKey;
  readonly provider: XKey;
}

/** The link as it travels: its secrets can be opened by that one process only. */
export function sealedLink({ link, sourceSecrets, targetSecrets }: WishedLink, keys: SealingKeys): ProviderLink {
  const sealed = (secrets: SecretValues | undefined): number[] | null =>
    secrets === undefined ? null : [...seal(encodeJson(secrets), keys.host, keys.provider.publicKey)];
  return { ...link, source_secrets: sealed(sourceSecrets), target_secrets: sealed(targetSecrets) };
}

/** Where a provider runs and whom it talks to. */
export interface ProviderPlace {
  /** Public key of the host, `N…`. */
  readonly hostId: string;
  readonly lattice: string;
  readonly id: string;
  /** Of this one process. */
  readonly instanceId: string;
  readonly natsUrl: string;
  readonly callTimeoutMs: number;
  readonly logLevel: string;
}

/** Everything that a provider process is told on its standard input. */
export const hostDataOf = (place: ProviderPlace, wish: ProviderWish, keys: SealingKeys): HostData =>
  hostData.parse({
    host_id: place.hostId,
    lattice_rpc_prefix: place.lattice,
    lattice_rpc_url: place.natsUrl,
    provider_key: place.id,
    instance_id: place.instanceId,
    link_definitions: [...wish.links.values()].map((link) => sealedLink(link, keys)),
    config: wish.config,
    secrets: wish.secrets,
    host_xkey_public_key: keys.host.publicKey,
    provider_xkey_private_key: keys.provider.seed,
    default_rpc_timeout_ms: place.callTimeoutMs,
    log_level: place.logLevel,
    otel_config: { enable_observability: false, protocol: 'Http', additional_ca_paths: [], trace_level: 'info' },
  });
