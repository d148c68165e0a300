import { mkdir, readFile } from 'node:fs/promises';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { FrontDoor } from '../network/front-door.ts';
import { hostAddresses } from '../network/loopback.ts';
import { choosePorts } from '../network/ports.ts';
import { writeAtomically } from '../state/atomic-file.ts';
import { readState, StateFile, type State } from '../state/state-file.ts';
import { lockState } from '../state/state-lock.ts';
import type { Narrator } from '../story/narrator.ts';
import { endOrphans } from '../supervisor/orphans.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { UserError } from '../user-error.ts';
import { describeState } from './state-description.ts';
import { leadToEndpoints } from './endpoints.ts';
import { mergeKubeconfigs } from './kubeconfigs.ts';
import { layoutOf, type Layout } from './layout.ts';
import type { ClusterOption } from './cluster-words.ts';
import { ExistingClusters } from './existing/existing-clusters.ts';
import type { UpOptions } from './options.ts';
import { grantDemo, grantLattice, joinMembers, seedDefinitions, seedNamespaces } from './seed.ts';
import {
  clustersOf,
  foundation,
  frontDoorName,
  natsPlan,
  planHosts,
  portNames,
  portOf,
  restUrl,
  services,
  type HostPlan,
  type Topology,
} from './topology.ts';
import { writeNatsConfigs } from './nats.ts';

export interface Member extends ClusterOption {
  readonly client: KubeClient;
  readonly door: FrontDoor;
  /** `http://127.0.0.1:port` of the front door. */
  readonly url: string;
  readonly hosts: readonly HostPlan[];
}

/** A supercluster that runs on this machine. */
export interface Instance {
  readonly options: UpOptions;
  readonly layout: Layout;
  readonly supervisor: Supervisor;
  readonly hub: KubeClient;
  readonly members: readonly Member[];
  readonly restUrl: string;
}

/**
 * Brings a supercluster up and calls `use` with it; stops everything before it resolves, or throws what `use` threw.
 * `keeps` is told what could not be taken away from clusters that were there before.
 */
export async function withInstance(
  options: UpOptions,
  narrator: Narrator,
  signal: AbortSignal,
  use: (instance: Instance) => Promise<void>,
  keeps: (what: string) => void,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const layout = layoutOf(options.state);
  resources.defer(await lockState(layout.state));
  const earlier = await readState(layout.stateFile);
  await endLeftovers(earlier, narrator);
  const existing = options.existing
    ? await openExisting(options, layout, narrator, signal, resources, keeps)
    : undefined;

  const topology = await plan(options, layout, earlier);
  let token: string | undefined;
  const urls = existing?.urls ?? new Map<string, string>();
  const describe = async (): Promise<State> => describeState(topology, await supervisor.records(), token, urls);
  const stateFile = new StateFile(layout.stateFile, describe);
  // A save that fails is made up by the next; the story does not end for a full disk.
  const save = (): void =>
    void stateFile.save().catch((error: unknown) => narrator.say(`state.json: ${String(error)}`));
  const supervisor = new Supervisor(layout.logs, save);
  resources.defer(async () => {
    narrator.part('stopping');
    await supervisor.stop();
    await stateFile.save();
  });

  const servers = existing === undefined ? ` and ${clustersOf(options).length} API servers` : '';
  narrator.say(`starting NATS${existing === undefined ? ', ' : ' and '}Redis${servers}`);
  await Promise.all([writeNatsConfigs(natsPlan(topology)), mkdir(layout.redis, { recursive: true })]);
  await supervisor.start(foundation(topology), signal);

  narrator.say('putting resource definitions and members in place');
  token = await (existing?.adopt(signal) ?? seedEmbedded(topology, signal));
  await writeAtomically(layout.token, `${token}\n`);
  await mergeKubeconfigs(
    layout.kubeconfig,
    clustersOf(options).map(({ name }) => ({ name, kubeconfig: layout.cluster(name).kubeconfig })),
  );
  const clients = connectClusters(topology, resources);
  const members = await Promise.all(
    options.members.map(async (member) => openMember(topology, member, clientOf(clients, member.name), resources)),
  );

  narrator.say(`starting the scheduler, the repeater and ${topology.hosts.length} hosts`);
  await supervisor.start(services(topology), signal);
  await stateFile.save();
  const hub = clientOf(clients, options.hub.name);
  await use({ options, layout, supervisor, hub, members, restUrl: restUrl(topology) });
}

/** Checks the clusters that were there before; when everything has stopped, they are left as they were. */
async function openExisting(
  options: UpOptions,
  layout: Layout,
  narrator: Narrator,
  signal: AbortSignal,
  resources: AsyncDisposableStack,
  keeps: (what: string) => void,
): Promise<ExistingClusters> {
  narrator.say(`looking at ${clustersOf(options).length} clusters`);
  const existing = await ExistingClusters.open(options, layout, narrator, signal);
  resources.defer(async () => existing.close());
  await existing.cleanLeftovers(signal);
  resources.defer(async () => {
    narrator.say('leaving the clusters as they were');
    for (const what of await existing.clean()) {
      narrator.say(what);
      keeps(what);
    }
  });
  return existing;
}

async function endLeftovers(earlier: State | undefined, narrator: Narrator): Promise<void> {
  const ended = await endOrphans(earlier?.processes.flatMap(({ identity }) => identity ?? []) ?? []);
  if (ended.length > 0) narrator.say(`ended ${ended.length} processes that an earlier kasm up left behind`);
}

async function plan(options: UpOptions, layout: Layout, earlier: State | undefined): Promise<Topology> {
  const count = options.members.length * options.hostsPerCluster;
  const addresses = options.mapPorts ? undefined : await hostAddresses(layout.state, count);
  const hosts = planHosts(options, addresses);
  const wishes = new Map(Object.entries(earlier?.ports ?? {}));
  if (options.restPort !== undefined) wishes.set('scheduler', options.restPort);
  const ports = await choosePorts(layout.state, portNames(options, hosts), wishes);
  if (options.restPort !== undefined && ports.get('scheduler') !== options.restPort) {
    throw new UserError(`--rest-port: another program listens on ${options.restPort}`);
  }
  return { options, layout, hosts, ports };
}

/** Puts in place what every embedded cluster starts with. Resolves with the bearer token of the demo's account. */
async function seedEmbedded({ options, layout }: Topology, signal: AbortSignal): Promise<string> {
  const open = (name: string): KubeClient => new KubeClient(loadKubeconfig({ file: layout.cluster(name).kubeconfig }));
  const members = options.members.map(async (member) => {
    const client = open(member.name);
    try {
      await seedDefinitions(client, signal);
      await seedNamespaces(client, signal);
      await grantLattice(client, signal);
    } finally {
      await client.close();
    }
    return { ...member, access: await readFile(layout.cluster(member.name).kubeconfig, 'utf8') };
  });
  const hub = open(options.hub.name);
  try {
    const [joining] = await Promise.all([Promise.all(members), seedDefinitions(hub, signal)]);
    await seedNamespaces(hub, signal);
    await grantLattice(hub, signal);
    await joinMembers(hub, joining, signal);
    return await grantDemo(hub, signal);
  } finally {
    await hub.close();
  }
}

function connectClusters({ options, layout }: Topology, resources: AsyncDisposableStack): Map<string, KubeClient> {
  const clients = new Map<string, KubeClient>();
  for (const { name } of clustersOf(options)) {
    const client = new KubeClient(loadKubeconfig({ file: layout.cluster(name).kubeconfig }));
    resources.defer(async () => client.close());
    clients.set(name, client);
  }
  return clients;
}

function clientOf(clients: ReadonlyMap<string, KubeClient>, cluster: string): KubeClient {
  const client = clients.get(cluster);
  if (client === undefined) throw new RangeError(`no cluster is named ${cluster}`);
  return client;
}

async function openMember(
  topology: Topology,
  member: ClusterOption,
  client: KubeClient,
  resources: AsyncDisposableStack,
): Promise<Member> {
  const door = await FrontDoor.open(portOf(topology, frontDoorName(member.name)));
  resources.defer(async () => door.close());
  // The store says what it lacks by keeping what it had; an API server that is down is told by the supervisor.
  resources.defer(leadToEndpoints(door, client, () => {}));
  const hosts = topology.hosts.filter(({ cluster }) => cluster === member.name);
  return { ...member, client, door, url: `http://127.0.0.1:${door.port}`, hosts };
}
