import { randomUUID } from 'node:crypto';
import { openBucket, type LatticeConnection } from '@kasmcloud/lattice';
import { SimulatedLegacyHost } from '@kasmcloud/testing';
import {
  controlSubject,
  decodeAcknowledgement,
  decodePingReply,
  encodeJson,
  wadmIndexKey,
  wadmModelKey,
  wadmModelsBucket,
  wadmSubject,
} from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { image } from '../interop/sessions.ts';
import { giveZone, ids, seamless, takeOver, twoZones } from '../interop/take-over.ts';
import { Witness } from '../interop/witness.ts';
import { InteropWorld, lattices } from '../interop/world.ts';
import { eventually } from './kasm.ts';
import { kubectlPath } from './kubectl.ts';

const TEST_MS = 300_000;
const WITHIN_MS = 120_000;
const lattice = lattices.mixed;
const LEGACY = `N${'L'.repeat(55)}`;

/** What the real wadm does, as the lattice sees it: it answers its API, keeps its models, and commands hosts. */
class StandInWadm {
  readonly #connection: LatticeConnection;
  readonly #api: { close(): void };

  constructor(connection: LatticeConnection) {
    this.#connection = connection;
    const answer = encodeJson({ result: 'success', message: '', models: [] });
    this.#api = connection.subscribe(
      wadmSubject.allRequests,
      ({ reply }) => reply !== undefined && connection.publish(reply, answer),
      { queue: wadmSubject.queue },
    );
  }

  async keep(name: string, manifest: unknown): Promise<void> {
    const bucket = await openBucket(this.#connection, wadmModelsBucket, { timeoutMs: 5_000 });
    const model = { manifests: { 'v0.1.0': manifest }, deployed_version: 'v0.1.0' };
    await bucket.put(wadmIndexKey(lattice), encodeJson([name]));
    await bucket.put(wadmModelKey(lattice, name), encodeJson(model));
  }

  async command(subject: string, command: object): Promise<void> {
    const { data } = await this.#connection.request(subject, encodeJson(command), { timeoutMs: 10_000 });
    const { success, message } = decodeAcknowledgement(data);
    if (!success) throw new Error(`${subject}: ${message}`);
  }

  /** One start, with the annotations by which wadm knows its own again. */
  async scale(host: string, id: string, component: string, count: number, config: string[] = []): Promise<void> {
    const annotations = {
      'wasmcloud.dev/managed-by': 'wadm',
      'wasmcloud.dev/appspec': 'two-zones',
      'wasmcloud.dev/scaler': randomUUID(),
    };
    const command = { component_id: id, component_ref: image(component), count, host_id: host, annotations, config };
    await this.command(controlSubject.componentScale(lattice, host), command);
  }

  stop(): void {
    this.#api.close();
  }
}

describe.skipIf(kubectlPath === undefined)('a lattice changes from wadm to KasmCloud', () => {
  let world: InteropWorld;
  let legacy: SimulatedLegacyHost;
  beforeAll(async () => {
    world = await InteropWorld.start({ wash: '', host: undefined });
    legacy = await SimulatedLegacyHost.start(world.state.natsUrl, { id: LEGACY, lattice, labels: { zone: 'old' } });
    await giveZone(world);
  }, TEST_MS);
  afterAll(async () => {
    await legacy.kill();
    await world.close();
  }, TEST_MS);

  /** The KasmCloud host of the lattice, as the lattice knows it. */
  async function ours(): Promise<string | undefined> {
    const asked = world.connection.scatter(controlSubject.hostPing(lattice), new Uint8Array(0), { waitMs: 500 });
    const hosts = (await asked).map(({ data }) => decodePingReply(data).response);
    return hosts.find((host) => host !== undefined && host.id !== LEGACY)?.id;
  }

  test('with no restart and no double', { timeout: TEST_MS }, async () => {
    const witness = new Witness(world.connection, lattice);
    const wadm = new StandInWadm(world.connection);
    let host: string | undefined;
    await eventually(WITHIN_MS, async () => (host = await ours()) !== undefined);
    await wadm.keep('two-zones', parse(await twoZones()));
    await wadm.command(controlSubject.configPut(lattice, 'two_zones-manners'), { language: 'en' });
    await wadm.scale(LEGACY, ids.greeter, 'greeter', 3, ['two_zones-manners']);
    await eventually(WITHIN_MS, async () => {
      await wadm.scale(host ?? '', ids.front, 'front', 2);
      return true;
    });
    await wadm.command(controlSubject.linkPut(lattice), {
      source_id: ids.front,
      target: ids.greeter,
      name: 'default',
      wit_namespace: 'example',
      wit_package: 'greet',
      interfaces: ['greeter'],
      source_config: [],
      target_config: [],
    });
    await eventually(WITHIN_MS, async () => witness.started.length === 2);
    const commands = [...legacy.commands];

    expect(await takeOver(world, witness, async () => wadm.stop())).toEqual(seamless);
    expect(commands).toEqual([`scale ${ids.greeter} 3`]);
    expect(legacy.commands).toEqual([...commands, `scale ${ids.greeter} 0`]);
    witness.close();
  });
});
