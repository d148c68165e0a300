import type { ClusterObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';
import type { MemberFacts } from '../plan/facts.ts';
import type { Members } from './members.ts';

/** What a plan depends on, of every cluster that is declared. */
export const allFacts = (
  clusters: Pick<Store<ClusterObject>, 'list'>,
  members: Pick<Members, 'get' | 'reachOf'>,
): MemberFacts[] => clusters.list().map((cluster) => factsOf(members, cluster));

/** The same of one cluster, or of one of its hosts. */
export function factsOf(members: Pick<Members, 'get' | 'reachOf'>, cluster: ClusterObject, host?: string): MemberFacts {
  const facts = members.get(cluster.metadata.name)?.facts(cluster, host);
  if (facts === undefined) return unseen(cluster);
  return facts.reach === 'Lost' ? { ...facts, reach: members.reachOf(cluster.metadata.name) } : facts;
}

/** A member that was never reached: what was decided for it stands, and nothing new goes there. */
const unseen = (cluster: ClusterObject): MemberFacts => ({
  cluster,
  reach: 'Unreachable',
  hosts: [],
  actors: [],
  providers: [],
});
