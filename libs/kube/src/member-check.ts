import { builtin, memberKinds, SYSTEM_NAMESPACE, toCrd, type Kind, type KindDefinition } from '@kasmcloud/kube-api';
import type { KubeClient } from './client.ts';
import { ForbiddenError, isRecord, NotFoundError } from './errors.ts';

/** Why a cluster that answers cannot be a member, as a reason for conditions. */
export type MemberProblemReason = 'VersionTooOld' | 'DefinitionsMissing' | 'DefinitionsOlder' | 'RightsMissing';

export interface MemberProblem {
  readonly reason: MemberProblemReason;
  readonly message: string;
}

export interface MemberCheck {
  /** What tells a cluster from every other: the UID of its oldest namespace; undefined when that may not be read. */
  readonly identity: string | undefined;
  /** `gitVersion` of the API server. */
  readonly version: string;
  readonly problem: MemberProblem | undefined;
}

/** Fields can be selected, which hosts need, from this minor version of Kubernetes on. */
const OLDEST_MINOR = 32;
/** How many names a message has at most. */
const TOLD = 5;

const verbs = ['list', 'watch', 'create', 'patch', 'delete'] as const;

/** What scheduler and repeater do in a member besides what belongs to single lattices: role `kasmcloud-member`. */
const work: readonly { readonly kind: Kind; readonly verbs: readonly string[]; readonly namespace?: string }[] = [
  ...memberKinds.map((kind) => ({ kind, verbs })),
  { kind: builtin.Namespace, verbs: ['get', 'create'] },
  { kind: builtin.Lease, verbs: ['list', 'watch'], namespace: SYSTEM_NAMESPACE },
];

/**
 * Looks whether a cluster can be a member: new enough, with our definitions, with the rights that the work needs. Reads
 * only what every account may read. Throws when the cluster does not answer.
 */
export async function checkMember(client: KubeClient, signal: AbortSignal): Promise<MemberCheck> {
  const [answer, identity] = await Promise.all([
    client.raw('GET', '/version', undefined, { signal }),
    identityOf(client, signal),
  ]);
  const { major = '', minor = '', gitVersion = '' } = isRecord(answer) ? answer : {};
  const version = String(gitVersion);
  if (Number(major) === 1 && Number.parseInt(String(minor), 10) < OLDEST_MINOR) {
    const message = `is Kubernetes ${version}; 1.${OLDEST_MINOR} or newer is needed, which can select objects by their fields`;
    return { identity, version, problem: { reason: 'VersionTooOld', message } };
  }
  return {
    identity,
    version,
    problem: (await definitionsProblem(client, signal)) ?? (await rightsProblem(client, signal)),
  };
}

async function identityOf(client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.get(builtin.Namespace, 'kube-system', undefined, { signal })).metadata.uid;
  } catch (error) {
    if (error instanceof ForbiddenError || error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** What the API server publishes of our group is compared with what we write: a field that it lacks would be pruned. */
async function definitionsProblem(client: KubeClient, signal: AbortSignal): Promise<MemberProblem | undefined> {
  const published = new Map<string, unknown>();
  for (const path of new Set(memberKinds.map(({ group, version }) => `/openapi/v3/apis/${group}/${version}`)))
    for (const [kind, schema] of await publishedAt(client, path, signal)) published.set(kind, schema);
  const missing = memberKinds.filter(({ kind }) => !published.has(kind));
  if (missing.length > 0) {
    const names = missing.map(({ plural, group }) => `${plural}.${group}`);
    const message = `CustomResourceDefinitions are missing: ${names.join(', ')}; apply deploy/crds, or join with --install`;
    return { reason: 'DefinitionsMissing', message };
  }
  const lacking = memberKinds.flatMap((kind) => {
    const path = firstLacking(schemaOf(kind), published.get(kind.kind), '');
    return path === undefined ? [] : [`${kind.kind} lacks ${path}`];
  });
  if (lacking.length === 0) return undefined;
  const message = `CustomResourceDefinitions are older than this scheduler: ${lacking.join(', ')}; apply deploy/crds again`;
  return { reason: 'DefinitionsOlder', message };
}

/** Schemas by kind. */
async function publishedAt(client: KubeClient, path: string, signal: AbortSignal): Promise<Map<string, unknown>> {
  try {
    const document = await client.raw('GET', path, undefined, { signal });
    const components = isRecord(document) && isRecord(document['components']) ? document['components'] : {};
    const schemas = isRecord(components['schemas']) ? Object.values(components['schemas']) : [];
    return new Map(schemas.filter(isRecord).flatMap((schema) => kindsOf(schema).map((kind) => [kind, schema])));
  } catch (error) {
    if (error instanceof NotFoundError) return new Map();
    throw error;
  }
}

function kindsOf(schema: Record<string, unknown>): string[] {
  const named: unknown = schema['x-kubernetes-group-version-kind'];
  return Array.isArray(named) ? named.filter(isRecord).map(({ kind }) => String(kind)) : [];
}

/** Schema of a kind's `spec` and `status`, as its definition says it. */
function schemaOf(kind: KindDefinition): unknown {
  const { spec } = toCrd(kind);
  const versions: unknown = isRecord(spec) ? spec['versions'] : undefined;
  const [first]: unknown[] = Array.isArray(versions) ? versions : [];
  const schema = isRecord(first) && isRecord(first['schema']) ? first['schema']['openAPIV3Schema'] : undefined;
  const properties = isRecord(schema) && isRecord(schema['properties']) ? schema['properties'] : {};
  return { properties: { spec: properties['spec'], status: properties['status'] } };
}

/** Path of the first field that `wanted` has and `standing` has not. */
function firstLacking(wanted: unknown, standing: unknown, path: string): string | undefined {
  if (!isRecord(wanted)) return undefined;
  const there = isRecord(standing) ? standing : {};
  const properties = isRecord(wanted['properties']) ? wanted['properties'] : {};
  const has = isRecord(there['properties']) ? there['properties'] : {};
  for (const [name, schema] of Object.entries(properties)) {
    const field = path === '' ? name : `${path}.${name}`;
    if (has[name] === undefined) return field;
    const deeper = firstLacking(schema, has[name], field);
    if (deeper !== undefined) return deeper;
  }
  return wanted['items'] === undefined ? undefined : firstLacking(wanted['items'], there['items'], `${path}[]`);
}

async function rightsProblem(client: KubeClient, signal: AbortSignal): Promise<MemberProblem | undefined> {
  const asked = work.flatMap(({ kind, verbs: needed, namespace }) => needed.map((verb) => ({ kind, verb, namespace })));
  const answers = await Promise.all(
    asked.map(async ({ kind, verb, namespace }) => {
      const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
      return (await mayDo(client, { kind, verb, namespace }, signal)) ? [] : [`${verb} ${resource}`];
    }),
  );
  const refused = answers.flat();
  if (refused.length === 0) return undefined;
  const more = refused.length > TOLD ? ` and ${refused.length - TOLD} more` : '';
  const message = `its credentials may not ${refused.slice(0, TOLD).join(', ')}${more}: bind them the ClusterRole kasmcloud-member (deploy/rbac)`;
  return { reason: 'RightsMissing', message };
}

/** Whether whoever asks has a right (SelfSubjectAccessReview). */
async function mayDo(
  client: KubeClient,
  { kind, verb, namespace }: { readonly kind: Kind; readonly verb: string; readonly namespace: string | undefined },
  signal: AbortSignal,
): Promise<boolean> {
  const where = namespace === undefined ? {} : { namespace };
  const answer = await client.raw(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group: kind.group, resource: kind.plural, ...where } },
    },
    { signal },
  );
  const status = isRecord(answer) && isRecord(answer['status']) ? answer['status'] : {};
  return status['allowed'] === true;
}
