import {
  apiVersionOf,
  builtin,
  labels,
  WasmCloudDistribution,
  type DistributionObject,
  type ObjectMeta,
} from '@kasmcloud/kube-api';
import { AlreadyExistsError, NotFoundError, type KubeClient } from '@kasmcloud/kube';
import { templateOf, type Template } from './template.ts';

/** A ControllerRevision of a Distribution. Its `data` is a merge patch that brings the revision back. */
export interface StoredRevision {
  readonly metadata: ObjectMeta;
  readonly data: { readonly spec: Template };
  /** Counts up: the highest is what the spec says. */
  readonly revision: number;
}

/** How many revisions are kept that nothing runs. */
const MOST = 10;

export const revisionOfStored = ({ metadata }: Pick<StoredRevision, 'metadata'>): string =>
  metadata.labels?.[labels.revision] ?? '';

/** The same revision of the same Distribution always has the same name. */
export const revisionObjectName = (distribution: string, revision: string): string =>
  `${distribution.slice(0, 200)}-${revision}`;

/** Makes sure that a revision can be had again, whatever becomes of the spec, and that it is the newest. */
export async function keepRevision(
  hub: KubeClient,
  { metadata, spec }: DistributionObject,
  revision: string,
  stored: readonly StoredRevision[],
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace = '', uid = '' } = metadata;
  const own = stored.find((one) => revisionOfStored(one) === revision);
  const newest = stored.reduce((most, one) => Math.max(most, one.revision), 0);
  if (own !== undefined && own.revision === newest) return;
  const number = newest + 1;
  if (own !== undefined) {
    const patch = { revision: number };
    await hub.patch(builtin.ControllerRevision, own.metadata.name, namespace, patch, { type: 'merge', signal });
    return;
  }
  const owner = { apiVersion: apiVersionOf(WasmCloudDistribution), kind: WasmCloudDistribution.kind, name, uid };
  const object = {
    metadata: {
      name: revisionObjectName(name, revision),
      namespace,
      labels: { [labels.distribution]: name, [labels.revision]: revision },
      ownerReferences: [{ ...owner, controller: true }],
    },
    data: { spec: templateOf(spec) },
    revision: number,
  };
  try {
    await hub.create(builtin.ControllerRevision, object, { signal });
  } catch (error) {
    // Made a moment ago: the watch has not brought it yet.
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}

/** What a revision says; undefined when it is not kept any more. */
export async function findRevision(
  hub: KubeClient,
  distribution: Pick<ObjectMeta, 'name' | 'namespace'>,
  revision: string,
  signal: AbortSignal,
): Promise<Template | undefined> {
  const name = revisionObjectName(distribution.name, revision);
  const stored = await hub.find<StoredRevision>(builtin.ControllerRevision, name, distribution.namespace, { signal });
  return stored?.data.spec;
}

/** Removes the oldest revisions beyond what is kept; never one that is in use. */
export async function forgetRevisions(
  hub: KubeClient,
  stored: readonly StoredRevision[],
  inUse: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const idle = stored.filter((one) => !inUse.has(revisionOfStored(one))).toSorted((a, b) => b.revision - a.revision);
  for (const { metadata } of idle.slice(MOST)) {
    const { name, namespace, uid } = metadata;
    try {
      await hub.delete(builtin.ControllerRevision, name, namespace, { ...(uid !== undefined && { uid }), signal });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
}
