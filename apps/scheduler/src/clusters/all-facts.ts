import type { ClusterObject } from '@kasmcloud/kube-api';
import type { Store } from '@kasmcloud/kube';
import type { MemberFacts } from '../plan/facts.ts';
import type { Members } from './members.ts';

/** What a plan depends on, of every cluster that is declared. */
export const allFacts = (
  clusters: Pick<Store<ClusterObject>, 'list'>,
  members: Pick<Members, 'get' | 'reachOf' | 'isHeld'>,
): MemberFacts[] => clusters.list().map((cluster) => factsOf(members, cluster));

/** The same of one cluster, or of one of its hosts. */
export function factsOf(
  members: Pick<Members, 'get' | 'reachOf' | 'isHeld'>,
  cluster: ClusterObject,
  host?: string,
): MemberFacts {
  const facts = members.get(cluster.metadata.name)?.facts(cluster, host);
  if (facts === undefined) return unseen(cluster);
  if (facts.reach === 'Reachable') return facts;
  const { name } = cluster.metadata;
  const reach = facts.reach === 'Lost' ? members.reachOf(name) : facts.reach;
  const silentMs = silenceOf(members, name);
  return { ...facts, reach, ...(silentMs !== undefined && { silentMs }) };
}

/**
 * For how long a member has not answered, for those that wait longer or less long than everybody. One that is held, or
 * that answers and refuses our credentials, is waited for by all.
 */
export function silenceOf(members: Pick<Members, 'get' | 'isHeld'>, cluster: string): number | undefined {
  const member = members.get(cluster);
  if (member === undefined || member.reach === 'Reachable') return undefined;
  return members.isHeld(cluster) || member.contact.kind === 'CredentialsRefused' ? 0 : member.silentMs;
}

/** A member that was never reached: what was decided for it stands, and nothing new goes there. */
const unseen = (cluster: ClusterObject): MemberFacts => ({
  cluster,
  reach: 'Unreachable',
  hosts: [],
  actors: [],
  providers: [],
});
