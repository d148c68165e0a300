/** `1 replica`, `2 replicas`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What a filter says about a host, after the host's name or number. */
export function filterWords(filter: string): string {
  return words[filter] ?? `refused by ${filter}`;
}

/** Why a replica starts, stops or moves. */
export function reasonWords(reason: string): string {
  return reasons[reason] ?? `its host is ${filterWords(reason)}`;
}

const reasons: Readonly<Record<string, string>> = {
  New: 'new',
  ScaleUp: 'more are wanted',
  ScaleDown: 'fewer are wanted',
  Removed: 'its distribution goes',
  Rebalance: 'a better place',
  SpecChanged: 'its spec asks for it now',
  FailBack: 'an earlier tier has room again',
  Preempted: 'a higher priority takes its place',
  HostGone: 'its host is gone',
  StartFailed: 'it failed to start there',
  TaintNoExecute: 'its host has a NoExecute taint that is not tolerated',
};

const words: Readonly<Record<string, string>> = {
  HostLost: 'lost',
  ClusterLost: 'in a lost cluster',
  Runtime: 'meant for other things: a host runs no containers, and the pods of a cluster nothing else',
  Lattice: 'serving other lattices',
  ClusterTerms: 'outside clusters.required',
  Tiers: 'in no tier',
  HostTerms: 'outside hosts.required',
  Interfaces: 'without an interface of hosts.interfaces',
  Groups: 'in no group',
  TaintNoExecute: 'with a NoExecute taint that is not tolerated',
  TaintNoSchedule: 'with a NoSchedule taint that is not tolerated',
  ClusterCordoned: 'in a cordoned cluster',
  HostCordoned: 'cordoned',
  SpreadLabel: 'without the label of a spread entry that blocks',
  ClusterUnreachable: 'in a cluster that cannot be reached',
  HostUnknown: 'of an unknown state',
  HostSuspect: 'not ready',
  AffinityUnmet: 'not beside what affinity asks for',
  AntiAffinity: 'with something beside which it may not run',
  HostPortTaken: 'whose port is taken',
};
