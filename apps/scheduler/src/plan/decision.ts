import { keyOf, WasmCloudPlacement, typeMeta, type PlacementObject, type PlacementSpec } from '@kasmcloud/kube-api';
import type { ClusterPlan } from '@kasmcloud/placement';
import type { Planned } from './snapshot.ts';
import { placementName } from '../dispatch/names.ts';

/** What was planned for one Distribution, and what is stored of it. */
export interface DecisionInput {
  /** Undefined when nothing is planned for it any more. */
  readonly planned: Planned | undefined;
  readonly clusters: readonly ClusterPlan[];
  readonly stored: readonly PlacementObject[];
}

/** A Placement without its epoch, which the planner puts in. */
export type PlacementDraft = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: Omit<PlacementSpec, 'epoch'>;
};

/** The difference between a plan and the stored Placements: the only thing that a planning epoch writes. */
export function decide({ planned, clusters, stored }: DecisionInput): PlacementDraft[] {
  const drafts =
    planned === undefined ? [] : clusters.map(({ cluster, hosts }) => draftOf(planned, cluster, [...hosts]));
  const wanted = new Map(drafts.map((draft) => [keyOf(draft), draft]));
  const before = new Map(stored.map((placement) => [keyOf(placement), placement]));
  const writes = [...wanted.values()].filter((draft) => differs(before.get(keyOf(draft)), draft));
  for (const placement of stored) {
    if (wanted.has(keyOf(placement)) || placement.spec.hosts.length === 0) continue;
    const { distribution, cluster, revision } = placement.spec;
    const { name, namespace = '' } = placement.metadata;
    writes.push({
      ...typeMeta(WasmCloudPlacement),
      metadata: { name, namespace },
      spec: { distribution, cluster, revision, hosts: [] },
    });
  }
  return writes;
}

function draftOf(
  { object, revision, intent }: Planned,
  cluster: string,
  hosts: PlacementSpec['hosts'],
): PlacementDraft {
  const { name, namespace = '' } = object.metadata;
  return {
    ...typeMeta(WasmCloudPlacement),
    metadata: { name: placementName(name, cluster), namespace },
    spec: { distribution: name, cluster, revision, intent, hosts },
  };
}

function differs(before: PlacementObject | undefined, { spec }: PlacementDraft): boolean {
  if (before === undefined) return spec.hosts.length > 0;
  const { revision, intent, hosts } = before.spec;
  if (revision !== spec.revision || intent !== spec.intent || hosts.length !== spec.hosts.length) return true;
  const standing = new Map(hosts.map(({ host, replicas }) => [host, replicas]));
  return spec.hosts.some(({ host, replicas }) => standing.get(host) !== replicas);
}
