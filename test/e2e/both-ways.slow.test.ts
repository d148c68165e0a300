import { setTimeout as sleep } from 'node:timers/promises';
import {
  labels,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  type ActorObject,
  type ClusterObject,
  type HostObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { SimulatedLegacyHost } from '@kasmcloud/testing';
import { controlSubject, decodeInventoryReply } from '@kasmcloud/wire';
import { expect, test } from 'vitest';
import { LegacyHost } from '../interop/legacy-host.ts';
import { eventually, Kasm, repositoryRoot, temporaryFolder, type State } from './kasm.ts';

const UP_MS = 240_000;
const MOVE_MS = 240_000;
/** Longer than the Lease of a legacy host lasts. */
const OUTAGE_MS = 60_000;
const LATTICE = 'hello';
const CLUSTER = 'eu-1';
const ID = 'both-ways';
const REPLICAS = 6;

/** A wasmCloud 1.x host of this test, and how often it was commanded where that can be told. */
interface Legacy {
  readonly id: string;
  readonly commands?: readonly string[];
  kill(): Promise<void>;
}
type StartLegacy = (connection: LatticeConnection, state: State) => Promise<Legacy>;

const hostLabels = { [labels.cluster]: CLUSTER };
const simulated: StartLegacy = async (_, { natsUrl }) =>
  SimulatedLegacyHost.start(natsUrl, { id: `N${'Q'.repeat(55)}`, lattice: LATTICE, labels: hostLabels });
const real =
  (program: string): StartLegacy =>
  async (connection, { natsUrl }) =>
    LegacyHost.start(connection, {
      program,
      natsPort: Number(new URL(natsUrl).port),
      lattice: LATTICE,
      labels: hostLabels,
    });
const program = process.env['WASMCLOUD_HOST'];
const peers = [
  { name: 'a simulated host', start: simulated },
  ...(program === undefined ? [] : [{ name: 'a real host', start: real(program) }]),
];

/** How many calls of the component the host takes at once, by its own word. */
async function roomOn(connection: LatticeConnection, { id }: Legacy): Promise<number | undefined> {
  const subject = controlSubject.hostGet(LATTICE, id);
  const { data } = await connection.request(subject, new Uint8Array(0), { timeoutMs: 10_000 });
  return decodeInventoryReply(data).response?.components.find((one) => one.id === ID)?.max_instances;
}

/** Replicas by host, where they are Ready; throws for two Actors on one host. */
async function running(clients: readonly KubeClient[]): Promise<Record<string, number>> {
  const lists = await Promise.all(clients.map(async (client) => client.list<ActorObject>(WasmCloudActor)));
  const replicas: Record<string, number> = {};
  for (const { metadata, spec, status } of lists.flatMap(({ items }) => items)) {
    if (metadata.labels?.[labels.distribution] !== ID) continue;
    if (replicas[spec.hostName] !== undefined) throw new Error(`two actors of ${ID} on ${spec.hostName}`);
    const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
    if (isReady && status?.observedGeneration === metadata.generation) replicas[spec.hostName] = spec.instances;
  }
  return replicas;
}

/** Hosts of the cluster of the legacy host that the scheduler would place on. */
async function readyHosts(hub: KubeClient): Promise<number | undefined> {
  const { status } = await hub.get<ClusterObject>(WasmCloudCluster, CLUSTER);
  return status?.readyHosts;
}

const totalOf = (replicas: Readonly<Record<string, number>>): number =>
  Object.values(replicas).reduce((sum, count) => sum + count, 0);

const open = ({ clusters }: State): KubeClient[] =>
  clusters.map(({ kubeconfig }) => new KubeClient(loadKubeconfig({ file: kubeconfig })));

test.for(peers)(
  'a distribution over two clusters runs on KasmCloud hosts and $name together, through the loss of NATS and of that host',
  { timeout: UP_MS + 4 * MOVE_MS },
  async ({ start }) => {
    await using folder = await temporaryFolder();
    const kasm = Kasm.up(folder.path, '--hosts-per-cluster', '1');
    await using _kasm = { [Symbol.asyncDispose]: async () => void (await kasm.stop()) };
    await kasm.tells('2 hosts are ready', UP_MS);
    const state = await kasm.state();
    const clients = open(state);
    await using _clients = {
      [Symbol.asyncDispose]: async () => void (await Promise.all(clients.map(async (one) => one.close()))),
    };
    const [hub] = clients;
    if (hub === undefined) throw new TypeError('state.json names no cluster');
    const connection = await connectLattice({ servers: state.natsUrl, name: 'both-ways' });
    await using _connection = { [Symbol.asyncDispose]: async () => connection.close() };
    let legacy = await start(connection, state);
    await using _legacy = { [Symbol.asyncDispose]: async () => legacy.kill() };
    const name = legacy.id.toLowerCase();
    await eventually(MOVE_MS, async () => {
      const found = await Promise.all(clients.map(async (one) => one.find<HostObject>(WasmCloudHost, name)));
      return found.some((one) => one?.status?.runtime === 'wasmcloud');
    });

    const image = `file://${repositoryRoot}/test/fixtures/components/greeter.wasm`;
    const spread = [
      { topologyKey: labels.cluster, maxSkew: 1, whenUnsatisfiable: 'Prefer' },
      { topologyKey: labels.hostname, maxSkew: 1, whenUnsatisfiable: 'Prefer' },
    ];
    const spec = { actor: { id: ID, image }, replicas: REPLICAS, spread };
    await hub.create(WasmCloudDistribution, { metadata: { name: ID, namespace: LATTICE }, spec });
    const isWell = async (onLegacy: number): Promise<boolean> => {
      const replicas = await running(clients);
      return totalOf(replicas) === REPLICAS && (replicas[name] ?? 0) === onLegacy;
    };
    const share = async (): Promise<number> => (await running(clients))[name] ?? 0;
    await eventually(MOVE_MS, async () => (await share()) > 0 && isWell(await share()));
    const before = await running(clients);
    // Three replicas in each cluster, those of eu-1 on both of its hosts.
    expect(Object.values(before).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(await roomOn(connection, legacy)).toBe(before[name]);

    // NATS hangs for a minute: nothing is known of the legacy host, and nothing is done about it.
    const told = legacy.commands?.length;
    const nats = state.processes.find((one) => one.name === 'nats')?.pid;
    if (nats === undefined) throw new TypeError('state.json names no process nats');
    process.kill(nats, 'SIGSTOP');
    try {
      const end = performance.now() + OUTAGE_MS;
      while (performance.now() < end) {
        const decided = await Promise.all(clients.map(async (one) => one.list<ActorObject>(WasmCloudActor)));
        const actors = decided.flatMap(({ items }) => items).filter(({ spec: { id } }) => id === ID);
        expect(Object.fromEntries(actors.map(({ spec: one }) => [one.hostName, one.instances]))).toEqual(before);
        await sleep(1_000);
      }
    } finally {
      process.kill(nats, 'SIGCONT');
    }
    await eventually(MOVE_MS, async () => isWell(before[name] ?? 0));
    expect(await running(clients)).toEqual(before);
    expect(legacy.commands?.length).toBe(told);
    // It may have given NATS up meanwhile, and connect again.
    await eventually(MOVE_MS, async () => (await roomOn(connection, legacy)) === before[name]);

    // The legacy host dies: its replicas move, and the others stay where they are.
    await legacy.kill();
    await eventually(MOVE_MS, async () => isWell(0));
    const after = await running(clients);
    const stayed = Object.entries(before).filter(([one]) => one !== name);
    expect(stayed.filter(([one, count]) => (after[one] ?? 0) < count)).toEqual([]);

    // It comes back with nothing: what is placed there then is started there, and nothing is doubled. What runs well
    // elsewhere does not move for it, so that the scheduler must know of it before there is more to place.
    await eventually(MOVE_MS, async () => (await readyHosts(hub)) === 1);
    legacy = await start(connection, state);
    const again = legacy.id.toLowerCase();
    await eventually(MOVE_MS, async () => (await readyHosts(hub)) === 2);
    expect(await running(clients)).toEqual(after);
    await hub.patch(WasmCloudDistribution, ID, LATTICE, { spec: { replicas: 2 * REPLICAS } }, { type: 'merge' });
    await eventually(MOVE_MS, async () => totalOf(await running(clients)) === 2 * REPLICAS);
    // Six replicas in each cluster: the new ones of eu-1 go to the host that had none.
    const end = await running(clients);
    expect(Object.values(end).toSorted((a, b) => a - b)).toEqual([3, 3, 6]);
    expect(end[again]).toBe(3);
    await eventually(MOVE_MS, async () => (await roomOn(connection, legacy)) === 3);
  },
);
