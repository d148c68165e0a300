import { keyOf, WasmCloudPlacement, typeMeta, type PlacementObject, type PlacementSpec } from '@kasmcloud/kube-api';
import { pathOf, type Unit } from '../rollout/unit.ts';
import { placementName } from '../dispatch/names.ts';

/** What is to stand of one Distribution now. */
export interface Decision {
  readonly namespace: string;
  readonly name: string;
  /** Revision of every unit that `revisions` gives no other. */
  readonly goal: string;
  /** Hash of where it wants its replicas. */
  readonly intent: string;
  readonly units: readonly Unit[];
  /** By `cluster/host`. */
  readonly revisions: ReadonlyMap<string, string>;
  readonly leaving: ReadonlyMap<string, number>;
  /** Whether what runs on a lost host may stay when it is back. */
  readonly mayReturn: boolean;
}

/** A Placement without its epoch, which the planner puts in. */
export type PlacementDraft = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: Omit<PlacementSpec, 'epoch'>;
};

type HostEntry = PlacementSpec['hosts'][number];

/**
 * The difference between a decision and the stored Placements; without a decision, nothing is to stand any more.
 * `found`: what stands in members without a Placement; see {@link foundIn}. A decision about it is always written.
 */
export function decide(
  decision: Decision | undefined,
  stored: readonly PlacementObject[],
  found: readonly PlacementObject[] = [],
): PlacementDraft[] {
  const wanted = new Map((decision === undefined ? [] : draftsOf(decision)).map((draft) => [keyOf(draft), draft]));
  const before = new Map(stored.map((placement) => [keyOf(placement), placement]));
  const writes = [...wanted.values()].filter((draft) => differs(before.get(keyOf(draft)), draft));
  for (const placement of [...stored, ...found]) {
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

function draftsOf({ namespace, name, goal, intent, units, revisions, leaving, mayReturn }: Decision): PlacementDraft[] {
  const byCluster = Map.groupBy(units, ({ cluster }) => cluster);
  return [...byCluster].flatMap(([cluster, inside]) => {
    const hosts = inside
      .map((unit): HostEntry => {
        const stays = leaving.get(pathOf(unit)) ?? 0;
        const lost = mayReturn ? lostOn(unit) : 0;
        const revision = (lost > 0 ? unit.revision : revisions.get(pathOf(unit))) ?? goal;
        return {
          host: unit.host,
          replicas: unit.planned,
          ...(stays > 0 && { leaving: stays }),
          ...(lost > 0 && { lost }),
          ...(revision !== goal && { revision }),
        };
      })
      .filter(({ replicas, leaving: stays = 0, lost = 0 }) => replicas + stays + lost > 0)
      .toSorted((a, b) => (a.host < b.host ? -1 : 1));
    if (hosts.length === 0) return [];
    return [
      {
        ...typeMeta(WasmCloudPlacement),
        metadata: { name: placementName(name, cluster), namespace },
        spec: { distribution: name, cluster, revision: goal, intent, hosts },
      },
    ];
  });
}

/** What ran on a host when it was lost, until that is back and it was decided what stays. */
function lostOn({ planned, reach, held, lost = 0, isGone = false }: Unit): number {
  if (planned > 0 || isGone) return 0;
  switch (reach) {
    case 'Reachable':
      return 0;
    case 'Frozen':
      return lost;
    case 'Away':
    case 'Lost':
      return Math.max(held, lost);
  }
}

function differs(before: PlacementObject | undefined, { spec }: PlacementDraft): boolean {
  if (before === undefined) return spec.hosts.length > 0;
  const { revision, intent, hosts } = before.spec;
  if (revision !== spec.revision || intent !== spec.intent || hosts.length !== spec.hosts.length) return true;
  const standing = new Map(hosts.map((entry) => [entry.host, entry]));
  return spec.hosts.some((entry) => !isSame(standing.get(entry.host), entry));
}

const isSame = (a: HostEntry | undefined, b: HostEntry): boolean =>
  a?.replicas === b.replicas && (a.leaving ?? 0) === (b.leaving ?? 0) && a.lost === b.lost && a.revision === b.revision;
