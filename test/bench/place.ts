/** `npm run bench:place`: the planner on 10,000 hosts in 50 clusters, against a plain greedy on the same machine. */
import { labels } from '@kasmcloud/kube-api';
import {
  diff,
  place,
  readDistribution,
  type Distribution,
  type Host,
  type Plan,
  type Snapshot,
} from '@kasmcloud/placement';
import { placeGreedily } from './greedy.ts';
import { median, report, time, type Result } from './harness.ts';

const CLUSTERS = 50;
const HOSTS_PER_CLUSTER = 200;
const REGIONS = 10;
const ZONES_PER_CLUSTER = 3;

const clusters = Array.from({ length: CLUSTERS }, (_, i) => ({
  name: `c${i}`,
  labels: { [labels.region]: `r${i % REGIONS}` },
  taints: [],
  unschedulable: false,
  reach: 'Reachable' as const,
}));

const hosts: Host[] = clusters.flatMap((cluster) =>
  Array.from({ length: HOSTS_PER_CLUSTER }, (_, i) => ({
    name: `h${i}`,
    cluster: cluster.name,
    labels: {
      ...cluster.labels,
      [labels.zone]: `${cluster.name}-z${i % ZONES_PER_CLUSTER}`,
      disk: i % 2 === 0 ? 'ssd' : 'hdd',
    },
    taints: [],
    unschedulable: false,
    lattices: ['*'],
    interfaces: [],
    state: 'Ready' as const,
    // Three sizes of host; thousandths of a core and of a byte.
    allocatable: { instances: 10_000, cpu: (4 + 4 * (i % 3)) * 1000, memory: (8 + 8 * (i % 3)) * 2 ** 30 * 1000 },
    foreign: {},
  })),
);

/** Even over regions (hard), then over zones; every third wants an ssd; eight sizes of replica. */
function distribution(index: number, replicas: number): Distribution {
  const ssd = { required: [{ matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] }] };
  const spec = {
    actor: { id: `a${index}`, image: 'registry/a:1' },
    replicas,
    resources: { cpu: `${50 + 10 * (index % 8)}m`, memory: '64Mi' },
    spread: [{ topologyKey: labels.region, whenUnsatisfiable: 'Block' as const }, { topologyKey: labels.zone }],
    maxPerHost: 3,
    ...(index % 3 === 0 && { hosts: ssd }),
  };
  return readDistribution(spec, { namespace: 'bench', name: `d${index}`, revision: 'r', current: [] });
}

const fleet = (count: number, replicas: number): Snapshot => ({
  clusters,
  hosts,
  distributions: Array.from({ length: count }, (_, i) => distribution(i, replicas)),
});

const applied = (snapshot: Snapshot, plan: Plan): Snapshot => {
  const byKey = new Map(plan.distributions.map((one) => [one.key, one]));
  const distributions = snapshot.distributions.map((one) => ({
    ...one,
    current: (byKey.get(one.key)?.clusters ?? []).flatMap(({ cluster, hosts: shares }) =>
      shares.map((share) => ({ cluster, ...share })),
    ),
  }));
  return { ...snapshot, distributions };
};

/** Everything is placed, at most 3 on a host, no host holds more than it has, and regions differ by at most `skew`. */
function isRight(snapshot: Snapshot, plan: Plan, skew = 1): boolean {
  const free = new Map(snapshot.hosts.map((host) => [`${host.cluster}/${host.name}`, { ...host.allocatable }]));
  const specs = byKey(snapshot);
  for (const one of plan.distributions) {
    if (one.placed !== one.desired || (one.skew[0]?.value ?? 0) > skew) return false;
    const demand = Object.entries(specs.get(one.key)?.resources ?? {});
    for (const { cluster, hosts: shares } of one.clusters)
      for (const { host, replicas } of shares) {
        const left = free.get(`${cluster}/${host}`);
        if (left === undefined || replicas > 3) return false;
        for (const [name, amount] of demand) left[name] = (left[name] ?? 0) - amount * replicas;
      }
  }
  return [...free.values()].every((left) => Object.values(left).every((amount) => amount >= 0));
}

const byKey = (snapshot: Snapshot): Map<string, Distribution> =>
  new Map(snapshot.distributions.map((one) => [one.key, one]));

const replicasOf = (snapshot: Snapshot): number => snapshot.distributions.reduce((sum, one) => sum + one.replicas, 0);

const movesOf = (plan: Plan): number => plan.distributions.reduce((sum, { moves }) => sum + moves.count, 0);
const boundOf = (plan: Plan): number => plan.distributions.reduce((sum, { moves }) => sum + moves.lowerBound, 0);

/** Median time of `place` on a snapshot, and whether the outcome was right every time. */
function measure(snapshot: Snapshot, check: (plan: Plan) => boolean, runs: number): { ms: number; verified: boolean } {
  let plan: Plan = { distributions: [] };
  let verified = true;
  const run = (): void => {
    plan = place(snapshot);
  };
  const after = (): void => {
    verified = verified && check(plan);
  };
  return { ms: median(time(run, { runs, after })), verified };
}

function coldSolve(): Result[] {
  const large = fleet(1000, 100);
  const first = measure(large, (plan) => isRight(large, plan), 5);
  const many = fleet(10_000, 10);
  const second = measure(many, (plan) => isRight(many, plan), 3);
  const sample = large.distributions.slice(0, 10);
  const greedy = time(() => placeGreedily(hosts, sample), { runs: 3 });
  const greedyPerSecond = (1000 * sample.reduce((sum, one) => sum + one.replicas, 0)) / median(greedy);
  return [
    {
      name: 'B1 cold, 1,000 × 100 replicas',
      value: (1000 * replicasOf(large)) / first.ms,
      unit: 'placements/s',
      baseline: greedyPerSecond,
      verified: first.verified,
    },
    {
      name: 'B2 cold, 10,000 × 10 replicas',
      value: (1000 * many.distributions.length) / second.ms,
      unit: 'distributions/s',
      baseline: greedyPerSecond / 10,
      verified: second.verified,
    },
  ];
}

function changes(): Result[] {
  const start = fleet(1000, 100);
  const settled = applied(start, place(start));
  const still = measure(settled, (plan) => movesOf(plan) === 0 && isSame(settled, plan), 5);
  const without = (isLost: (host: Host) => boolean): Snapshot => ({
    ...settled,
    hosts: hosts.map((host) => (isLost(host) ? { ...host, state: 'Lost' as const } : host)),
  });
  const isRepaired = (plan: Plan): boolean => movesOf(plan) > 0 && movesOf(plan) === boundOf(plan);
  const oneHost = without((host) => host.cluster === 'c7' && host.name === 'h8');
  const repair = measure(oneHost, (plan) => isRepaired(plan) && isRight(oneHost, plan), 5);
  const oneCluster = without((host) => host.cluster === 'c7');
  const failover = measure(oneCluster, (plan) => isRepaired(plan) && isRight(oneCluster, plan, 100), 5);
  const moves = place(oneCluster);
  const grown = { ...settled, distributions: settled.distributions.map((one) => ({ ...one, replicas: 110 })) };
  const scaled = measure(grown, (plan) => movesOf(plan) === 0 && isRight(grown, plan), 3);
  return [
    { name: 'B11 nothing changed, all 1,000', value: still.ms, unit: 'ms', baseline: null, verified: still.verified },
    { name: 'B4 one host lost, all 1,000', value: repair.ms, unit: 'ms', baseline: null, verified: repair.verified },
    {
      name: 'B5 200 hosts lost, all 1,000',
      value: failover.ms,
      unit: 'ms',
      baseline: null,
      verified: failover.verified,
    },
    {
      name: 'B7 moves of B5 ÷ fewest possible',
      value: movesOf(moves) / boundOf(moves),
      unit: '',
      baseline: null,
      verified: failover.verified,
    },
    { name: 'B9 scale all from 100 to 110', value: scaled.ms, unit: 'ms', baseline: null, verified: scaled.verified },
  ];
}

/** Whether the plan is what stands. */
function isSame(snapshot: Snapshot, plan: Plan): boolean {
  const standing = byKey(snapshot);
  return plan.distributions.every(({ key, clusters: planned }) => {
    const current = standing.get(key)?.current ?? [];
    const before = [...Map.groupBy(current, (one) => one.cluster)].map(([cluster, shares]) => ({
      cluster,
      hosts: shares,
    }));
    return diff(before, planned).length === 0;
  });
}

report('place: 10,000 hosts, 50 clusters, 10 regions, 150 zones', [...coldSolve(), ...changes()]);
