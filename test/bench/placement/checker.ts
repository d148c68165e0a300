/** Judges a plan from the snapshot alone, with nothing of the planner's. */
import { labels } from '@kasmcloud/kube-api';
import type { Distribution, DistributionPlan, Host, Plan, Snapshot } from '@kasmcloud/placement';

/** What is wrong with a plan for the whole snapshot; empty when nothing is. */
export function faultsOf(snapshot: Snapshot, plan: Plan): string[] {
  const hosts = new Map(snapshot.hosts.map((host) => [`${host.cluster}/${host.name}`, host]));
  const specs = new Map(snapshot.distributions.map((one) => [one.key, one]));
  const faults: string[] = [];
  const used = new Map<string, Map<string, number>>();
  const onHost = new Map<string, string[]>();
  if (plan.distributions.length !== specs.size) faults.push('distributions are missing');
  for (const one of plan.distributions) {
    const spec = specs.get(one.key);
    if (spec === undefined) return [...faults, `${one.key} is made up`];
    if (one.placed !== one.desired || one.desired !== spec.replicas) faults.push(`${one.key} placed ${one.placed}`);
    for (const [path, replicas] of sharesOf(one)) {
      const host = hosts.get(path);
      if (host === undefined || !mayRun(spec, host)) faults.push(`${one.key} may not run on ${path}`);
      if (replicas > spec.maxPerHost) faults.push(`${one.key} has ${replicas} on ${path}`);
      const sums = used.get(path) ?? new Map<string, number>();
      used.set(path, sums);
      for (const [name, amount] of Object.entries(spec.resources))
        sums.set(name, (sums.get(name) ?? 0) + amount * replicas);
      const tenants = onHost.get(path);
      if (tenants === undefined) onHost.set(path, [one.key]);
      else tenants.push(one.key);
    }
  }
  for (const [path, sums] of used) {
    const host = hosts.get(path);
    for (const [name, amount] of sums)
      if (amount > (host?.allocatable[name] ?? 0) - (host?.foreign[name] ?? 0))
        faults.push(`${path} is overcommitted in ${name}`);
  }
  for (const [path, keys] of onHost)
    faults.push(
      ...clashes(
        path,
        keys.flatMap((key) => specs.get(key) ?? []),
      ),
    );
  return faults;
}

export function* sharesOf({ clusters }: DistributionPlan): Generator<[string, number]> {
  for (const { cluster, hosts } of clusters)
    for (const { host, replicas } of hosts) yield [`${cluster}/${host}`, replicas];
}

/** Terms with `In`, taints, cordons, states and interfaces: what the fleets use. */
function mayRun({ hosts, tolerations, interfaces }: Distribution, host: Host): boolean {
  const meets = hosts.required.every((term) =>
    term.every(({ key, values = [] }) => values.includes(host.labels[key] ?? '')),
  );
  const bears = host.taints.every(({ key }) => tolerations.some((one) => one.key === key));
  const offers = interfaces.every((wanted) => host.interfaces.includes(wanted));
  return meets && bears && offers && host.state === 'Ready' && !host.unschedulable;
}

/** Anti-affinity by host, and ports. */
function clashes(path: string, tenants: readonly Distribution[]): string[] {
  const faults: string[] = [];
  const ports = tenants.flatMap((one) => one.ports);
  if (new Set(ports).size < ports.length) faults.push(`a port is taken twice on ${path}`);
  for (const one of tenants)
    for (const { topologyKey, selector } of one.antiAffinity.required) {
      if (topologyKey !== labels.hostname) continue;
      const wanted = selector.matchLabels?.['group'];
      if (tenants.some((other) => other !== one && other.labels['group'] === wanted))
        faults.push(`${one.key} has what it refuses beside it on ${path}`);
    }
  return faults;
}

/** Gives the largest difference between two regions of a distribution that has its replicas even over all of them. */
export function regionSkews({ hosts }: Snapshot): (plan: DistributionPlan) => number {
  const regionOf = new Map(hosts.map((host) => [host.cluster, host.labels[labels.region] ?? '']));
  const empty = new Map([...regionOf.values()].map((region) => [region, 0]));
  return (plan) => {
    const regions = new Map(empty);
    for (const one of plan.clusters) {
      const region = regionOf.get(one.cluster) ?? '';
      for (const { replicas } of one.hosts) regions.set(region, (regions.get(region) ?? 0) + replicas);
    }
    const counts = [...regions.values()];
    return Math.max(...counts) - Math.min(...counts);
  };
}
