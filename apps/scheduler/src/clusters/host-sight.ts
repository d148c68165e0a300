import { PODS_HOST, type ClusterObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';
import { reachUnder, stateUnder, type Patience } from '@kasmcloud/placement';
import type { HostSight } from '../plan/units.ts';
import { silenceOf } from './all-facts.ts';
import type { Member } from './member.ts';
import type { Members } from './members.ts';

export interface Onlooker {
  readonly clusters: Pick<Store<ClusterObject>, 'get'>;
  readonly members: Pick<Members, 'get' | 'reachOf' | 'isHeld'>;
  /** How long it waits for who is silent. */
  readonly patience: Patience;
}

/** Whether hosts can be told something now, and how they swap what they run: for many looks at one moment. */
export function hostSights(onlooker: Onlooker): (cluster: string, host: string) => HostSight {
  const views = new Map<string, ClusterView>();
  return (cluster, host) => {
    const view = views.get(cluster) ?? viewOf(onlooker, cluster);
    views.set(cluster, view);
    return sightIn(view, onlooker.patience, host);
  };
}

/** A cluster as it is seen at one moment. */
interface ClusterView {
  readonly member: Member | undefined;
  /** Whether there is such a cluster. */
  readonly isKnown: boolean;
  readonly hasSynced: boolean;
  readonly reach: Member['reach'];
}

function viewOf({ clusters, members, patience }: Onlooker, cluster: string): ClusterView {
  const member = members.get(cluster);
  return {
    member,
    isKnown: clusters.get(cluster) !== undefined,
    hasSynced: member?.hasSynced === true,
    reach: reachUnder(patience, members.reachOf(cluster), silenceOf(members, cluster)),
  };
}

function sightIn(view: ClusterView, patience: Patience, name: string): HostSight {
  const { member, isKnown, hasSynced } = view;
  if (name === PODS_HOST) return { swapsInPlace: true, reach: isKnown ? podsReach(view) : 'Lost' };
  const host = member?.hosts.get(name);
  // What stops before it starts is unavailable meanwhile: assumed where nothing is known.
  const swapsInPlace = host?.status?.runtime === 'kasmcloud';
  const isGone = !isKnown || (hasSynced && member?.reach === 'Reachable' && host === undefined);
  return { swapsInPlace, reach: isKnown ? reachOf(view, patience, name) : 'Lost', ...(isGone && { isGone }) };
}

/** Pods are there as long as their cluster is. */
function podsReach({ reach, hasSynced }: ClusterView): HostSight['reach'] {
  if (reach === 'Lost') return 'Away';
  return reach === 'Reachable' && hasSynced ? 'Reachable' : 'Frozen';
}

function reachOf({ member, hasSynced, reach }: ClusterView, patience: Patience, name: string): HostSight['reach'] {
  if (reach === 'Lost') return hasSynced && member?.hosts.get(name) === undefined ? 'Lost' : 'Away';
  if (member === undefined || reach === 'Unreachable' || !hasSynced) return 'Frozen';
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
