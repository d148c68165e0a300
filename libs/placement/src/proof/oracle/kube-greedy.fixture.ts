/** What a scheduler does that takes one replica after the other and never looks back, as Kubernetes does. */
export interface GreedyHost {
  readonly zone: string;
  room: number;
}

/**
 * Every replica goes to the host of the emptiest zone that has room, then to the emptiest host there; under a hard skew
 * only where `count + 1 − minimum ≤ maxSkew`, every zone counted. Returns counts by host.
 */
export function placeGreedily(hosts: readonly GreedyHost[], replicas: number, hardSkew = Infinity): number[] {
  const counts = hosts.map(() => 0);
  const zones = new Map(hosts.map(({ zone }) => [zone, 0]));
  for (let replica = 0; replica < replicas; replica++) {
    const smallest = Math.min(...zones.values());
    let best = -1;
    for (const [i, { zone, room }] of hosts.entries()) {
      const inZone = zones.get(zone) ?? 0;
      if ((counts[i] ?? 0) >= room || inZone + 1 - smallest > hardSkew) continue;
      const bestZone = zones.get(hosts[best]?.zone ?? '') ?? Infinity;
      if (inZone < bestZone || (inZone === bestZone && (counts[i] ?? 0) < (counts[best] ?? Infinity))) best = i;
    }
    const chosen = hosts[best];
    if (chosen === undefined) break;
    counts[best] = (counts[best] ?? 0) + 1;
    zones.set(chosen.zone, (zones.get(chosen.zone) ?? 0) + 1);
  }
  return counts;
}
