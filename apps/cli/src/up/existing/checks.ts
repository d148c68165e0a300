import { builtin, SYSTEM_NAMESPACE, WasmCloudCluster, type Kind } from '@kasmcloud/kube-api';
import { ForbiddenError, KubeError, NotFoundError, UnreachableError } from '@kasmcloud/kube';
import { z } from 'zod';
import { LATTICE, type Mark } from '../seed.ts';
import { ClusterRefusedError, type ExistingCluster } from './existing-cluster.ts';
import { isMarked } from './mark.ts';

const OLDEST_MINOR = 32;
/** How many names a message has at most. */
const TOLD = 3;
const REACH_MS = 10_000;

const versionAnswer = z.object({ major: z.string(), minor: z.string(), gitVersion: z.string() });
const reviewAnswer = z.object({ status: z.object({ allowed: z.boolean() }) });

/** What `kasm up` does in a cluster, beyond what every account may do. */
const writes: readonly { readonly kind: Kind; readonly subresource?: string; readonly namespace?: string }[] = [
  { kind: builtin.CustomResourceDefinition },
  { kind: builtin.Namespace },
  { kind: builtin.ClusterRole },
  { kind: builtin.ClusterRoleBinding },
  { kind: builtin.RoleBinding, namespace: LATTICE },
  { kind: builtin.ServiceAccount, namespace: SYSTEM_NAMESPACE },
  { kind: builtin.ServiceAccount, subresource: 'token', namespace: SYSTEM_NAMESPACE },
  { kind: builtin.Secret, namespace: SYSTEM_NAMESPACE },
];

/** Looks whether a cluster answers, is new enough, and lets us do what we need. Throws ClusterRefusedError. */
export async function checkCluster(cluster: ExistingCluster, signal: AbortSignal): Promise<void> {
  const answer = await cluster.client.raw('GET', '/version', undefined, { signal, timeoutMs: REACH_MS });
  const version = versionAnswer.safeParse(answer).data;
  if (version === undefined) throw new ClusterRefusedError(cluster, 'answers, but not as a Kubernetes API server');
  if (Number(version.major) === 1 && Number.parseInt(version.minor, 10) < OLDEST_MINOR) {
    throw new ClusterRefusedError(
      cluster,
      `is Kubernetes ${version.gitVersion}; KasmCloud needs 1.${OLDEST_MINOR} or newer, which can select objects by their fields`,
    );
  }
  const forbidden = await forbiddenWrites(cluster, signal);
  if (forbidden.length === 0) return;
  throw new ClusterRefusedError(
    cluster,
    `does not let these credentials create ${forbidden.join(', ')}: give the kubeconfig of a cluster administrator`,
  );
}

async function forbiddenWrites({ client }: ExistingCluster, signal: AbortSignal): Promise<string[]> {
  const answers = await Promise.all(
    writes.map(async ({ kind, subresource, namespace }) => {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            verb: 'create',
            group: kind.group,
            resource: kind.plural,
            ...(subresource !== undefined && { subresource }),
            ...(namespace !== undefined && { namespace }),
          },
        },
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const { status } = reviewAnswer.parse(await client.raw('POST', path, review, { signal }));
      const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
      return status.allowed ? [] : [kind.group === '' ? resource : `${resource}.${kind.group}`];
    }),
  );
  return answers.flat();
}

/** What tells a cluster from every other: the UID of its oldest namespace. */
export async function identityOf({ client }: ExistingCluster, signal: AbortSignal): Promise<string> {
  const { metadata } = await client.get(builtin.Namespace, 'kube-system', undefined, { signal });
  return metadata.uid ?? '';
}

/** Refuses two kubeconfigs that lead to one cluster. @param identities by the name of the cluster */
export function checkDistinct(
  clusters: readonly ExistingCluster[],
  identities: ReadonlyMap<string, string | undefined>,
): void {
  const known = new Map<string | undefined, ExistingCluster>();
  for (const cluster of clusters) {
    const identity = identities.get(cluster.name);
    const other = known.get(identity);
    if (other !== undefined) {
      const why = `is the same cluster as ${other.name} (${other.client.server}): name it once`;
      throw new ClusterRefusedError(cluster, why);
    }
    known.set(identity, cluster);
  }
}

/** Refuses a cluster in which a name that we need is taken: nothing of somebody else is ever written over. */
export async function checkNames(
  cluster: ExistingCluster,
  names: { readonly roles: readonly string[]; readonly members: readonly string[] },
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  const wanted: [Kind, string][] = [
    [builtin.Namespace, SYSTEM_NAMESPACE],
    [builtin.Namespace, LATTICE],
    ...names.roles.flatMap((name): [Kind, string][] => [
      [builtin.ClusterRole, name],
      [builtin.ClusterRoleBinding, name],
    ]),
    ...(cluster.isHub ? names.members.map((name): [Kind, string] => [WasmCloudCluster, name]) : []),
  ];
  const looked = await Promise.all(
    wanted.map(async ([kind, name]) => ({
      told: `${kind.kind} ${name}`,
      standing: await cluster.client.find(kind, name, undefined, { signal }),
    })),
  );
  const taken = looked.filter(({ standing }) => standing !== undefined && !isMarked(standing, mark));
  if (taken.length === 0) return;
  const told = taken.slice(0, TOLD).map((one) => one.told);
  if (taken.length > TOLD) told.push(`${taken.length - TOLD} more`);
  throw new ClusterRefusedError(
    cluster,
    `has ${told.join(', ')} already, not from this kasm up: ` +
      'KasmCloud runs there, or another kasm up does or was killed. Stop that one, or remove them yourself',
  );
}

/** What the client threw, as something that the person at the keyboard can put right. */
export function explain(cluster: ExistingCluster, error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof UnreachableError) {
    return new ClusterRefusedError(cluster, `cannot be reached: ${error.message}`, options);
  }
  if (error instanceof KubeError && error.status === 401) {
    return new ClusterRefusedError(cluster, 'does not accept the credentials of its kubeconfig', options);
  }
  if (error instanceof ForbiddenError) {
    const why = `refuses: ${error.message}: give the kubeconfig of a cluster administrator`;
    return new ClusterRefusedError(cluster, why, options);
  }
  if (error instanceof NotFoundError) {
    return new ClusterRefusedError(cluster, `answers, but not as a Kubernetes API server: ${error.message}`, options);
  }
  return error instanceof KubeError ? new ClusterRefusedError(cluster, `refuses: ${error.message}`, options) : error;
}
