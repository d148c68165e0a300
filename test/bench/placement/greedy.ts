/** The plain way to place, as a baseline: one replica after the other, every host filtered and scored for each, as kube-scheduler does. */
import { labels } from '@kasmcloud/kube-api';
import type { Distribution, Host } from '@kasmcloud/placement';

/** Places onto the fitting host of the least used region, then zone, then host. Returns the number placed. */
export function placeGreedily(hosts: readonly Host[], distributions: readonly Distribution[]): number {
  const free = hosts.map((host) => ({ ...host.allocatable }));
  const groups = hosts.map(() => new Set<string>());
  let total = 0;
  for (const distribution of distributions) {
    const counts = new Map<string, number>();
    const onHost = new Map<number, number>();
    for (let replica = 0; replica < distribution.replicas; replica++) {
      let best = -1;
      let lowest = Infinity;
      for (const [index, host] of hosts.entries()) {
        const held = onHost.get(index) ?? 0;
        if (held >= distribution.maxPerHost || !isFeasible(distribution, host, free[index], groups[index])) continue;
        const region = counts.get(host.labels[labels.region] ?? '') ?? 0;
        const zone = counts.get(host.labels[labels.zone] ?? '') ?? 0;
        const score = region * 1e6 + zone * 1e3 + held;
        if (score >= lowest) continue;
        lowest = score;
        best = index;
      }
      const host = hosts[best];
      const left = free[best];
      if (host === undefined || left === undefined) break;
      for (const [name, amount] of Object.entries(distribution.resources)) left[name] = (left[name] ?? 0) - amount;
      for (const key of [labels.region, labels.zone]) {
        const value = host.labels[key] ?? '';
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      onHost.set(best, (onHost.get(best) ?? 0) + 1);
      total += 1;
    }
    for (const index of onHost.keys()) groups[index]?.add(distribution.labels['group'] ?? '');
  }
  return total;
}

function isFeasible(
  { hosts, tolerations, interfaces, resources, antiAffinity }: Distribution,
  host: Host,
  free: Readonly<Record<string, number>> | undefined,
  groups: ReadonlySet<string> | undefined,
): boolean {
  if (host.state !== 'Ready' || host.unschedulable) return false;
  for (const { key } of host.taints) if (!tolerations.some((one) => one.key === key)) return false;
  for (const term of hosts.required)
    for (const { key, values = [] } of term) if (!values.includes(host.labels[key] ?? '')) return false;
  for (const wanted of interfaces) if (!host.interfaces.includes(wanted)) return false;
  for (const name in resources) if ((free?.[name] ?? 0) < (resources[name] ?? 0)) return false;
  for (const { selector } of antiAffinity.required)
    if (groups?.has(selector.matchLabels?.['group'] ?? '') === true) return false;
  return true;
}
