import { appMain } from '../repository.ts';
import type { ProcessSpec } from '../supervisor/supervised-process.ts';
import type { ClusterOption } from './cluster-words.ts';
import type { Layout, Service } from './layout.ts';
import type { UpOptions } from './options.ts';
import { leafName, natsServers, natsUrlIn, type NatsPlan } from './nats.ts';
import { answersReady, apiServerAnswers, says } from './probes.ts';
import { findServer } from './programs.ts';
import { LATTICE } from './seed.ts';

export interface HostPlan {
  readonly name: string;
  readonly cluster: string;
  /** IP address of the host's network; undefined where ports are mapped instead. */
  readonly address: string | undefined;
}

/** Everything that `kasm up` has to know to start its processes. */
export interface Topology {
  readonly options: UpOptions;
  readonly layout: Layout;
  readonly ports: ReadonlyMap<string, number>;
  readonly hosts: readonly HostPlan[];
}

/** Short, as on one machine a silent process is a dead one: the story waits for these. */
const times = { hostLease: '3s', hostRenew: '1s', hostLostAfter: '4s', leaderLease: '5s' } as const;
const SLOWEST_START_MS = 60_000;

export const apiServerName = (cluster: string): string => `apiserver-${cluster}`;
export const frontDoorName = (cluster: string): string => `front-door-${cluster}`;

/** Each cluster once, the hub first. */
export const clustersOf = ({ hub, members }: UpOptions): readonly ClusterOption[] => [
  hub,
  ...members.filter(({ name }) => name !== hub.name),
];

/** The hosts of each member, `eu-1-host-1` and so on. */
export function planHosts(options: UpOptions, addresses: readonly string[] | undefined): HostPlan[] {
  return options.members.flatMap(({ name: cluster }, member) =>
    Array.from({ length: options.hostsPerCluster }, (_, index) => ({
      name: `${cluster}-host-${index + 1}`,
      cluster,
      address: addresses?.[member * options.hostsPerCluster + index],
    })),
  );
}

/** What needs a port, by the name under which the state file keeps it. */
export const portNames = (options: UpOptions, hosts: readonly { readonly name: string }[]): string[] => [
  'nats',
  ...(options.leaf ? [LEAVES, ...leavesOf(options).map(({ name }) => leafName(name))] : []),
  'redis',
  'scheduler',
  'repeater',
  ...embeddedOf(options).map(({ name }) => apiServerName(name)),
  ...options.members.map(({ name }) => frontDoorName(name)),
  ...hosts.map(({ name }) => name),
];

export function portOf({ ports }: Topology, name: string): number {
  const port = ports.get(name);
  if (port === undefined) throw new RangeError(`no port was chosen for ${name}`);
  return port;
}

const embeddedOf = (options: UpOptions): readonly ClusterOption[] => (options.existing ? [] : clustersOf(options));

/** What everything else stands on: NATS, Redis, and an API server for each embedded cluster. */
export const foundation = (topology: Topology): ProcessSpec[] => [
  ...natsServers(natsPlan(topology)),
  redisServer(topology),
  ...embeddedOf(topology.options).map(({ name }) => apiServer(topology, name)),
];

/** Our services, which need the clusters to be seeded. */
export const services = (topology: Topology): ProcessSpec[] => [
  scheduler(topology),
  repeater(topology),
  ...topology.hosts.map((host) => hostProcess(topology, host)),
];

export const natsUrl = (topology: Topology, cluster?: string): string => natsUrlIn(natsPlan(topology), cluster);

export function natsPlan(topology: Topology): NatsPlan {
  const { options, layout } = topology;
  const port = portOf(topology, 'nats');
  if (!options.leaf) return { folder: layout.nats, port };
  const ports = new Map(leavesOf(options).map(({ name }) => [name, portOf(topology, leafName(name))]));
  return { folder: layout.nats, port, leaves: { port: portOf(topology, LEAVES), ports } };
}

/** Members with a NATS server of their own; where the hub is a member, it has one. */
const leavesOf = ({ leaf, hub, members }: UpOptions): readonly ClusterOption[] =>
  leaf ? members.filter(({ name }) => name !== hub.name) : [];

/** The port at which the hub's NATS takes leaves in. */
const LEAVES = 'nats-leaves';

export const restUrl = (topology: Topology): string => `http://127.0.0.1:${portOf(topology, 'scheduler')}`;

function redisServer(topology: Topology): ProcessSpec {
  const port = portOf(topology, 'redis');
  const settings = [
    '--bind',
    '127.0.0.1',
    '--dir',
    topology.layout.redis,
    '--save',
    '60 1',
    '--maxmemory-policy',
    'noeviction',
  ];
  return {
    name: 'redis',
    program: findServer('redis-server', 'REDIS_SERVER_BIN', process.env),
    args: ['--port', String(port), ...settings],
    port,
    isReady: async () => says(port, '+PONG', 'PING\r\n'),
    readyWithinMs: SLOWEST_START_MS,
  };
}

function apiServer(topology: Topology, cluster: string): ProcessSpec {
  const name = apiServerName(cluster);
  const port = portOf(topology, name);
  const { folder, kubeconfig } = topology.layout.cluster(cluster);
  const settings = ['--name', cluster, '--data', folder, '--port', String(port), '--kubeconfig', kubeconfig];
  return {
    ...nodeProcess(name, 'cli', port, {}),
    args: [...nodeArgs('cli'), 'apiserver', ...settings],
    isReady: async (signal) => apiServerAnswers(kubeconfig, signal),
  };
}

function scheduler(topology: Topology): ProcessSpec {
  return nodeProcess('scheduler', 'scheduler', portOf(topology, 'scheduler'), {
    ...lattice(topology),
    KASMCLOUD_HUB_KUBECONFIG: access(topology, topology.options.hub.name, 'scheduler'),
    KASMCLOUD_REDIS_URL: `redis://127.0.0.1:${portOf(topology, 'redis')}`,
    KASMCLOUD_CACHE_DIR: topology.layout.gitCache,
    KASMCLOUD_GIT_ALLOW_FILE: 'true',
    KASMCLOUD_HOST_LOST_AFTER: times.hostLostAfter,
    KASMCLOUD_LEASE_DURATION: times.leaderLease,
  });
}

function repeater(topology: Topology): ProcessSpec {
  return nodeProcess('repeater', 'repeater', portOf(topology, 'repeater'), {
    ...lattice(topology),
    KASMCLOUD_HUB_KUBECONFIG: access(topology, topology.options.hub.name, 'repeater'),
    KASMCLOUD_LEASE_DURATION: times.leaderLease,
  });
}

function hostProcess(topology: Topology, { name, cluster, address }: HostPlan): ProcessSpec {
  const network = address === undefined ? { KASMCLOUD_LISTEN_MAP: 'true' } : { KASMCLOUD_LISTEN_ADDRESS: address };
  return nodeProcess(name, 'host', portOf(topology, name), {
    ...lattice(topology, cluster),
    ...network,
    // Elsewhere it has rights in the lattice of this instance alone.
    ...(topology.options.existing && { KASMCLOUD_LATTICES: LATTICE }),
    KASMCLOUD_KUBECONFIG: access(topology, cluster, 'host'),
    KASMCLOUD_HOST_NAME: name,
    KASMCLOUD_DATA_DIR: topology.layout.host(name),
    KASMCLOUD_ALLOW_FILE: 'true',
    KASMCLOUD_LEASE_DURATION: times.hostLease,
    KASMCLOUD_LEASE_RENEW: times.hostRenew,
  });
}

/** In an embedded cluster everything acts as its administrator, elsewhere as an account of its own. */
function access({ options, layout }: Topology, cluster: string, service: Service): string {
  const files = layout.cluster(cluster);
  return options.existing ? files.account(service) : files.kubeconfig;
}

const lattice = (topology: Topology, cluster?: string): Record<string, string> => ({
  KASMCLOUD_NATS_URL: natsUrl(topology, cluster),
});

const nodeArgs = (app: 'cli' | 'host' | 'repeater' | 'scheduler'): string[] => [
  '--enable-source-maps',
  ...(app === 'cli' || app === 'scheduler' ? BUSY_AT_TIMES : []),
  appMain(app),
];

/**
 * For an API server or a scheduler: with room for what is young it does 8 % more under load, and what V8 has compiled it
 * keeps over a rest, for the moment in which a cluster is lost.
 */
const BUSY_AT_TIMES = ['--max-semi-space-size=64', '--no-flush-bytecode'];

function nodeProcess(
  name: string,
  app: 'cli' | 'host' | 'repeater' | 'scheduler',
  port: number,
  env: Record<string, string>,
): ProcessSpec {
  return {
    name,
    program: process.execPath,
    args: nodeArgs(app),
    env: { KASMCLOUD_PORT: String(port), ...env },
    port,
    isReady: async (signal) => answersReady(port, signal),
    readyWithinMs: SLOWEST_START_MS,
  };
}
