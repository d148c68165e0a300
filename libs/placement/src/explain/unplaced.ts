import { compareText } from '../model/hash.ts';
import type { Unplaced, UnplacedReason } from '../model/plan.ts';
import { roomOn } from '../place/demand.ts';
import type { Job } from '../place/job.ts';
import { keysOf } from '../place/levels.ts';
import type { Pool } from '../place/pool.ts';
import type { Constraint } from '../place/request.ts';
import { filtersOf } from './lift.ts';

/**
 * Says of every replica without a place what stands in its way, by trying: a constraint is a blocker exactly if more
 * can be placed without it. First each alone, then together with the ones before it.
 */
export function explainUnplaced(job: Job): Unplaced[] {
  if (job.missing === 0 && job.distribution.refused.length === 0) return [];
  const ofPools = job.pools.flatMap((pool) => {
    const missing = pool.want - pool.held.sum;
    return missing > 0 ? explainPool(job, pool, missing) : [];
  });
  return [...ofPools, ...explainShareless(job)];
}

/** Groups whose weights are all 0 share nothing out: what is wanted belongs to none of them. */
function explainShareless({ distribution, pools, standing }: Job): Unplaced[] {
  const { mode, replicas, refused } = distribution;
  const [refusal] = refused;
  if (mode === 'Daemon' || refusal === undefined) return [];
  const known = pools.reduce((sum, pool) => sum + Math.max(pool.want, pool.held.sum), standing.outside.sum);
  const blockers = refused.map(({ field }) => field).toSorted(compareText);
  return replicas > known ? [{ reason: refusal.reason, count: replicas - known, blockers, hosts: {} }] : [];
}

function explainPool(job: Job, pool: Pool, missing: number): Unplaced[] {
  const { distribution } = job;
  const facts = { ...(pool.group !== undefined && { group: pool.group }), hosts: countFilters(job, pool) };
  if (distribution.suspended) return [{ reason: 'Suspended', count: missing, blockers: ['suspend'], ...facts }];
  const [refusal] = distribution.refused;
  if (refusal !== undefined) {
    const blockers = distribution.refused.map(({ field }) => field).toSorted(compareText);
    return [{ reason: refusal.reason, count: missing, blockers, ...facts }];
  }
  const result: Unplaced[] = [];
  const now = job.probe(pool).sum;
  let explained = 0;
  for (const set of constraintSets(job)) {
    if (explained === missing) break;
    const gain = Math.min(missing, job.probe(pool, new Set(set)).sum - now) - explained;
    const [first] = set;
    if (gain <= 0 || first === undefined) continue;
    explained += gain;
    result.push({ reason: reasonOf(first), count: gain, blockers: set, ...facts });
  }
  if (explained < missing) {
    const first = Object.keys(facts.hosts).filter((name) => name !== 'Eligible');
    const blockers = [...new Set([...first, ...behind(job)])].toSorted(compareText);
    result.push({ reason: 'NoEligibleHost', count: missing - explained, blockers, ...facts });
  }
  return result;
}

/**
 * A host may be refused by more than the first filter that says so, and be too small besides: of the hosts that the
 * fewest filters refuse, all that stands in the way. O(classes of hosts × filters + hosts).
 */
function behind({ distribution, demand, world: { inventory } }: Job): string[] {
  let fewest: readonly string[] | undefined;
  let nearest: number[] = [];
  for (const members of inventory.classesBy(keysOf(distribution)).members) {
    const host = inventory.hosts[members[0] ?? -1];
    if (host === undefined) continue;
    const filters = filtersOf(distribution, host);
    if (filters[0] === 'Runtime') continue;
    if (filters.length > (fewest?.length ?? Infinity)) continue;
    if (filters.length < (fewest?.length ?? Infinity)) nearest = [];
    fewest = filters;
    nearest.push(...members);
  }
  if (nearest.some((host) => roomOn(demand, host, 1) > 0)) return [...(fewest ?? [])];
  const tight = demand.resources.filter((_, i) =>
    nearest.every((host) => (demand.stocks[i]?.free[host] ?? 0) < (demand.amounts[i] ?? 0)),
  );
  const resources = tight.length > 0 ? tight : demand.resources;
  return [...(fewest ?? []), ...resources.map((name) => `resources.${name}`)];
}

/** Each constraint that the distribution has, alone; then growing sets of them. */
function constraintSets(job: Job): Constraint[][] {
  const { distribution } = job;
  const present: Constraint[] = [];
  if (distribution.tiers.length > 0) present.push('tiers');
  if (distribution.spread.length > 0) present.push('spread');
  if (distribution.avoid.length > 0) present.push('avoid');
  if (distribution.maxPerHost !== Infinity) present.push('maxPerHost');
  if (distribution.affinity.required.length > 0) present.push('affinity');
  if (job.isRefused) present.push('antiAffinity');
  if (distribution.ports.length > 0) present.push('ports');
  if (job.exhausted !== undefined) present.push('quota');
  for (const name of Object.keys(distribution.resources).toSorted(compareText)) present.push(`resources.${name}`);
  const alone = present.map((constraint) => [constraint]);
  const growing = present.slice(1).map((_, i) => present.slice(0, i + 2));
  return [...alone, ...growing];
}

function reasonOf(constraint: Constraint): UnplacedReason {
  switch (constraint) {
    case 'tiers':
      return 'TierFull';
    case 'spread':
      return 'SpreadBlocked';
    case 'avoid':
      return 'Avoided';
    case 'maxPerHost':
      return 'MaxPerHost';
    case 'affinity':
      return 'AffinityUnmet';
    case 'antiAffinity':
      return 'AntiAffinity';
    case 'ports':
      return 'HostPortTaken';
    case 'quota':
      return 'QuotaExceeded';
    default:
      return 'InsufficientRoom';
  }
}

/** The first filter that refuses each host that could be meant; with a group, only its hosts can be eligible. */
function countFilters({ shape }: Job, { tree }: Pool): Record<string, number> {
  const counts = new Map<string, number>();
  for (const [index, position] of tree.positions.entries()) {
    const name = shape.verdictOf(index)?.filter ?? (position >= 0 ? 'Eligible' : 'Groups');
    if (name === 'Runtime') continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([a], [b]) => compareText(a, b)));
}
