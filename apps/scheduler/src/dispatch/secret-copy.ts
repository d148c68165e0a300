import { builtin, fieldManagers, labels, typeMeta, type KubeObject, type SecretReference } from '@kasmcloud/kube-api';
import { ForbiddenError, NotFoundError, secretRefusal, type KubeClient } from '@kasmcloud/kube';
import { sameJson } from '../same-json.ts';
import { MANAGED_BY } from './desired.ts';
import { carriedSecretName, linkSecretName } from './names.ts';
import { refusalOf, RefusedWriteError } from './refused.ts';

type Secret = KubeObject & { readonly type?: string; readonly data?: Readonly<Record<string, string>> };

/** Secrets from the hub into a member, for a Distribution or for the links of a lattice. */
export interface Carriage {
  readonly hub: KubeClient;
  readonly member: KubeClient;
  readonly namespace: string;
  /** Undefined: they are for links. */
  readonly distribution: string | undefined;
  /** Name of the member. */
  readonly cluster: string;
}

/**
 * Carries the named Secrets into a member (DESIGN §10), each under a name of this user's own, and returns under which name
 * each is to be found there. A Secret of the member that is labelled as local wins; one that the hub lacks keeps its name, and
 * the host says that it is missing.
 *
 * @throws {RefusedWriteError} when its account may not read one or is not there, or the name is somebody else's
 */
export async function carrySecrets(
  carriage: Carriage,
  references: readonly SecretReference[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { hub, member, namespace } = carriage;
  const carried = new Map<string, string>();
  for (const reference of references) {
    const { name } = reference;
    const local = await find(member, name, namespace, signal);
    if (local?.metadata.labels?.[labels.local] !== undefined) continue;
    await requireSight(carriage, reference, signal);
    const source = await find(hub, name, namespace, signal);
    if (source !== undefined) carried.set(name, await carry(carriage, source, signal));
  }
  return carried;
}

/** Takes away the copies that this user does not need any more. `keep`: names in the member. */
export async function dropSecrets(carriage: Carriage, keep: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  const { member, namespace } = carriage;
  const labelSelector = Object.entries(marksOf(carriage))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  try {
    const { items } = await member.list(builtin.Secret, { namespace, labelSelector, signal });
    for (const { metadata } of items) {
      const { name, uid } = metadata;
      if (!keep.has(name)) await member.delete(builtin.Secret, name, namespace, { uid, signal });
    }
  } catch (error) {
    // Whoever may not see Secrets there has not carried any.
    if (!(error instanceof ForbiddenError) && !(error instanceof NotFoundError)) throw error;
  }
}

/** By what the copies of one user are found. */
const marksOf = ({ distribution }: Carriage): Record<string, string> => ({
  [labels.managedBy]: MANAGED_BY,
  ...(distribution === undefined ? { [labels.carried]: 'Links' } : { [labels.distribution]: distribution }),
});

/** What its account may not read is not carried: neither a Distribution nor a Link is a way around RBAC. */
async function requireSight(
  { hub, namespace, cluster }: Carriage,
  reference: SecretReference,
  signal: AbortSignal,
): Promise<void> {
  const why = await secretRefusal(hub, namespace, reference, signal);
  if (why === undefined) return;
  const message = `Secret ${namespace}/${reference.name} is not carried to ${cluster}: on the hub, ${why}`;
  throw new RefusedWriteError('SecretNotCarried', message);
}

async function carry(carriage: Carriage, source: Secret, signal: AbortSignal): Promise<string> {
  const { member, namespace, distribution, cluster } = carriage;
  const wanted = source.metadata.name;
  const name = distribution === undefined ? linkSecretName(wanted) : carriedSecretName(distribution, wanted);
  const standing = await find(member, name, namespace, signal);
  if (standing !== undefined && standing.metadata.labels?.[labels.managedBy] !== MANAGED_BY)
    throw new RefusedWriteError('NameTaken', `Secret ${namespace}/${name} in ${cluster} is somebody else's`);
  const { type = 'Opaque', data = {} } = source;
  const isMarked = standing?.metadata.labels?.[labels.carried] !== undefined;
  if (isMarked && standing.type === type && sameJson(standing.data ?? {}, data)) return name;
  const user = distribution === undefined ? 'Links' : 'Distribution';
  const own = { ...marksOf(carriage), [labels.carried]: user, [labels.cluster]: cluster };
  const copy = { ...typeMeta(builtin.Secret), metadata: { name, namespace, labels: own }, type, data };
  try {
    // The type of a Secret cannot change.
    if (standing !== undefined && standing.type !== type)
      await member.delete(builtin.Secret, name, namespace, { uid: standing.metadata.uid, signal });
    await member.apply(builtin.Secret, copy, { fieldManager: fieldManagers.writer, force: true, signal });
  } catch (error) {
    throw refusalOf(error);
  }
  return name;
}

async function find(
  client: KubeClient,
  name: string,
  namespace: string,
  signal: AbortSignal,
): Promise<Secret | undefined> {
  try {
    return await client.find<Secret>(builtin.Secret, name, namespace, { signal });
  } catch (error) {
    throw refusalOf(error);
  }
}
