import { PODS_HOST, type ClusterObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';
import { reachUnder, stateUnder, type Patience } from '@kasmcloud/placement';
import type { HostSight } from '../plan/units.ts';
import { silenceOf } from './all-facts.ts';
import type { Members } from './members.ts';

export interface Onlooker {
  readonly clusters: Pick<Store<ClusterObject>, 'get'>;
  readonly members: Pick<Members, 'get' | 'reachOf' | 'isHeld'>;
  /** How long it waits for who is silent. */
  readonly patience: Patience;
}

/** Whether a host can be told something now, and how it swaps what it runs. */
export function hostSight(onlooker: Onlooker, cluster: string, name: string): HostSight {
  const member = onlooker.members.get(cluster);
  const host = member?.hosts.get(name);
  const isKnown = onlooker.clusters.get(cluster) !== undefined;
  if (name === PODS_HOST) return { swapsInPlace: true, reach: isKnown ? podsReach(onlooker, cluster) : 'Lost' };
  // What stops before it starts is unavailable meanwhile: assumed where nothing is known.
  const swapsInPlace = host?.status?.runtime === 'kasmcloud';
  const isGone = !isKnown || (member?.hasSynced === true && member.reach === 'Reachable' && host === undefined);
  return { swapsInPlace, reach: isKnown ? reachOf(onlooker, cluster, name) : 'Lost', ...(isGone && { isGone }) };
}

/** Pods are there as long as their cluster is. */
function podsReach({ members, patience }: Onlooker, cluster: string): HostSight['reach'] {
  const reach = reachUnder(patience, members.reachOf(cluster), silenceOf(members, cluster));
  if (reach === 'Lost') return 'Away';
  return reach === 'Reachable' && members.get(cluster)?.hasSynced === true ? 'Reachable' : 'Frozen';
}

function reachOf({ members, patience }: Onlooker, cluster: string, name: string): HostSight['reach'] {
  const member = members.get(cluster);
  const reach = reachUnder(patience, members.reachOf(cluster), silenceOf(members, cluster));
  if (reach === 'Lost') return member?.hasSynced === true && member.hosts.get(name) === undefined ? 'Lost' : 'Away';
  if (member === undefined || reach === 'Unreachable' || !member.hasSynced) return 'Frozen';
  if (member.hosts.get(name) === undefined) return 'Lost';
  switch (stateUnder(patience, member.livenessOf(name), member.silenceOf(name))) {
    case 'Ready':
      return 'Reachable';
    case 'Lost':
      return 'Lost';
    case 'Suspect':
    case 'Unknown':
      return 'Frozen';
  }
}
