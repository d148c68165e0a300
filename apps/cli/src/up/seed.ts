import {
  Application,
  builtin,
  fieldManagers,
  findCondition,
  kinds,
  labels,
  LATTICE_ACCOUNT,
  SYSTEM_NAMESPACE,
  toCrd,
  WasmCloudActor,
  WasmCloudLink,
  WasmCloudProvider,
  type Condition,
  type KindDefinition,
  type KubeObject,
} from '@kasmcloud/kube-api';
import {
  joinCluster,
  requestToken,
  type Account,
  type AccountToken,
  type Draft,
  type KubeClient,
} from '@kasmcloud/kube';
import { allSettled } from '../settled.ts';
import type { ClusterOption } from './cluster-words.ts';

/** The lattice of the demo: a namespace in every cluster. */
export const LATTICE = 'hello';
const TOKEN_SECONDS = 365 * 24 * 3600;

const own = { fieldManager: fieldManagers.cli, force: true } as const;

/** Labels that say who made an object; none in an embedded cluster, where everything is ours. */
export type Mark = Readonly<Record<string, string>>;

/** Puts resource definitions into a cluster; resolves when the API server serves them all. */
export async function seedDefinitions(
  client: KubeClient,
  signal: AbortSignal,
  wanted: readonly KindDefinition[] = kinds,
  mark: Mark = {},
): Promise<void> {
  await allSettled(
    wanted.map(async (kind) => {
      const definition = definitionOf(kind, mark);
      await client.apply(builtin.CustomResourceDefinition, definition, { ...own, signal });
      await established(client, definition.metadata.name, signal);
    }),
  );
}

/** The CustomResourceDefinition of a kind, as we apply it. */
export function definitionOf(
  kind: KindDefinition,
  mark: Mark,
): Draft & { readonly metadata: { readonly name: string } } {
  const { metadata, ...rest } = toCrd(kind) as unknown as { metadata: { name: string } };
  return { ...rest, metadata: { ...metadata, labels: mark } };
}

/** The namespace of the services and the one of the demo's lattice. */
export async function seedNamespaces(client: KubeClient, signal: AbortSignal, mark: Mark = {}): Promise<void> {
  const lattice = { ...mark, [labels.lattice]: 'true' };
  const options = { ...own, signal };
  await client.apply(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE, labels: mark } }, options);
  await client.apply(builtin.Namespace, { metadata: { name: LATTICE, labels: lattice } }, options);
}

/** A member, and the kubeconfig for it; without one the hub is this member. */
export interface Joining extends ClusterOption {
  readonly access: string | undefined;
}

/** Tells the hub which members there are. */
export async function joinMembers(
  hub: KubeClient,
  members: readonly Joining[],
  signal: AbortSignal,
  mark: Mark = {},
): Promise<void> {
  for (const { name, region, access } of members) {
    const joining = { name, kubeconfig: access, ...(region !== undefined && { region }) };
    await joinCluster(hub, joining, { fieldManager: fieldManagers.cli, signal, labels: mark });
  }
}

/** What `wash` and other clients on NATS may do in the demo's lattice: they act as its account (DESIGN §10). */
export async function grantLattice(client: KubeClient, signal: AbortSignal, mark: Mark = {}): Promise<void> {
  const verbs = ['get', 'list', 'create', 'update', 'patch', 'delete'];
  const rules = [
    { apiGroups: [Application.group], resources: [Application.plural], verbs },
    {
      apiGroups: [WasmCloudActor.group],
      resources: [WasmCloudActor.plural, WasmCloudProvider.plural, WasmCloudLink.plural],
      verbs,
    },
    { apiGroups: [builtin.ConfigMap.group], resources: [builtin.ConfigMap.plural], verbs },
  ];
  await grantRole(client, { name: LATTICE_ACCOUNT, rules }, signal, mark);
  const account = { name: LATTICE_ACCOUNT, namespace: LATTICE };
  await makeAccount(client, account, signal, mark);
  await bindRole(client, { role: LATTICE_ACCOUNT, account, namespace: LATTICE }, signal, mark);
}

/** The account of the person who tries it out: in embedded clusters it may do everything on the hub. */
export async function grantDemo(hub: KubeClient, signal: AbortSignal): Promise<string> {
  const account = { name: 'demo', namespace: SYSTEM_NAMESPACE };
  await makeAccount(hub, account, signal, {});
  await bindRole(hub, { role: 'cluster-admin', account, name: 'kasmcloud-demo' }, signal, {});
  return (await tokenOf(hub, account, signal)).token;
}

export async function makeAccount(
  client: KubeClient,
  account: Account,
  signal: AbortSignal,
  mark: Mark,
): Promise<void> {
  await client.apply(builtin.ServiceAccount, { metadata: { ...account, labels: mark } }, { ...own, signal });
}

export async function grantRole(
  client: KubeClient,
  { name, rules }: { readonly name: string; readonly rules: readonly unknown[] },
  signal: AbortSignal,
  mark: Mark,
): Promise<void> {
  await client.apply(builtin.ClusterRole, { metadata: { name, labels: mark }, rules }, { ...own, signal });
}

export interface Grant {
  /** A ClusterRole. */
  readonly role: string;
  readonly account: Account;
  /** Where it holds; in the whole cluster when absent. */
  readonly namespace?: string;
  /** Of the binding; the role's when absent. */
  readonly name?: string;
}

export async function bindRole(
  client: KubeClient,
  { role, account, namespace, name = role }: Grant,
  signal: AbortSignal,
  mark: Mark,
): Promise<void> {
  const kind = namespace === undefined ? builtin.ClusterRoleBinding : builtin.RoleBinding;
  const binding: Draft = {
    metadata: { name, ...(namespace !== undefined && { namespace }), labels: mark },
    roleRef: { apiGroup: builtin.ClusterRole.group, kind: builtin.ClusterRole.kind, name: role },
    subjects: [{ kind: builtin.ServiceAccount.kind, ...account }],
  };
  await client.apply(kind, binding, { ...own, signal });
}

/** A bearer token of an account, for as long as the cluster gives one. */
export const tokenOf = async (client: KubeClient, account: Account, signal: AbortSignal): Promise<AccountToken> =>
  requestToken(client, account, TOKEN_SECONDS, { signal });

async function established(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  type Definition = KubeObject<unknown, { conditions?: Condition[] }>;
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await client.get<Definition>(builtin.CustomResourceDefinition, name, undefined, { signal });
    if (findCondition(status?.conditions, 'Established')?.status === 'True') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} is not established after 10 s in ${client.server}`);
}
