import { place, type Distribution, type Host, type Snapshot, type SpreadEntry } from '@kasmcloud/placement';
import { company } from './company.ts';
import type { HostAnswer } from './hosts.ts';

/** Something that would give more replicas a place; tried out, not guessed. */
export interface Remedy {
  readonly text: string;
  /** How many more replicas have a place with it, and with nothing else changed. */
  readonly places: number;
}

interface Attempt {
  readonly text: string;
  readonly snapshot: Snapshot;
}

/** Which single changes would help, by planning again with each: the most helpful first. */
export function remedies(snapshot: Snapshot, distribution: Distribution, answers: readonly HostAnswer[]): Remedy[] {
  const missing = unplacedOf(snapshot, distribution.key);
  if (missing === 0) return [];
  return [
    ...ownChanges(snapshot, distribution),
    ...boundChanges(snapshot, distribution),
    ...hostChanges(snapshot, distribution, answers),
  ]
    .map(({ text, snapshot: changed }) => ({ text, places: missing - unplacedOf(changed, distribution.key) }))
    .filter(({ places }) => places > 0)
    .toSorted((a, b) => b.places - a.places);
}

const unplacedOf = (snapshot: Snapshot, key: string): number =>
  (place(snapshot).distributions.find((one) => one.key === key)?.unplaced ?? []).reduce(
    (sum, { count }) => sum + count,
    0,
  );

/** Fields of the distribution itself. */
function ownChanges(snapshot: Snapshot, distribution: Distribution): Attempt[] {
  const { suspended, maxPerHost, spread, tiers, hosts, clusters, interfaces, avoid } = distribution;
  const { affinity, antiAffinity, ports, preempts } = distribution;
  const attempt = (text: string, change: Partial<Distribution>): Attempt => ({
    text,
    snapshot: withDistribution(snapshot, { ...distribution, ...change }),
  });
  return [
    ...(suspended ? [attempt('spec.suspend: false', { suspended: false })] : []),
    ...(maxPerHost === Infinity ? [] : [attempt('no spec.maxPerHost', { maxPerHost: Infinity })]),
    ...spread.flatMap((entry, index) => {
      const field = `spec.spread[${index}]`;
      const replaced = (change: Partial<SpreadEntry>): Partial<Distribution> => ({
        spread: spread.with(index, { ...entry, ...change }),
      });
      return [
        ...(entry.block ? [attempt(`${field}.whenUnsatisfiable: Prefer`, replaced({ block: false }))] : []),
        ...(entry.fullDomainsBlock
          ? [attempt(`${field}.whenDomainFull: Ignore`, replaced({ fullDomainsBlock: false }))]
          : []),
        ...(entry.max === Infinity ? [] : [attempt(`no ${field}.max`, replaced({ max: Infinity }))]),
      ];
    }),
    ...(tiers.some(({ overflow }) => !overflow)
      ? [attempt('overflow: true in spec.clusters.tiers', { tiers: tiers.map((one) => ({ ...one, overflow: true })) })]
      : []),
    ...(hosts.required.length > 0 ? [attempt('no spec.hosts.required', { hosts: { ...hosts, required: [] } })] : []),
    ...(clusters.required.length > 0
      ? [attempt('no spec.clusters.required', { clusters: { ...clusters, required: [] } })]
      : []),
    ...(interfaces.length > 0 ? [attempt('no spec.hosts.interfaces', { interfaces: [] })] : []),
    ...(affinity.required.length > 0
      ? [attempt('no spec.affinity.required', { affinity: { ...affinity, required: [] } })]
      : []),
    ...(antiAffinity.required.length > 0
      ? [attempt('no spec.antiAffinity.required', { antiAffinity: { ...antiAffinity, required: [] } })]
      : []),
    ...(ports.length > 0 ? [attempt(`another port than ${ports.join(', ')}`, { ports: [] })] : []),
    ...(preempts ? [] : [attempt('spec.preemption: LowerPriority', { preempts: true })]),
    ...(avoid.length > 0 ? [attempt('another try where its start failed', { avoid: [] })] : []),
    ...tolerations(snapshot, distribution).map((key) =>
      attempt(`a toleration of ${key}`, {
        tolerations: [...distribution.tolerations, { key, operator: 'Exists' }],
      }),
    ),
  ];
}

/** The bounds of its namespace. */
function boundChanges(snapshot: Snapshot, { namespace }: Distribution): Attempt[] {
  const { namespaces = [] } = snapshot;
  return namespaces.some(({ name, quota }) => name === namespace && quota !== undefined)
    ? [
        {
          text: `a larger quota for namespace ${namespace}`,
          snapshot: {
            ...snapshot,
            namespaces: namespaces.map((one) => (one.name === namespace ? { ...one, quota: undefined } : one)),
          },
        },
      ]
    : [];
}

/** Keys of the taints that are there. */
const tolerations = ({ clusters, hosts }: Snapshot, { tolerations: known }: Distribution): string[] =>
  [...new Set([...clusters, ...hosts].flatMap(({ taints }) => taints.map(({ key }) => key)))]
    .filter((key) => !known.some((one) => one.key === key))
    .toSorted();

/** Changes of the world: hosts that could come back, and one more host like the largest that takes it. */
function hostChanges(snapshot: Snapshot, distribution: Distribution, answers: readonly HostAnswer[]): Attempt[] {
  const behind = (filter: string): ReadonlySet<string> =>
    new Set(answers.filter((one) => one.filter === filter).map(({ path }) => path));
  const change = (text: string, paths: ReadonlySet<string>, next: Partial<Host>): Attempt[] =>
    paths.size === 0
      ? []
      : [
          {
            text: `${text}: ${namesOf([...paths])}`,
            snapshot: {
              ...snapshot,
              hosts: snapshot.hosts.map((host) =>
                paths.has(`${host.cluster}/${host.name}`) ? { ...host, ...next } : host,
              ),
            },
          },
        ];
  const cordoned = snapshot.clusters.filter(({ unschedulable }) => unschedulable);
  return [
    ...change('uncordoned hosts', behind('HostCordoned'), { unschedulable: false }),
    ...change('hosts that are ready again', behind('HostSuspect'), { state: 'Ready' }),
    ...change('hosts that are not lost', behind('HostLost'), { state: 'Ready' }),
    ...change(`hosts that serve lattice ${distribution.namespace}`, behind('Lattice'), { lattices: ['*'] }),
    ...cordoned.map(({ name }) => ({
      text: `cluster ${name} uncordoned`,
      snapshot: {
        ...snapshot,
        clusters: snapshot.clusters.map((one) => (one.name === name ? { ...one, unschedulable: false } : one)),
      },
    })),
    ...anotherHost(snapshot, answers),
  ];
}

function anotherHost(snapshot: Snapshot, answers: readonly HostAnswer[]): Attempt[] {
  const eligible = new Set(
    answers.filter(({ filter }) => filter === undefined || company.has(filter)).map(({ path }) => path),
  );
  const [largest] = snapshot.hosts
    .filter(({ cluster, name }) => eligible.has(`${cluster}/${name}`))
    .toSorted((a, b) => sizeOf(b) - sizeOf(a) || (`${a.cluster}/${a.name}` < `${b.cluster}/${b.name}` ? -1 : 1));
  if (largest === undefined) return [];
  const twin: Host = { ...largest, name: `${largest.name}-another`, foreign: {} };
  return [
    {
      text: `one more host like ${largest.cluster}/${largest.name}`,
      snapshot: { ...snapshot, hosts: [...snapshot.hosts, twin] },
    },
  ];
}

const sizeOf = ({ allocatable }: Host): number => allocatable['memory'] ?? allocatable['instances'] ?? 0;

const withDistribution = (snapshot: Snapshot, changed: Distribution): Snapshot => ({
  ...snapshot,
  distributions: snapshot.distributions.map((one) => (one.key === changed.key ? changed : one)),
});

/** The first few of some names, and how many more there are. */
export function namesOf(names: readonly string[], shown = 3): string {
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ');
}
