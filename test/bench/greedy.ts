/** The plain way to place, as a baseline: one replica after the other, every host looked at for each. */
import { labels } from '@kasmcloud/kube-api';
import type { Distribution, Host } from '@kasmcloud/placement';

/** Places onto the host of the least used region, then zone, then host; returns replicas by distribution and host. */
export function placeGreedily(hosts: readonly Host[], distributions: readonly Distribution[]): Map<string, number>[] {
  const free = hosts.map((host) => ({ ...host.allocatable }));
  return distributions.map((distribution) => {
    const counts = new Map<string, number>();
    const placed = new Map<string, number>();
    for (let replica = 0; replica < distribution.replicas; replica++) {
      let best: { index: number; score: readonly number[] } | undefined;
      for (const [index, host] of hosts.entries()) {
        if (host.state !== 'Ready' || host.unschedulable) continue;
        if (!fits(free[index], distribution.resources)) continue;
        const name = `${host.cluster}/${host.name}`;
        const region = counts.get(`region ${host.labels[labels.region]}`) ?? 0;
        const zone = counts.get(`zone ${host.labels[labels.zone]}`) ?? 0;
        const score = [region, zone, placed.get(name) ?? 0];
        if (best === undefined || isLess(score, best.score)) best = { index, score };
      }
      const host = best && hosts[best.index];
      const left = best && free[best.index];
      if (host === undefined || left === undefined) break;
      for (const [name, amount] of Object.entries(distribution.resources)) left[name] = (left[name] ?? 0) - amount;
      const keys = [`region ${host.labels[labels.region]}`, `zone ${host.labels[labels.zone]}`];
      for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
      const path = `${host.cluster}/${host.name}`;
      placed.set(path, (placed.get(path) ?? 0) + 1);
    }
    return placed;
  });
}

function fits(free: Record<string, number> | undefined, demand: Readonly<Record<string, number>>): boolean {
  for (const name in demand) if ((free?.[name] ?? 0) < (demand[name] ?? 0)) return false;
  return true;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value < (b[i] ?? 0);
  return false;
}
