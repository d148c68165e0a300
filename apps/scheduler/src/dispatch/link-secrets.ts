import {
  conditionTypes,
  fieldManagers,
  findCondition,
  secretReferences,
  WasmCloudLink,
  type LinkObject,
  type LinkSpec,
  type LinkStatus,
  type SecretReference,
} from '@kasmcloud/kube-api';
import { updateStatus, type KubeClient } from '@kasmcloud/kube';
import { accountsBut, distinct, referenceKey } from './desired.ts';
import { RefusedWriteError } from './refused.ts';
import { carrySecrets, type Carriage } from './secret-copy.ts';

/** What became of the Secrets that the links of a lattice name, in one member. */
export interface LinkSecrets {
  /** Names in the member of what was carried. */
  readonly kept: ReadonlySet<string>;
  /** The link with the names that its Secrets have in the member. */
  readonly inMember: (link: LinkObject) => LinkSpec;
  /** Why Secrets of a link are not there; undefined when all are. */
  readonly refusal: (link: LinkObject) => RefusedWriteError | undefined;
}

/** Carries what links name; a Secret that must not be carried keeps nothing but its own links waiting. */
export async function carryLinkSecrets(
  carriage: Carriage,
  links: readonly LinkObject[],
  signal: AbortSignal,
): Promise<LinkSecrets> {
  const names = new Map<string, ReadonlyMap<string, string>>();
  const refused = new Map<string, RefusedWriteError>();
  for (const reference of distinct(links.flatMap(named))) {
    try {
      names.set(referenceKey(reference), await carrySecrets(carriage, [reference], signal));
    } catch (error) {
      if (!(error instanceof RefusedWriteError)) throw error;
      refused.set(referenceKey(reference), error);
    }
  }
  return {
    kept: new Set([...names.values()].flatMap((one) => [...one.values()])),
    inMember: ({ spec, ...link }) =>
      renamed(spec, new Map(named({ ...link, spec }).flatMap((one) => [...(names.get(referenceKey(one)) ?? [])]))),
    refusal: (link) =>
      named(link)
        .map((one) => refused.get(referenceKey(one)))
        .find((error) => error !== undefined),
  };
}

/** Every Secret that a link names, for either end. */
export const named = ({ spec }: LinkObject): SecretReference[] =>
  secretReferences([...(spec.sourceSecrets ?? []), ...(spec.targetSecrets ?? [])], spec.secretAccounts);

function renamed(spec: LinkSpec, names: ReadonlyMap<string, string>): LinkSpec {
  if (names.size === 0) return spec;
  const { sourceSecrets, targetSecrets, secretAccounts, ...rest } = spec;
  const inMember = (secrets: readonly string[]): string[] => secrets.map((name) => names.get(name) ?? name);
  return {
    ...rest,
    ...(sourceSecrets !== undefined && { sourceSecrets: inMember(sourceSecrets) }),
    ...(targetSecrets !== undefined && { targetSecrets: inMember(targetSecrets) }),
    ...accountsBut(names, secretAccounts),
  };
}

/** Says at a link of the hub whether its Secrets are carried, where it names any or did. */
export async function tellLinkSecrets(
  hub: KubeClient,
  link: LinkObject,
  refusal: RefusedWriteError | undefined,
  now: string,
  signal: AbortSignal,
): Promise<void> {
  const type = conditionTypes.secretsCarried;
  if (named(link).length === 0 && findCondition(link.status?.conditions, type) === undefined) return;
  const { generation } = link.metadata;
  const condition = {
    type,
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(refusal === undefined
      ? ({ status: 'True', reason: 'Carried', message: '' } as const)
      : ({ status: 'False', reason: refusal.reason, message: refusal.message } as const)),
  };
  const options = { now, fieldManager: fieldManagers.writer, signal };
  await updateStatus<LinkStatus, LinkObject>(hub, WasmCloudLink, link, { conditions: [condition] }, options);
}
