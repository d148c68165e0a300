import {
  keyOf,
  labels,
  WasmCloudDistribution,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { diff, explain, place, type ClusterPlan, type DistributionPlan, type Explanation } from '@kasmcloud/placement';
import { RefusedError } from '../access/refused-error.ts';
import { rightText } from '../access/reviews.ts';
import type { MemberFacts } from '../plan/facts.ts';
import type { Hub } from '../plan/hub.ts';
import { takeSnapshot } from '../plan/snapshot.ts';
import type { Call } from './admission.ts';
import { readWish, type Wish } from './plan-wish.ts';
import type { PlanReply } from './shapes.ts';

export interface PlanPreviewOptions {
  readonly hub: Pick<Hub, 'distributions' | 'placements' | 'surroundings'>;
  readonly members: () => readonly MemberFacts[];
  /** Ready replicas of a Distribution by `cluster/host`. */
  readonly readyOn: (distribution: string) => ReadonlyMap<string, number>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What would be placed where, from the world as it is now. Nothing is written. */
export class PlanPreview {
  readonly #options: PlanPreviewOptions;

  constructor(options: PlanPreviewOptions) {
    this.#options = options;
  }

  /** Why a Distribution is where it is, why it is not elsewhere, and what would help. Of others nothing is told. */
  explain(namespace: string, name: string): Explanation {
    const { hub, members, now, readyOn } = this.#options;
    const { snapshot } = takeSnapshot({
      members: members(),
      distributions: hub.distributions.list(),
      placements: hub.placements.list(),
      surroundings: hub.surroundings(),
      now: now(),
      readyOn,
    });
    const found = explain(snapshot, place(snapshot), `${namespace}/${name}`);
    if (found !== undefined) return found;
    throw new RefusedError('notFound', `there is no ${WasmCloudDistribution.kind} ${name} in namespace ${namespace}`);
  }

  /** Other namespaces are told as numbers only. */
  async preview(call: Call, body: Uint8Array, namespace: string): Promise<PlanReply> {
    const wish = readWish(body, namespace);
    await requireSight(call, wish);
    const { hub, members, now } = this.#options;
    const standing = new Map(hub.distributions.list().map((one) => [keyOf(one), one]));
    const wanted = new Map(wish.distributions.map((one) => [keyOf(one), one]));
    const removed = [...standing.values()].filter(
      (one) => isDropped(one, wish.applications) && !wanted.has(keyOf(one)),
    );
    const next = new Map([...standing, ...wanted]);
    for (const one of removed) next.delete(keyOf(one));
    const placements = hub.placements.list();
    const { snapshot } = takeSnapshot({
      members: members(),
      distributions: [...next.values()],
      placements,
      surroundings: hub.surroundings(),
      now: now(),
      readyOn: this.#options.readyOn,
    });
    const current = currentPlans(placements);
    const plans = place(snapshot).distributions;
    const others = plans.filter(({ key }) => !wanted.has(key)).map((plan) => changesOf(plan, current));
    return {
      distributions: plans.flatMap((plan) => {
        const object = wanted.get(plan.key);
        return object === undefined ? [] : [planned(object, plan, current, standing.has(plan.key))];
      }),
      removed: removed.map((one) => ({
        namespace: one.metadata.namespace ?? '',
        name: one.metadata.name,
        changes: diff(current.get(keyOf(one)) ?? [], []),
      })),
      others: {
        distributions: others.filter((changes) => changes.length > 0).length,
        replicas: others.flat().reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0),
      },
      warnings: wish.warnings.map(({ field, message }) => ({ field, message })),
    };
  }
}

type Planned = PlanReply['distributions'][number];

function planned(
  { metadata }: DistributionObject,
  plan: DistributionPlan,
  current: ReadonlyMap<string, ClusterPlan[]>,
  exists: boolean,
): Planned {
  const application = metadata.labels?.[labels.application];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(application !== undefined && { application }),
    exists,
    desired: plan.desired,
    placed: plan.placed,
    clusters: plan.clusters.map(({ cluster, hosts }) => ({ cluster, hosts: hosts.map((one) => ({ ...one })) })),
    changes: changesOf(plan, current),
    moves: plan.moves,
    unplaced: plan.unplaced.map((one) => ({ ...one, blockers: [...one.blockers], hosts: { ...one.hosts } })),
    skew: plan.skew.map((one) => ({ ...one })),
    unsupported: [...plan.unsupported],
  };
}

const changesOf = (plan: DistributionPlan, current: ReadonlyMap<string, ClusterPlan[]>): Planned['changes'] =>
  diff(current.get(plan.key) ?? [], plan.clusters);

function currentPlans(placements: readonly PlacementObject[]): Map<string, ClusterPlan[]> {
  const byKey = Map.groupBy(placements, ({ metadata, spec }) => `${metadata.namespace}/${spec.distribution}`);
  return new Map(
    [...byKey].map(([key, all]) => [key, all.map(({ spec }) => ({ cluster: spec.cluster, hosts: spec.hosts }))]),
  );
}

const isDropped = ({ metadata }: DistributionObject, applications: ReadonlySet<string>): boolean =>
  applications.has(`${metadata.namespace}/${metadata.labels?.[labels.application]}`);

/** A plan tells what stands in the namespaces of its manifests. */
async function requireSight({ caller, signal }: Call, { distributions }: Wish): Promise<void> {
  for (const namespace of new Set(distributions.map(({ metadata }) => metadata.namespace))) {
    const right = { verb: 'list', kind: WasmCloudDistribution, namespace } as const;
    if (await caller.may(right, signal)) continue;
    throw new RefusedError('forbidden', `user "${caller.user.user}" cannot ${rightText(right)}`);
  }
}
