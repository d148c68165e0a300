import type { Distribution, SpreadEntry } from '../model/distribution.ts';
import { compareText } from '../model/hash.ts';
import type { Host, Snapshot } from '../model/snapshot.ts';
import { place } from '../place/place.ts';
import type { FilterName } from '../filter/verdict.ts';
import type { HostAnswer } from './hosts.ts';

/** A change that would give more replicas a place; tried out, not guessed. */
export interface Remedy {
  readonly change: Change;
  /** How many more replicas have a place with it, and with nothing else changed. */
  readonly places: number;
}

/** One thing that somebody could do. Hosts are named as `cluster/name`. */
export type Change =
  /** Write a field of the spec otherwise: `whenUnsatisfiable` of `spec.spread[0]` as `Prefer`. */
  | { readonly kind: 'SetField'; readonly field: string; readonly value: string }
  | { readonly kind: 'DropField'; readonly field: string }
  | { readonly kind: 'OverflowTiers' }
  | { readonly kind: 'Tolerate'; readonly key: string }
  | { readonly kind: 'UseOtherPorts'; readonly ports: readonly string[] }
  | { readonly kind: 'RetryWhereFailed' }
  | { readonly kind: 'RaiseQuota'; readonly namespace: string }
  | { readonly kind: 'UncordonHosts' | 'ReadyHosts' | 'RecoverHosts'; readonly hosts: readonly string[] }
  | { readonly kind: 'ServeLattice'; readonly lattice: string; readonly hosts: readonly string[] }
  | { readonly kind: 'UncordonCluster'; readonly cluster: string }
  | { readonly kind: 'AddHost'; readonly like: string };

interface Attempt {
  readonly change: Change;
  readonly snapshot: Snapshot;
}

/** Which single changes would help, by planning again with each: the most helpful first. */
export function remediesOf(
  snapshot: Snapshot,
  distribution: Distribution,
  missing: number,
  answers: readonly HostAnswer[],
): Remedy[] {
  if (missing === 0) return [];
  return [
    ...ownChanges(snapshot, distribution),
    ...quotaChanges(snapshot, distribution),
    ...hostChanges(snapshot, distribution, answers),
  ]
    .map(({ change, snapshot: changed }) => ({ change, places: missing - missingOf(changed, distribution.key) }))
    .filter(({ places }) => places > 0)
    .toSorted((a, b) => b.places - a.places);
}

const missingOf = (snapshot: Snapshot, key: string): number =>
  (place(snapshot).distributions.find((one) => one.key === key)?.unplaced ?? []).reduce(
    (sum, { count }) => sum + count,
    0,
  );

/** Fields of the distribution itself. */
function ownChanges(snapshot: Snapshot, distribution: Distribution): Attempt[] {
  const { suspended, inPods, maxPerHost, tiers, hosts, clusters, interfaces, avoid } = distribution;
  const { affinity, antiAffinity, ports, preempts } = distribution;
  const attempt = (change: Change, changed: Partial<Distribution>): Attempt => ({
    change,
    snapshot: withDistribution(snapshot, { ...distribution, ...changed }),
  });
  const drop = (field: string, isThere: boolean, changed: Partial<Distribution>): Attempt[] =>
    isThere ? [attempt({ kind: 'DropField', field }, changed)] : [];
  return [
    ...(suspended ? [attempt(set('spec.suspend', 'false'), { suspended: false })] : []),
    ...drop('spec.maxPerHost', maxPerHost !== Infinity && !inPods, { maxPerHost: Infinity }),
    ...spreadChanges(distribution, attempt),
    ...(tiers.some(({ overflow }) => !overflow)
      ? [attempt({ kind: 'OverflowTiers' }, { tiers: tiers.map((one) => ({ ...one, overflow: true })) })]
      : []),
    ...drop('spec.hosts.required', hosts.required.length > 0, { hosts: { ...hosts, required: [] } }),
    ...drop('spec.clusters.required', clusters.required.length > 0, { clusters: { ...clusters, required: [] } }),
    ...drop('spec.hosts.interfaces', interfaces.length > 0, { interfaces: [] }),
    ...drop('spec.affinity.required', affinity.required.length > 0, { affinity: { ...affinity, required: [] } }),
    ...drop('spec.antiAffinity.required', antiAffinity.required.length > 0, {
      antiAffinity: { ...antiAffinity, required: [] },
    }),
    ...(ports.length > 0 ? [attempt({ kind: 'UseOtherPorts', ports }, { ports: [] })] : []),
    ...(preempts ? [] : [attempt(set('spec.preemption', 'LowerPriority'), { preempts: true })]),
    ...(avoid.length > 0 ? [attempt({ kind: 'RetryWhereFailed' }, { avoid: [] })] : []),
    ...keysToTolerate(snapshot, distribution).map((key) =>
      attempt({ kind: 'Tolerate', key }, { tolerations: [...distribution.tolerations, { key, operator: 'Exists' }] }),
    ),
  ];
}

const set = (field: string, value: string): Change => ({ kind: 'SetField', field, value });

function spreadChanges(
  { spread }: Distribution,
  attempt: (change: Change, changed: Partial<Distribution>) => Attempt,
): Attempt[] {
  return spread.flatMap((entry, index) => {
    const field = `spec.spread[${index}]`;
    const loosened = (changed: Partial<SpreadEntry>): Partial<Distribution> => ({
      spread: spread.with(index, { ...entry, ...changed }),
    });
    return [
      ...(entry.block ? [attempt(set(`${field}.whenUnsatisfiable`, 'Prefer'), loosened({ block: false }))] : []),
      ...(entry.fullDomainsBlock
        ? [attempt(set(`${field}.whenDomainFull`, 'Ignore'), loosened({ fullDomainsBlock: false }))]
        : []),
      ...(entry.max === Infinity
        ? []
        : [attempt({ kind: 'DropField', field: `${field}.max` }, loosened({ max: Infinity }))]),
    ];
  });
}

/** Keys of the taints that are there and not tolerated by name. */
const keysToTolerate = ({ clusters, hosts }: Snapshot, { tolerations: known }: Distribution): string[] =>
  [...new Set([...clusters, ...hosts].flatMap(({ taints }) => taints.map(({ key }) => key)))]
    .filter((key) => !known.some((one) => one.key === key))
    .toSorted(compareText);

function quotaChanges(snapshot: Snapshot, { namespace }: Distribution): Attempt[] {
  const { namespaces = [] } = snapshot;
  if (!namespaces.some(({ name, quota }) => name === namespace && quota !== undefined)) return [];
  const raised = namespaces.map((one) => (one.name === namespace ? { ...one, quota: undefined } : one));
  return [{ change: { kind: 'RaiseQuota', namespace }, snapshot: { ...snapshot, namespaces: raised } }];
}

/** Changes of the world: hosts that could come back, and one more host like the largest that takes it. */
function hostChanges(
  snapshot: Snapshot,
  { namespace: lattice }: Distribution,
  answers: readonly HostAnswer[],
): Attempt[] {
  const behind = (filter: FilterName): string[] =>
    answers.filter(({ filters }) => filters[0] === filter).map(({ path }) => path);
  const attempt = (change: Change & { readonly hosts: readonly string[] }, next: Partial<Host>): Attempt[] => {
    if (change.hosts.length === 0) return [];
    const paths = new Set(change.hosts);
    const hosts = snapshot.hosts.map((host) => (paths.has(pathOf(host)) ? { ...host, ...next } : host));
    return [{ change, snapshot: { ...snapshot, hosts } }];
  };
  const cordoned = snapshot.clusters.filter(({ unschedulable }) => unschedulable);
  return [
    ...attempt({ kind: 'UncordonHosts', hosts: behind('HostCordoned') }, { unschedulable: false }),
    ...attempt({ kind: 'ReadyHosts', hosts: behind('HostSuspect') }, { state: 'Ready' }),
    ...attempt({ kind: 'RecoverHosts', hosts: behind('HostLost') }, { state: 'Ready' }),
    ...attempt({ kind: 'ServeLattice', lattice, hosts: behind('Lattice') }, { lattices: ['*'] }),
    ...cordoned.map(({ name }): Attempt => {
      const clusters = snapshot.clusters.map((one) => (one.name === name ? { ...one, unschedulable: false } : one));
      return { change: { kind: 'UncordonCluster', cluster: name }, snapshot: { ...snapshot, clusters } };
    }),
    ...anotherHost(snapshot, answers),
  ];
}

function anotherHost(snapshot: Snapshot, answers: readonly HostAnswer[]): Attempt[] {
  const eligible = new Set(answers.filter(({ filters }) => filters.length === 0).map(({ path }) => path));
  const [largest] = snapshot.hosts
    .filter((host) => host.isPods !== true && eligible.has(pathOf(host)))
    .toSorted((a, b) => sizeOf(b) - sizeOf(a) || compareText(pathOf(a), pathOf(b)));
  if (largest === undefined) return [];
  const twin: Host = { ...largest, name: `${largest.name}-another`, foreign: {}, ports: [] };
  return [
    {
      change: { kind: 'AddHost', like: pathOf(largest) },
      snapshot: { ...snapshot, hosts: [...snapshot.hosts, twin] },
    },
  ];
}

const pathOf = ({ cluster, name }: Host): string => `${cluster}/${name}`;

const sizeOf = ({ allocatable }: Host): number => allocatable['memory'] ?? allocatable['instances'] ?? 0;

const withDistribution = (snapshot: Snapshot, changed: Distribution): Snapshot => ({
  ...snapshot,
  distributions: snapshot.distributions.map((one) => (one.key === changed.key ? changed : one)),
});
