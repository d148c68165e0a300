import { builtin, fieldManagers, labels, memberKinds, SYSTEM_NAMESPACE } from '@kasmcloud/kube-api';
import type { KubeClient, KubeTarget } from '@kasmcloud/kube';
import { accountOf, shippedRoles } from '../up/existing/accounts.ts';
import { bindRole, grantRole, makeAccount, seedDefinitions, tokenOf } from '../up/seed.ts';
import { UserError } from '../user-error.ts';
import { plainKubeconfig } from './plain-kubeconfig.ts';

/** A cluster that is to be a member, asked as somebody who may install things there. */
export interface Candidate {
  readonly name: string;
  readonly client: KubeClient;
  readonly target: KubeTarget;
}

export interface Installed {
  /** Of the account that the supercluster uses. */
  readonly kubeconfig: string;
  /** RFC 3339. */
  readonly expires: string;
}

const account = { name: accountOf.member, namespace: SYSTEM_NAMESPACE } as const;
const own = { fieldManager: fieldManagers.cli, force: true } as const;

/**
 * Puts into a cluster what a member needs: definitions, and an account with the rights of `deploy/rbac/roles.yaml`, those
 * on ConfigMaps and Secrets in the given lattices alone. May be done again: what is there already is brought up to date.
 */
export async function installMember(
  { name, client, target }: Candidate,
  lattices: readonly string[],
  signal: AbortSignal,
): Promise<Installed> {
  await seedDefinitions(client, signal, memberKinds);
  await ensureNamespace(client, SYSTEM_NAMESPACE, {}, signal);
  for (const lattice of lattices) await ensureLattice(client, lattice, signal);
  await makeAccount(client, account, signal, {});
  const roles = new Map((await shippedRoles()).map((role) => [role.metadata.name, role.rules]));
  const grant = async (role: string, namespaces: readonly (string | undefined)[]): Promise<void> => {
    await grantRole(client, { name: role, rules: roles.get(role) ?? [] }, signal, {});
    for (const namespace of namespaces)
      await bindRole(client, { role, account, ...(namespace !== undefined && { namespace }) }, signal, {});
  };
  await grant(accountOf.member, [undefined]);
  await grant(`${accountOf.member}-system`, [SYSTEM_NAMESPACE]);
  await grant(`${accountOf.member}-lattice`, lattices);
  const { token, expirationTimestamp } = await tokenOf(client, account, signal);
  return { kubeconfig: plainKubeconfig(name, { ...target, credentials: { token } }), expires: expirationTimestamp };
}

async function ensureLattice(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  const standing = await client.find(builtin.Namespace, name, undefined, { signal });
  if (standing !== undefined && standing.metadata.labels?.[labels.lattice] === undefined)
    throw new UserError(
      `--lattices: namespace ${name} is there already and is no lattice: ` +
        `kubectl label namespace ${name} ${labels.lattice}= lets the supercluster use it`,
    );
  await ensureNamespace(client, name, { [labels.lattice]: '' }, signal);
}

async function ensureNamespace(
  client: KubeClient,
  name: string,
  marks: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  if ((await client.find(builtin.Namespace, name, undefined, { signal })) !== undefined) return;
  await client.apply(builtin.Namespace, { metadata: { name, labels: marks } }, { ...own, signal });
}
