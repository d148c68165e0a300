/** Worlds to plan for: three sizes and four classes of hosts, and distributions of every kind in stated proportions. */
import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { readDistribution, type Cluster, type Distribution, type Host, type Snapshot } from '@kasmcloud/placement';
import { randomOf } from './random.ts';

const REGIONS = 10;
const ZONES_PER_CLUSTER = 3;
const CLASSES = ['a', 'b', 'c', 'd'];
const KEY_VALUE = 'wasi:keyvalue/store@0.2.0-draft';

export interface FleetSize {
  readonly clusters: number;
  readonly hostsPerCluster: number;
  readonly distributions: number;
  readonly replicas: number;
  /** Distinct sizes of replica. */
  readonly demands: number;
  /** Every distribution keeps away from four others by host. */
  readonly isShy?: boolean;
}

/** 10,000 hosts in 50 clusters, 10 regions and 150 zones; 1,000 × 100 replicas. */
export const standard: FleetSize = {
  clusters: 50,
  hostsPerCluster: 200,
  distributions: 1000,
  replicas: 100,
  demands: 8,
};

export function fleetOf(size: FleetSize, seed: number): Snapshot {
  const random = randomOf(seed);
  const clusters = Array.from({ length: size.clusters }, (_, i) => clusterOf(i));
  const hosts = clusters.flatMap((cluster) =>
    Array.from({ length: size.hostsPerCluster }, (_, i) => hostOf(cluster, i, random)),
  );
  const kinds = Array.from({ length: size.distributions }, (_, i) => i % 100);
  for (let i = kinds.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [kinds[i], kinds[j]] = [kinds[j] ?? 0, kinds[i] ?? 0];
  }
  const distributions = kinds.map((kind, i) => distributionOf(size, i, kind));
  return { clusters, hosts, distributions };
}

const clusterOf = (i: number): Cluster => ({
  name: `c${i}`,
  labels: { [labels.region]: `r${i % REGIONS}` },
  taints: [],
  unschedulable: false,
  reach: 'Reachable',
});

function hostOf(cluster: Cluster, i: number, random: (below: number) => number): Host {
  const size = random(3);
  return {
    name: `h${i}`,
    cluster: cluster.name,
    labels: {
      ...cluster.labels,
      [labels.zone]: `${cluster.name}-z${i % ZONES_PER_CLUSTER}`,
      class: CLASSES[random(CLASSES.length)] ?? '',
    },
    taints: random(50) === 0 ? [{ key: 'dedicated', effect: 'NoSchedule' }] : [],
    unschedulable: random(200) === 0,
    lattices: ['*'],
    interfaces: random(2) === 0 ? [KEY_VALUE] : [],
    state: 'Ready',
    // Thousandths of a core and of a byte.
    allocatable: { instances: 10_000, cpu: (4 + 4 * size) * 1000, memory: (8 + 8 * size) * 2 ** 30 * 1000 },
    foreign: { instances: random(10) },
  };
}

/**
 * All: even over regions (hard), weights over clusters, even over zones and hosts; cpu and memory; a bound for each host;
 * ten priorities; twenty namespaces. Of 100: 33 want two classes of host, 5 keep away from their like by host, 3 run
 * beside another in its region, 4 bear a taint, 4 ask for an interface, 4 prefer a class, 3 have tiers, 3 have the groups of
 * a spreadscaler, 2 are packed, 2 take a host port, 2 may preempt, 2 prefer the zones of another and 2 those without it;
 * the rest ask for nothing more.
 */
function distributionOf(size: FleetSize, index: number, kind: number): Distribution {
  const demand = index % size.demands;
  const resources = { cpu: `${20 + (demand % 40)}m`, memory: `${32 + Math.floor(demand / 40)}Mi` };
  const spec: DistributionSpec = {
    actor: { id: `a${index}`, image: 'registry/a:1' },
    replicas: size.replicas,
    resources,
    spread: [
      { topologyKey: labels.region, whenUnsatisfiable: 'Block' },
      {
        topologyKey: labels.cluster,
        weights: [
          { value: 'c0', weight: 2 },
          { value: '*', weight: 1 },
        ],
      },
      { topologyKey: labels.zone },
      { topologyKey: labels.hostname },
    ],
    maxPerHost: kind % 2 === 0 ? 1 : 3,
    priority: kind % 10,
    ...(kind < 33 && { hosts: { required: [term('class', ['a', 'b'])] } }),
    ...special(kind, index % groupsOf(size)),
    ...(size.isShy === true && { antiAffinity: { required: [beside(labels.hostname, `g${Math.floor(index / 5)}`)] } }),
  };
  return readDistribution(spec, {
    namespace: `n${index % 20}`,
    name: `d${index}`,
    labels: {
      app: `d${index}`,
      group: size.isShy === true ? `g${Math.floor(index / 5)}` : `g${index % groupsOf(size)}`,
    },
    ports: kind >= 60 && kind < 62 ? [String(8000 + (index % 500))] : [],
    revision: 'r',
    current: [],
  });
}

/** Twenty distributions are of one group. */
const groupsOf = ({ distributions }: FleetSize): number => Math.max(1, Math.floor(distributions / 20));

function special(kind: number, group: number): Partial<DistributionSpec> {
  if (kind < 33) return {};
  if (kind < 38) return { antiAffinity: { required: [beside(labels.hostname, `g${group + 1}`)] } };
  if (kind < 41) return { affinity: { required: [beside(labels.region, `g${group}`)] } };
  if (kind < 45) return { tolerations: [{ key: 'dedicated', operator: 'Exists' }] };
  if (kind < 49) return { hosts: { interfaces: [KEY_VALUE] } };
  if (kind < 53) return { hosts: { preferred: [{ weight: 50, ...term('class', ['c']) }] } };
  if (kind < 56)
    return {
      spread: [],
      clusters: {
        tiers: [{ name: 'home', required: [term(labels.region, ['r1', 'r2'])], overflow: true }, { name: 'rest' }],
      },
    };
  if (kind < 59)
    return {
      spread: [],
      groups: [
        { name: 'ab', requirements: { class: 'a' }, weight: 60 },
        { name: 'any', weight: 40 },
      ],
    };
  if (kind === 62 || kind === 63) return { mode: 'Pack', spread: [] };
  if (kind === 64 || kind === 65) return { preemption: 'LowerPriority' };
  if (kind === 66 || kind === 67)
    return { affinity: { preferred: [{ weight: 50, ...beside(labels.zone, `g${group + 1}`) }] } };
  if (kind === 68 || kind === 69)
    return { antiAffinity: { preferred: [{ weight: 50, ...beside(labels.zone, `g${group + 1}`) }] } };
  return {};
}

const term = (
  key: string,
  values: string[],
): { matchExpressions: { key: string; operator: 'In'; values: string[] }[] } => ({
  matchExpressions: [{ key, operator: 'In', values }],
});

const beside = (
  topologyKey: string,
  group: string,
): { topologyKey: string; selector: { matchLabels: { group: string } }; namespaces: string[] } => ({
  topologyKey,
  selector: { matchLabels: { group } },
  namespaces: Array.from({ length: 20 }, (_, i) => `n${i}`),
});
