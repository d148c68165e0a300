import {
  annotations,
  Application as ApplicationKind,
  fieldManagers,
  labels,
  type ApplicationObject,
  type DistributionObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { ConflictError, type KubeClient } from '@kasmcloud/kube';
import { compile, hasErrors, parseApplication, sharedIds, type Compiled, type Problem } from '@kasmcloud/oam';
import type { Hub } from '../plan/hub.ts';
import { sha256 } from '../plan/revision.ts';
import { sameJson } from '../same-json.ts';
import { childKinds, childrenOf, type Child } from './children.ts';
import { applicationStatus, type Deployment } from './status.ts';

export interface ApplicationOptions {
  readonly hub: Pick<Hub, 'client' | 'applications' | 'distributions'>;
  /** RFC 3339. */
  readonly now: () => string;
}

/**
 * Makes an Application's Distributions, Links and ConfigMaps what its manifest says, and tells its status. A manifest
 * with an error changes nothing: what it deployed before goes on.
 */
export async function reconcileApplication(
  options: ApplicationOptions,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const { hub, now } = options;
  const application = hub.applications.get(key);
  // What a deleted Application owned is collected by the API server.
  if (application === undefined || application.metadata.deletionTimestamp !== undefined) return;
  const read = readManifest(application, hub);
  if (read.kind === 'good') await write(hub.client, application, read.compiled, signal);
  await tell(hub, application, deploymentOf(hub, application, read), now(), signal);
}

type Read = { kind: 'good'; compiled: Compiled } | { kind: 'refused'; problems: readonly Problem[] };

function readManifest(application: ApplicationObject, { applications }: ApplicationOptions['hub']): Read {
  const { name, namespace = '' } = application.metadata;
  if (application.spec.components.length === 0) return { kind: 'good', compiled: nothing };
  const parsed = parseApplication(application);
  if (parsed.application === undefined) return { kind: 'refused', problems: parsed.problems };
  const sharedId = sharedIds((other) => applications.get(`${namespace}/${other}`));
  const compiled = compile(parsed.application, { name, namespace, sharedId });
  return hasErrors(compiled.problems) ? { kind: 'refused', problems: compiled.problems } : { kind: 'good', compiled };
}

const nothing: Compiled = { distributions: [], links: [], configMaps: [], problems: [] };

async function write(
  hub: KubeClient,
  application: ApplicationObject,
  compiled: Compiled,
  signal: AbortSignal,
): Promise<void> {
  const children = childrenOf(application, compiled);
  const standing = await listChildren(hub, application, signal);
  for (const child of children) {
    const before = standing.get(idOf(child));
    if (before !== undefined && isUpToDate(before.object, child.object)) continue;
    const { apiVersion: _, kind: __, ...draft } = child.object;
    await hub.apply(child.kind, draft, { fieldManager: fieldManagers.application, force: true, signal });
  }
  const keep = new Set(children.map(idOf));
  for (const [id, { kind, object }] of standing) {
    if (keep.has(id) || object.metadata.deletionTimestamp !== undefined) continue;
    const { name, namespace, uid } = object.metadata;
    try {
      await hub.delete(kind, name, namespace, { uid, signal });
    } catch (error) {
      // Another object of that name came meanwhile: it is not a leftover.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

const idOf = ({ kind, object }: Child): string => `${kind.kind}/${object.metadata.name}`;

/** What bears this Application's label and is owned by it, on the server itself: a store may be behind. */
async function listChildren(
  hub: KubeClient,
  { metadata }: ApplicationObject,
  signal: AbortSignal,
): Promise<Map<string, Child>> {
  const found = new Map<string, Child>();
  const labelSelector = `${labels.application}=${metadata.name}`;
  for (const kind of childKinds) {
    const { items } = await hub.list(kind, { namespace: metadata.namespace, labelSelector, signal });
    for (const object of items) {
      const isOwned = object.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true;
      if (isOwned) found.set(`${kind.kind}/${object.metadata.name}`, { kind, object });
    }
  }
  return found;
}

/** Whether a standing child says what it must, so that no write is due. */
function isUpToDate(standing: Child['object'], wanted: Child['object']): boolean {
  const hasLabels = Object.entries(wanted.metadata.labels ?? {}).every(
    ([name, value]) => standing.metadata.labels?.[name] === value,
  );
  return hasLabels && content(standing) === content(wanted);
}

const content = ({ spec, data, metadata }: Child['object']): string =>
  sha256({ spec, data, latticeName: metadata.annotations?.[annotations.latticeName] });

function deploymentOf(hub: ApplicationOptions['hub'], { metadata }: ApplicationObject, read: Read): Deployment {
  if (read.kind === 'refused') {
    const errors = read.problems.filter(({ severity }) => severity === 'Error');
    return { kind: 'refused', problems: errors.map(({ field, message }) => `${field}: ${message}`) };
  }
  if (read.compiled.distributions.length === 0 && read.compiled.links.length === 0) return { kind: 'undeployed' };
  const own = hub.distributions
    .list()
    .filter((each) => each.metadata.namespace === metadata.namespace && ownerOf(each) === metadata.name);
  const distributions = new Map(own.map((each) => [each.metadata.name, each]));
  return { kind: 'deployed', compiled: read.compiled, distributions };
}

const ownerOf = ({ metadata }: DistributionObject): string | undefined => metadata.labels?.[labels.application];

async function tell(
  hub: ApplicationOptions['hub'],
  application: ApplicationObject,
  deployment: Deployment,
  now: string,
  signal: AbortSignal,
): Promise<void> {
  const status = applicationStatus(application, deployment, now);
  if (sameJson(status, application.status ?? {})) return;
  const { name, namespace = '' } = application.metadata;
  // Applied, not merged: what the status no longer says must go.
  const call = { subresource: 'status', fieldManager: fieldManagers.scheduler, force: true, signal } as const;
  await hub.client.apply(ApplicationKind, { metadata: { name, namespace }, status }, call);
}

/** The Application that made an object on the hub, as `namespace/name`. */
export function applicationKeyOf({ metadata }: Pick<KubeObject, 'metadata'>): string | undefined {
  const name = metadata.labels?.[labels.application];
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
}
