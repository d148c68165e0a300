import { readFile } from 'node:fs/promises';
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
  WasmCloudCluster,
  type Condition,
  type KubeObject,
} from '@kasmcloud/kube-api';
import type { Draft, KubeClient } from '@kasmcloud/kube';
import { z } from 'zod';
import type { ClusterOption } from './options.ts';

/** The lattice of the demo: a namespace in every cluster. */
export const LATTICE = 'hello';
/** Account of the person who tries it out: may do everything on the hub. */
const ACCOUNT = 'demo';
const TOKEN_SECONDS = 365 * 24 * 3600;

const own = { fieldManager: fieldManagers.cli, force: true } as const;

/** Puts our resource definitions into a cluster; resolves when the API server serves them all. */
export async function seedDefinitions(client: KubeClient, signal: AbortSignal): Promise<void> {
  const options = { ...own, signal };
  await Promise.all(
    kinds.map(async (kind) => {
      const definition = toCrd(kind) as unknown as Draft;
      await client.apply(builtin.CustomResourceDefinition, definition, options);
      await established(client, `${kind.plural}.${kind.group}`, signal);
    }),
  );
}

/** Namespaces, members, the demo's account: everything on the hub that `kasm up` itself declares. */
export async function seedHub(
  hub: KubeClient,
  members: readonly (ClusterOption & { readonly kubeconfig: string })[],
  signal: AbortSignal,
): Promise<void> {
  const options = { ...own, signal };
  await hub.apply(builtin.Namespace, { metadata: { name: SYSTEM_NAMESPACE } }, options);
  await hub.apply(builtin.Namespace, { metadata: { name: LATTICE, labels: { [labels.lattice]: 'true' } } }, options);
  await grantLattice(hub, LATTICE, signal);
  for (const { name, region, kubeconfig } of members) {
    const secret = `kubeconfig-${name}`;
    await hub.apply(
      builtin.Secret,
      {
        metadata: { name: secret, namespace: SYSTEM_NAMESPACE },
        type: 'Opaque',
        data: { kubeconfig: (await readFile(kubeconfig)).toString('base64') },
      },
      options,
    );
    const spec = { kubeconfigSecret: { name: secret }, ...(region !== undefined && { region }) };
    await hub.apply(WasmCloudCluster, { metadata: { name }, spec }, options);
  }
  await hub.apply(builtin.ServiceAccount, { metadata: { name: ACCOUNT, namespace: SYSTEM_NAMESPACE } }, options);
  await hub.apply(
    builtin.ClusterRoleBinding,
    {
      metadata: { name: `kasmcloud-${ACCOUNT}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: SYSTEM_NAMESPACE }],
    },
    options,
  );
}

/** What `wash app` and other clients on NATS may do in a lattice: they act as its account (DESIGN §10). */
async function grantLattice(hub: KubeClient, lattice: string, signal: AbortSignal): Promise<void> {
  const options = { ...own, signal };
  const rules = [
    {
      apiGroups: [Application.group],
      resources: [Application.plural],
      verbs: ['get', 'list', 'create', 'update', 'delete'],
    },
  ];
  await hub.apply(builtin.ClusterRole, { metadata: { name: LATTICE_ACCOUNT }, rules }, options);
  await hub.apply(builtin.ServiceAccount, { metadata: { name: LATTICE_ACCOUNT, namespace: lattice } }, options);
  const binding = {
    metadata: { name: LATTICE_ACCOUNT, namespace: lattice },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: LATTICE_ACCOUNT },
    subjects: [{ kind: 'ServiceAccount', name: LATTICE_ACCOUNT, namespace: lattice }],
  };
  await hub.apply(builtin.RoleBinding, binding, options);
}

/** A bearer token of the demo's account, for `curl` and the REST API. */
export async function demoToken(hub: KubeClient, signal: AbortSignal): Promise<string> {
  const path = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/serviceaccounts/${ACCOUNT}/token`;
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: TOKEN_SECONDS },
  };
  const answer = z.object({ status: z.object({ token: z.string() }) });
  return answer.parse(await hub.raw('POST', path, request, { signal })).status.token;
}

async function established(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  type Definition = KubeObject<unknown, { conditions?: Condition[] }>;
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await client.get<Definition>(builtin.CustomResourceDefinition, name, undefined, { signal });
    if (findCondition(status?.conditions, 'Established')?.status === 'True') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} is not established after 10 s in ${client.server}`);
}
