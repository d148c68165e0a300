import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kinds, LATTICE_ACCOUNT, SYSTEM_NAMESPACE } from '@kasmcloud/kube-api';
import type { Account } from '@kasmcloud/kube';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { plainKubeconfig } from '../../cluster/plain-kubeconfig.ts';
import { repositoryRoot } from '../../repository.ts';
import { bindRole, grantRole, LATTICE, makeAccount, tokenOf, type Mark } from '../seed.ts';
import type { ExistingCluster } from './existing-cluster.ts';

const roleSchema = z.object({
  metadata: z.object({ name: z.string() }),
  rules: z.array(z.record(z.string(), z.array(z.string()))),
});
export type Role = z.infer<typeof roleSchema>;

const SCHEDULER = 'kasmcloud-scheduler';
const REPEATER = 'kasmcloud-repeater';
const MEMBER = 'kasmcloud-member';
const HOST = 'kasmcloud-host';
/** Of the person who tries it out. */
export const DEMO = 'kasmcloud-demo';
const CALLERS = 'kasmcloud-scheduler-callers';
const IMPERSONATION = 'kasmcloud-scheduler-impersonation';
/** For whoever acts for the clients of a lattice on NATS. */
const LATTICE_IMPERSONATION = 'kasmcloud-lattice-impersonation';

/** Where the roles of an account hold. */
const SCOPES = [
  { suffix: '', namespace: undefined },
  { suffix: '-system', namespace: SYSTEM_NAMESPACE },
  { suffix: '-lattice', namespace: LATTICE },
] as const;

const account = (name: string): Account => ({ name, namespace: SYSTEM_NAMESPACE });

/** The accounts that a cluster needs, besides the demo's. */
const accountsIn = ({ isHub, isMember }: ExistingCluster): readonly string[] => [
  ...(isHub ? [SCHEDULER, REPEATER] : []),
  ...(isMember ? [HOST] : []),
  ...(isMember && !isHub ? [MEMBER] : []),
];

/** Every ClusterRole that may be made, and so every name that must be free. */
export async function roleNames(): Promise<string[]> {
  const shipped = (await shippedRoles()).map(({ metadata }) => metadata.name);
  return [...shipped, ...ownRoles().map(({ metadata }) => metadata.name), LATTICE_ACCOUNT];
}

/** What `deploy/rbac` says about each service. */
export async function shippedRoles(): Promise<Role[]> {
  const text = await readFile(join(repositoryRoot, 'deploy', 'rbac', 'roles.yaml'), 'utf8');
  return parseAllDocuments(text).map((document) => roleSchema.parse(document.toJS()));
}

/** The roles of this one installation: the demo's account, and for whom the scheduler may act. */
function ownRoles(): Role[] {
  const groups = [...new Set(kinds.map(({ group }) => group))];
  const everything = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
  const callers = { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'] };
  return [
    {
      metadata: { name: DEMO },
      rules: [
        { apiGroups: groups, resources: ['*'], verbs: everything },
        { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['get', 'list'] },
      ],
    },
    {
      metadata: { name: `${DEMO}-lattice` },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: everything }],
    },
    {
      metadata: { name: LATTICE_IMPERSONATION },
      rules: [
        { ...callers, resourceNames: [LATTICE_ACCOUNT] },
        {
          ...callers,
          resources: ['groups'],
          resourceNames: ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${LATTICE}`],
        },
      ],
    },
    { metadata: { name: CALLERS }, rules: [{ ...callers, resourceNames: [DEMO, LATTICE_ACCOUNT] }] },
    {
      metadata: { name: IMPERSONATION },
      rules: [
        {
          ...callers,
          resources: ['groups'],
          resourceNames: [
            'system:authenticated',
            'system:serviceaccounts',
            ...[SYSTEM_NAMESPACE, LATTICE].map((namespace) => `system:serviceaccounts:${namespace}`),
          ],
        },
        // A UID and the id of a token add nothing to what the account may do.
        {
          ...callers,
          apiGroups: ['authentication.k8s.io'],
          resources: ['uids', 'userextras/authentication.kubernetes.io/credential-id'],
        },
      ],
    },
  ];
}

/** Makes the accounts of a cluster with the rights that their work needs. */
export async function makeAccounts(cluster: ExistingCluster, mark: Mark, signal: AbortSignal): Promise<void> {
  const { client, isHub, isMember } = cluster;
  const roles = new Map([...(await shippedRoles()), ...ownRoles()].map((role) => [role.metadata.name, role]));
  const granted = new Set<string>();
  const grant = async (to: string, name: string, namespace: string | undefined): Promise<void> => {
    const role = roles.get(name);
    if (role === undefined) return;
    if (!granted.has(name)) await grantRole(client, { name, rules: role.rules }, signal, mark);
    granted.add(name);
    const binding = name.startsWith(to) ? name : `${to}-as-${name}`;
    const where = namespace === undefined ? {} : { namespace };
    await bindRole(client, { role: name, account: account(to), name: binding, ...where }, signal, mark);
  };
  const grantAll = async (to: string, family: string): Promise<void> => {
    for (const { suffix, namespace } of SCOPES) await grant(to, `${family}${suffix}`, namespace);
  };
  for (const name of [...accountsIn(cluster), DEMO]) {
    await makeAccount(client, account(name), signal, mark);
    await grantAll(name, name);
  }
  // A hub that is its own member is reached with the hub's accounts.
  if (isHub && isMember) for (const name of [SCHEDULER, REPEATER]) await grantAll(name, MEMBER);
  await grant(isHub ? REPEATER : MEMBER, LATTICE_IMPERSONATION, undefined);
  if (!isHub) return;
  await grant(SCHEDULER, IMPERSONATION, undefined);
  for (const namespace of [SYSTEM_NAMESPACE, LATTICE]) await grant(SCHEDULER, CALLERS, namespace);
}

/** The kubeconfigs of a cluster's accounts, and when the first of their tokens ends. */
export interface Access {
  readonly kubeconfigs: ReadonlyMap<string, string>;
  readonly demoToken: string;
  /** RFC 3339. */
  readonly expires: string;
}

export async function accessTo(cluster: ExistingCluster, signal: AbortSignal): Promise<Access> {
  const names = [...accountsIn(cluster), DEMO];
  const tokens = await Promise.all(names.map(async (name) => tokenOf(cluster.client, account(name), signal)));
  const texts = names.map((name, index) =>
    plainKubeconfig(cluster.name, { ...cluster.target, credentials: { token: tokens[index]?.token ?? '' } }),
  );
  const [expires = ''] = tokens.map(({ expirationTimestamp }) => expirationTimestamp).toSorted();
  return {
    kubeconfigs: new Map(names.map((name, index) => [name, texts[index] ?? ''])),
    demoToken: tokens.at(-1)?.token ?? '',
    expires,
  };
}

export const accountOf = { scheduler: SCHEDULER, repeater: REPEATER, host: HOST, member: MEMBER } as const;
