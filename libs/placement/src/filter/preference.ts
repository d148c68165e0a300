import type { Distribution } from '../model/distribution.ts';
import type { HostView } from '../place/inventory.ts';
import { holds } from './term.ts';

/** Sum of the weights of the preferred terms that a host and its cluster meet. */
export function weightOf({ clusters, hosts }: Pick<Distribution, 'clusters' | 'hosts'>, host: HostView): number {
  let sum = 0;
  for (const { term, weight } of clusters.preferred) if (holds(term, host.cluster.labels)) sum += weight;
  for (const { term, weight } of hosts.preferred) if (holds(term, host.labels)) sum += weight;
  return sum;
}
