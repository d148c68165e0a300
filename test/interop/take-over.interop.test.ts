import type { LaunchedProgram } from '@kasmcloud/testing';
import { controlSubject, decodeInventoryReply, decodePingReply, wadmSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/kasm.ts';
import { kubectlPath } from '../e2e/kubectl.ts';
import { peers } from './peers.ts';
import { giveZone, ids, seamless, takeOver, twoZones, wadmIsPresent } from './take-over.ts';
import { startWadm } from './wadm.ts';
import { Witness } from './witness.ts';
import { InteropWorld, lattices } from './world.ts';

const WITHIN_MS = 120_000;
const lattice = lattices.mixed;

const isPossible = peers.wadm !== undefined && peers.host !== undefined && kubectlPath !== undefined;

/** The real wadm over a wasmCloud host and a KasmCloud host; NATS_SERVER_BIN names a nats-server that wadm works with. */
describe.skipIf(!isPossible)("a lattice changes from wasmCloud's wadm to KasmCloud", () => {
  let world: InteropWorld;
  let wadm: LaunchedProgram;
  beforeAll(async () => {
    world = await InteropWorld.start({ wash: '', host: peers.host });
    await giveZone(world);
    const port = Number(new URL(world.state.natsUrl).port);
    wadm = await startWadm(peers.wadm ?? '', { port }, world.connection);
  });
  afterAll(async () => {
    await wadm.stop();
    await world.close();
  });

  async function ask(operation: string, name?: string, body = ''): Promise<string> {
    const subject = wadmSubject.request(lattice, operation, name);
    const { data } = await world.connection.request(subject, new TextEncoder().encode(body), { timeoutMs: 10_000 });
    return new TextDecoder().decode(data);
  }

  /** Components of all hosts of the lattice, as the hosts themselves tell. */
  async function inventory(): Promise<string[]> {
    const options = { timeoutMs: 10_000 };
    const pings = await world.connection.scatter(controlSubject.hostPing(lattice), new Uint8Array(0), { waitMs: 500 });
    const found = pings.map(async ({ data }) => {
      const id = decodePingReply(data).response?.id ?? '';
      const answer = await world.connection.request(controlSubject.hostGet(lattice, id), new Uint8Array(0), options);
      const components = decodeInventoryReply(answer.data).response?.components ?? [];
      return components.map((one) => `${one.id} ${one.max_instances} on ${id}`);
    });
    return (await Promise.all(found)).flat().toSorted();
  }

  test('with no restart and no double', async () => {
    const witness = new Witness(world.connection, lattice);
    const put = async (): Promise<boolean> => (await ask('put', undefined, await twoZones())).includes('"created"');
    // Until our own API has left it to wadm, either may answer.
    await wadmIsPresent(world);
    expect(await put()).toBe(true);
    expect(await ask('deploy', 'two-zones')).toContain('"result":"acknowledged"');
    await eventually(WITHIN_MS, async () =>
      (await ask('status', 'two-zones')).includes('"status":{"status":{"type":"deployed"}'),
    );
    await eventually(WITHIN_MS, async () => witness.started.length === 2);
    const before = await inventory();
    expect(before.map((line) => line.replace(/ on .*/, ''))).toEqual([`${ids.front} 2`, `${ids.greeter} 3`]);
    let after: string[] = [];
    const stop = async (): Promise<void> => {
      await wadm.stop();
      after = await inventory();
    };
    expect(await takeOver(world, witness, stop)).toEqual(seamless);
    expect(after).toEqual(before);
    witness.close();
  });
});
