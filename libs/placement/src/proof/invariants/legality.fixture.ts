import { labels as names, type Requirement } from '@kasmcloud/kube-api';
import type { Cluster, Host, Labels } from '../../index.ts';
import { hostOf, pathOf, type Counts, type Spec, type Wish } from '../world.fixture.ts';
import type { World } from './worlds.fixture.ts';

/** The filters of DESIGN §4 once more, written from the text and not from the engine. */

const MEMORY_UNITS: Readonly<Record<string, number>> = { '1': 1000, '2500m': 2500 };

/** Thousandths of memory that one replica takes; the worlds know these two quantities. */
export const memoryOf = ({ resources }: Spec): number => MEMORY_UNITS[String(resources?.['memory'] ?? '')] ?? 0;

function meets({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const present = Object.hasOwn(labels, key);
  const value = labels[key] ?? '';
  if (operator === 'In') return present && values.includes(value);
  if (operator === 'NotIn') return !present || !values.includes(value);
  if (operator === 'Exists') return present;
  if (operator === 'DoesNotExist') return !present;
  const [limit = ''] = values;
  return present && (operator === 'Gt' ? Number(value) > Number(limit) : Number(value) < Number(limit));
}

const anyTerm = (terms: readonly { matchExpressions: Requirement[] }[] | undefined, labels: Labels): boolean =>
  terms === undefined ||
  terms.length === 0 ||
  terms.some(({ matchExpressions }) => matchExpressions.every((one) => meets(one, labels)));

function isBorne(taint: Host['taints'][number], { tolerations = [] }: Spec): boolean {
  return tolerations.some(({ key, operator, value, effect, seconds }) => {
    if (effect !== undefined && effect !== taint.effect) return false;
    if ((key ?? '') !== '' && key !== taint.key) return false;
    if (operator !== 'Exists' && ((key ?? '') === '' || (value ?? '') !== (taint.value ?? ''))) return false;
    return taint.effect !== 'NoExecute' || seconds === undefined || (taint.ageSeconds ?? 0) < seconds;
  });
}

const labelsOf = (host: Host): Labels => ({
  [names.hostname]: host.name,
  ...host.labels,
  [names.cluster]: host.cluster,
});

/** Value of a topology key; a host name is one per cluster. */
export function domainOf(host: Host, topologyKey: string): string | undefined {
  return topologyKey === names.hostname ? pathOf(host) : labelsOf(host)[topologyKey];
}

/** What holds while a replica runs, too. */
export function mayStay(spec: Spec, host: Host, cluster: Cluster): boolean {
  const clusterLabels = { ...cluster.labels, [names.cluster]: cluster.name };
  const tiers = spec.clusters?.tiers ?? [];
  const groups = spec.groups ?? [];
  return (
    host.state !== 'Lost' &&
    cluster.reach !== 'Lost' &&
    (host.lattices.includes('*') || host.lattices.includes('default')) &&
    anyTerm(spec.clusters?.required, clusterLabels) &&
    (tiers.length === 0 || tiers.some(({ required }) => anyTerm(required, clusterLabels))) &&
    anyTerm(spec.hosts?.required, labelsOf(host)) &&
    (spec.hosts?.interfaces ?? []).every((wanted) =>
      host.interfaces.some((one) => one === wanted || one.startsWith(`${wanted}@`)),
    ) &&
    (groups.length === 0 ||
      groups.some(({ requirements = {} }) =>
        Object.entries(requirements).every(([key, value]) => labelsOf(host)[key] === value),
      )) &&
    [...cluster.taints, ...host.taints].every((taint) => taint.effect !== 'NoExecute' || isBorne(taint, spec))
  );
}

/** What a host needs besides to count as a place at all. */
export const isEligible = (spec: Spec, host: Host, cluster: Cluster): boolean =>
  mayStay(spec, host, cluster) &&
  !host.unschedulable &&
  !cluster.unschedulable &&
  [...cluster.taints, ...host.taints].every((taint) => taint.effect !== 'NoSchedule' || isBorne(taint, spec)) &&
  (spec.spread ?? []).every(
    (entry) => entry.whenUnsatisfiable !== 'Block' || domainOf(host, entry.topologyKey) !== undefined,
  );

export const takesNew = (spec: Spec, host: Host, cluster: Cluster): boolean =>
  isEligible(spec, host, cluster) && host.state === 'Ready' && cluster.reach === 'Reachable';

export const clusterOfHost = ({ clusters }: World, { cluster }: Host): Cluster => {
  const found = clusters.find(({ name }) => name === cluster);
  if (found === undefined) throw new Error(`the world has no cluster ${cluster}`);
  return found;
};

/** Most replicas of a host, by its spec. */
export const limitOf = ({ spec, provider }: Wish): number => (provider === true ? 1 : (spec.maxPerHost ?? Infinity));

/** Hosts that only the last placements in an unreachable cluster name. They stand, so their domains are there. */
function ghostsOf({ clusters, hosts, wishes }: World): Host[] {
  const known = new Set(hosts.map(pathOf));
  const named = wishes.flatMap(({ current = [] }) => current).map(({ cluster, host }) => hostOf(`${cluster}/${host}`));
  return named.flatMap((ghost) => {
    const cluster = clusters.find(({ name }) => name === ghost.cluster);
    if (cluster?.reach !== 'Unreachable' || known.has(pathOf(ghost))) return [];
    known.add(pathOf(ghost));
    return [{ ...ghost, labels: cluster.labels }];
  });
}

/**
 * Replicas by value of a topology key: domains are those of the hosts that are eligible, and what stands in one counts
 * wherever it may stay, on a cordoned host, too.
 */
export function perDomain(world: World, { spec }: Wish, counts: Counts, topologyKey: string): Map<string, number> {
  const ghosts = ghostsOf(world);
  const eligible = world.hosts.filter((host) => isEligible(spec, host, clusterOfHost(world, host)));
  const holders = world.hosts.filter((host) => mayStay(spec, host, clusterOfHost(world, host)));
  const sums = new Map<string, number>();
  for (const host of [...eligible, ...ghosts]) {
    const domain = domainOf(host, topologyKey);
    if (domain !== undefined) sums.set(domain, 0);
  }
  for (const host of [...holders, ...ghosts]) {
    const domain = domainOf(host, topologyKey) ?? '';
    const sum = sums.get(domain);
    if (sum !== undefined) sums.set(domain, sum + (counts[pathOf(host)] ?? 0));
  }
  return sums;
}
