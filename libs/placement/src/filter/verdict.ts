import type { Distribution, Patience } from '../model/distribution.ts';
import type { Cluster, Host } from '../model/snapshot.ts';
import type { HostView } from '../place/inventory.ts';
import { holdsAny, matchesAll } from './term.ts';
import { judgeTaints } from './taint.ts';

/** The filters in the order in which they are asked; a refusal counts under the first. */
export const FILTERS = [
  'HostLost',
  'ClusterLost',
  'Runtime',
  'Lattice',
  'ClusterTerms',
  'Tiers',
  'HostTerms',
  'Interfaces',
  'Groups',
  'TaintNoExecute',
  'TaintNoSchedule',
  'ClusterCordoned',
  'HostCordoned',
  'SpreadLabel',
  'ClusterUnreachable',
  'HostUnknown',
  'HostSuspect',
] as const;

export type FilterName = (typeof FILTERS)[number];

/**
 * What a host may do for a distribution.
 * `Open`: keeps and takes. `Full`: eligible, but takes nothing new now. `Keep`: not eligible, keeps what it has.
 * `Out`: what it has must go. `frozen`: what it has neither grows nor shrinks nor goes.
 */
export interface Verdict {
  readonly use: 'Open' | 'Full' | 'Keep' | 'Out';
  readonly frozen: boolean;
  readonly filter: FilterName | undefined;
}

const USES = ['Open', 'Full', 'Keep', 'Out'] as const;

/** Everything that a host can be, so that tables need keep only a number; see {@link codeOf}. */
export const VERDICTS: readonly Verdict[] = [undefined, ...FILTERS].flatMap((filter) =>
  USES.flatMap((use) => [false, true].map((frozen) => ({ use, frozen, filter }))),
);

/** The number of a verdict in {@link VERDICTS}. */
export const codeOf = ({ use, frozen, filter }: Verdict): number =>
  ((filter === undefined ? 0 : FILTERS.indexOf(filter) + 1) * USES.length + USES.indexOf(use)) * 2 + Number(frozen);

export function judge(distribution: Distribution, host: HostView): Verdict {
  const state = stateUnder(distribution.patience, host.state, host.silentMs);
  const reach = reachUnder(distribution.patience, host.cluster.reach, host.cluster.silentMs);
  const frozen = state !== 'Lost' && (state === 'Unknown' || reach === 'Unreachable');
  if (state === 'Lost') return { use: 'Out', frozen: false, filter: 'HostLost' };
  if (reach === 'Lost') return { use: 'Out', frozen: false, filter: 'ClusterLost' };
  // Nothing is known about a host that only a Placement of an unreachable cluster names: it stands.
  if (host.ghost) return { use: 'Full', frozen: true, filter: 'ClusterUnreachable' };
  const out = lasting(distribution, host);
  if (out !== undefined) return { use: 'Out', frozen, filter: out };
  const kept = ineligible(distribution, host);
  if (kept !== undefined) return { use: 'Keep', frozen, filter: kept };
  if (reach === 'Unreachable') return { use: 'Full', frozen, filter: 'ClusterUnreachable' };
  if (state === 'Unknown') return { use: 'Full', frozen, filter: 'HostUnknown' };
  if (state === 'Suspect') return { use: 'Full', frozen, filter: 'HostSuspect' };
  return { use: 'Open', frozen: false, filter: undefined };
}

/** What a host is to a distribution that waits longer, or less long, than everybody. */
export function stateUnder({ hostMs }: Patience, state: Host['state'], silentMs: number | undefined): Host['state'] {
  if (hostMs === undefined || silentMs === undefined || (state !== 'Suspect' && state !== 'Lost')) return state;
  return silentMs >= hostMs ? 'Lost' : 'Suspect';
}

/** The same of a cluster. */
export function reachUnder(
  { clusterMs }: Patience,
  reach: Cluster['reach'],
  silentMs: number | undefined,
): Cluster['reach'] {
  if (clusterMs === undefined || silentMs === undefined || reach === 'Reachable') return reach;
  return silentMs >= clusterMs ? 'Lost' : 'Unreachable';
}

/** Filters that hold while a replica runs, too (DESIGN §4.6). */
function lasting(distribution: Distribution, host: HostView): FilterName | undefined {
  const { cluster } = host;
  if (host.isPods !== distribution.inPods) return 'Runtime';
  if (!host.lattices.includes('*') && !host.lattices.includes(distribution.namespace)) return 'Lattice';
  if (!holdsAny(distribution.clusters.required, cluster.labels)) return 'ClusterTerms';
  if (distribution.tiers.length > 0 && !distribution.tiers.some((tier) => holdsAny(tier.required, cluster.labels)))
    return 'Tiers';
  if (!holdsAny(distribution.hosts.required, host.labels)) return 'HostTerms';
  if (!distribution.interfaces.every((wanted) => offers(host.interfaces, wanted))) return 'Interfaces';
  if (
    distribution.groups.length > 0 &&
    !distribution.groups.some((group) => matchesAll(group.requirements, host.labels))
  )
    return 'Groups';
  if (judgeTaints(host.taints, distribution.tolerations) === 'Evict') return 'TaintNoExecute';
  return undefined;
}

/** Filters that bind new placements only. */
function ineligible(distribution: Distribution, host: HostView): FilterName | undefined {
  if (judgeTaints(host.taints, distribution.tolerations) === 'Refuse') return 'TaintNoSchedule';
  if (host.cluster.unschedulable) return 'ClusterCordoned';
  if (host.unschedulable) return 'HostCordoned';
  if (distribution.spread.some((entry) => entry.block && host.domain(entry.topologyKey) === undefined))
    return 'SpreadLabel';
  return undefined;
}

/** An interface asked for without a version is offered by any version of it. */
function offers(offered: readonly string[], wanted: string): boolean {
  return offered.some((one) => one === wanted || (!wanted.includes('@') && one.startsWith(`${wanted}@`)));
}
