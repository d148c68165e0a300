import { FILTERS } from '../filter/verdict.ts';
import { selects } from '../filter/selector.ts';
import type { Affinities, Distribution } from '../model/distribution.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { liftedFor, liftedIn, liftedOn } from './lift.ts';

/**
 * The snapshot with blockers of one distribution taken away, and nothing else changed: what {@link Unplaced} promises is
 * tried with it. A blocker is a filter, a constraint such as `spread` or `resources.memory`, or a field that is wrong.
 */
export function withoutBlockers(snapshot: Snapshot, key: string, blockers: readonly string[]): Snapshot {
  const filters = FILTERS.filter((name) => blockers.includes(name));
  const own = snapshot.distributions.find((one) => one.key === key);
  if (own === undefined) return snapshot;
  const freed = filters.reduce(liftedFor, withoutConstraints(own, blockers));
  return {
    ...snapshot,
    clusters: snapshot.clusters.map((cluster) => filters.reduce(liftedIn, cluster)),
    hosts: snapshot.hosts.map((host) => filters.reduce(liftedOn, host)),
    distributions: snapshot.distributions.map((one) => {
      if (one.key === key) return freed;
      return blockers.includes('antiAffinity') ? { ...one, antiAffinity: withoutTermsAbout(own, one) } : one;
    }),
    ...(snapshot.namespaces !== undefined && {
      namespaces: snapshot.namespaces.map((one) =>
        one.name === own.namespace && blockers.includes('quota') ? { ...one, quota: undefined } : one,
      ),
    }),
  };
}

function withoutConstraints(one: Distribution, blockers: readonly string[]): Distribution {
  const has = (name: string): boolean => blockers.includes(name);
  return {
    ...one,
    refused: one.refused.filter(({ field }) => !has(field)),
    resources: Object.fromEntries(Object.entries(one.resources).filter(([name]) => !has(`resources.${name}`))),
    ...(has('suspend') && { suspended: false }),
    ...(has('tiers') && { tiers: one.tiers.map((tier) => ({ ...tier, overflow: true })) }),
    ...(has('spread') && { spread: [] }),
    ...(has('avoid') && { avoid: [] }),
    ...(has('maxPerHost') && { maxPerHost: Infinity }),
    ...(has('ports') && { ports: [] }),
    ...(has('affinity') && { affinity: { ...one.affinity, required: [] } }),
    ...(has('antiAffinity') && { antiAffinity: { ...one.antiAffinity, required: [] } }),
  };
}

/** Required terms are symmetric: another's that select a distribution keep it away, too. */
const withoutTermsAbout = ({ namespace, labels }: Distribution, { antiAffinity }: Distribution): Affinities => ({
  ...antiAffinity,
  required: antiAffinity.required.filter(
    (term) => !(term.namespaces.includes(namespace) && selects(term.selector, labels)),
  ),
});
