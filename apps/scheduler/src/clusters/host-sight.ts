import type { ClusterObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';
import type { HostSight } from '../plan/units.ts';
import type { Members } from './members.ts';

/** Whether a host can be told something now, and how it swaps what it runs. */
export function hostSight(
  clusters: Pick<Store<ClusterObject>, 'get'>,
  members: Pick<Members, 'get' | 'reachOf'>,
  cluster: string,
  name: string,
): HostSight {
  const member = members.get(cluster);
  const host = member?.hosts.get(name);
  // What stops before it starts is unavailable meanwhile: assumed where nothing is known.
  const swapsInPlace = host?.status?.runtime === 'kasmcloud';
  return {
    swapsInPlace,
    reach: clusters.get(cluster) === undefined ? 'Lost' : reachOf(member, members.reachOf(cluster), name),
  };
}

function reachOf(
  member: ReturnType<Members['get']>,
  reach: ReturnType<Members['reachOf']>,
  name: string,
): HostSight['reach'] {
  if (member === undefined || reach === 'Unreachable' || !member.hasSynced) return 'Frozen';
  if (member.hosts.get(name) === undefined) return 'Lost';
  if (reach === 'Lost') return 'Away';
  switch (member.livenessOf(name)) {
    case 'Ready':
      return 'Reachable';
    case 'Lost':
      return 'Lost';
    case 'Suspect':
    case 'Unknown':
      return 'Frozen';
  }
}
