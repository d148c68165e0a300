import {
  builtin,
  fieldManagers,
  labels,
  LATTICE_ACCOUNT,
  latticeUser,
  typeMeta,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { ForbiddenError, NotFoundError, type KubeClient } from '@kasmcloud/kube';
import { sameJson } from '../same-json.ts';
import { MANAGED_BY } from './desired.ts';
import { carriedSecretName } from './names.ts';
import { refusalOf, RefusedWriteError } from './refused.ts';

type Secret = KubeObject & { readonly type?: string; readonly data?: Readonly<Record<string, string>> };

/** Secrets of one Distribution, from the hub into a member. */
export interface Carriage {
  readonly hub: KubeClient;
  readonly member: KubeClient;
  readonly namespace: string;
  readonly distribution: string;
  /** Name of the member. */
  readonly cluster: string;
}

/**
 * Carries the named Secrets into a member (DESIGN §10), each under a name of this Distribution's own, and returns under
 * which name each is to be found there. A Secret of the member that is labelled as local wins; one that the hub lacks keeps
 * its name, and the host says that it is missing.
 *
 * @throws {RefusedWriteError} when the lattice's account may not read one, or the name is somebody else's
 */
export async function carrySecrets(
  carriage: Carriage,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { hub, member, namespace } = carriage;
  const carried = new Map<string, string>();
  for (const name of names) {
    const local = await find(member, name, namespace, signal);
    if (local?.metadata.labels?.[labels.local] !== undefined) continue;
    await requireSight(carriage, name, signal);
    const source = await find(hub, name, namespace, signal);
    if (source !== undefined) carried.set(name, await carry(carriage, source, signal));
  }
  return carried;
}

/** Takes away the copies that this Distribution does not need any more. `keep`: names in the member. */
export async function dropSecrets(
  { member, namespace, distribution }: Carriage,
  keep: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const labelSelector = `${labels.distribution}=${distribution},${labels.managedBy}=${MANAGED_BY}`;
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

/** What the namespace's own account may not read is not carried for it: no Distribution is a way around RBAC. */
async function requireSight({ hub, namespace, cluster }: Carriage, name: string, signal: AbortSignal): Promise<void> {
  const spec = {
    ...latticeUser(namespace),
    resourceAttributes: { verb: 'get', group: '', version: 'v1', resource: builtin.Secret.plural, namespace, name },
  };
  type Review = KubeObject<unknown, { readonly allowed: boolean; readonly denied?: boolean }>;
  const review = await hub.create<Review>(builtin.SubjectAccessReview, { metadata: {}, spec }, { signal });
  if (review.status?.allowed === true && review.status.denied !== true) return;
  throw new RefusedWriteError(
    'SecretNotCarried',
    `Secret ${namespace}/${name} is not carried to ${cluster}: ServiceAccount ${namespace}/${LATTICE_ACCOUNT} may not get it on the hub`,
  );
}

async function carry(carriage: Carriage, source: Secret, signal: AbortSignal): Promise<string> {
  const { member, namespace, distribution, cluster } = carriage;
  const name = carriedSecretName(distribution, source.metadata.name);
  const standing = await find(member, name, namespace, signal);
  if (standing !== undefined && standing.metadata.labels?.[labels.managedBy] !== MANAGED_BY)
    throw new RefusedWriteError('NameTaken', `Secret ${namespace}/${name} in ${cluster} is somebody else's`);
  const { type = 'Opaque', data = {} } = source;
  if (standing !== undefined && standing.type === type && sameJson(standing.data ?? {}, data)) return name;
  const own = { [labels.managedBy]: MANAGED_BY, [labels.distribution]: distribution, [labels.cluster]: cluster };
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
