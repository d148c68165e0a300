import type { ClusterObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';
import type { MemberFacts } from '../plan/facts.ts';
import type { Members } from './members.ts';

/** What a plan depends on, of every cluster that is declared. */
export const allFacts = (clusters: Pick<Store<ClusterObject>, 'list'>, members: Pick<Members, 'get'>): MemberFacts[] =>
  clusters.list().map((cluster) => factsOf(members, cluster));

/** The same of one cluster, or of one of its hosts. */
export const factsOf = (members: Pick<Members, 'get'>, cluster: ClusterObject, host?: string): MemberFacts =>
  members.get(cluster.metadata.name)?.facts(cluster, host) ?? unseen(cluster);

/** A member that was never reached: what was decided for it stands, and nothing new goes there. */
const unseen = (cluster: ClusterObject): MemberFacts => ({
  cluster,
  reach: 'Unreachable',
  hosts: [],
  actors: [],
  providers: [],
});
