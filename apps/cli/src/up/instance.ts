import { mkdir } from 'node:fs/promises';
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
import type { ClusterOption, UpOptions } from './options.ts';
import { demoToken, seedDefinitions, seedHub } from './seed.ts';
import {
  clustersOf,
  foundation,
  frontDoorName,
  planHosts,
  portNames,
  portOf,
  restUrl,
  services,
  type HostPlan,
  type Topology,
} from './topology.ts';

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

/** Brings a supercluster up and calls `use` with it; stops everything before it resolves, or throws what `use` threw. */
export async function withInstance(
  options: UpOptions,
  narrator: Narrator,
  signal: AbortSignal,
  use: (instance: Instance) => Promise<void>,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const layout = layoutOf(options.state);
  resources.defer(await lockState(layout.state));
  const earlier = await readState(layout.stateFile);
  await endLeftovers(earlier, narrator);

  const topology = await plan(options, layout, earlier);
  let token: string | undefined;
  const describe = async (): Promise<State> => describeState(topology, await supervisor.records(), token);
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

  narrator.say(`starting NATS, Redis and ${clustersOf(options).length} API servers`);
  await Promise.all([layout.nats, layout.redis].map(async (folder) => mkdir(folder, { recursive: true })));
  await supervisor.start(foundation(topology), signal);

  const clients = connectClusters(topology, resources);
  narrator.say('putting resource definitions and members in place');
  token = await seed(topology, clients, signal);
  const members = await Promise.all(
    options.members.map(async (member) => openMember(topology, member, clientOf(clients, member.name), resources)),
  );

  narrator.say(`starting the scheduler, the repeater and ${topology.hosts.length} hosts`);
  await supervisor.start(services(topology), signal);
  await stateFile.save();
  const hub = clientOf(clients, options.hub.name);
  await use({ options, layout, supervisor, hub, members, restUrl: restUrl(topology) });
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

/** Puts in place what every cluster starts with. Resolves with the bearer token of the demo's account. */
async function seed(
  { options, layout }: Topology,
  clients: ReadonlyMap<string, KubeClient>,
  signal: AbortSignal,
): Promise<string> {
  const withKubeconfig = <T extends ClusterOption>(cluster: T): T & { kubeconfig: string } => ({
    ...cluster,
    kubeconfig: layout.cluster(cluster.name).kubeconfig,
  });
  await Promise.all([...clients.values()].map(async (client) => seedDefinitions(client, signal)));
  const hub = clientOf(clients, options.hub.name);
  await seedHub(hub, options.members.map(withKubeconfig), signal);
  const token = await demoToken(hub, signal);
  await writeAtomically(layout.token, `${token}\n`);
  await mergeKubeconfigs(layout.kubeconfig, clustersOf(options).map(withKubeconfig));
  return token;
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
