import { join } from 'node:path';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import {
  ControlParty,
  controlScenarios,
  LaunchedProgram,
  startNats,
  type ControlExchange,
  type Outcome,
} from '@kasmcloud/testing';
import { controlSubject, decodePingReply } from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BridgeWorld, grant, LATTICE, LATTICE_RIGHTS, nkey, nothing } from '../bridge.fixture.ts';

/** A host that the same requests are put to. */
interface Served {
  readonly party: ControlParty;
  close(): Promise<void>;
}

const servers = [
  { name: 'ours', isWasmCloud: false, start: startOurs },
  // The real one, where it is at hand: WASMCLOUD_HOST names its program.
  ...(process.env['WASMCLOUD_HOST'] === undefined
    ? []
    : [{ name: 'wasmCloud', isWasmCloud: true, start: startWasmCloud }]),
];
const count = controlScenarios.flatMap(({ exchanges }) => exchanges).length;
const components = join(import.meta.dirname, '../../../../test/fixtures/components');
const provider = 'wasmcloud+builtin://http-client';

describe.for(servers)(`$name, ${count} exchanges`, ({ isWasmCloud, start }) => {
  let served: Served;
  beforeAll(async () => {
    served = await start();
  }, 120_000);
  afterAll(async () => served.close(), 60_000);

  test.for(controlScenarios)('$name', { timeout: 180_000 }, async ({ exchanges }) => {
    const { party } = served;
    for (const exchange of exchanges) {
      const expected = expectedOf(exchange, isWasmCloud);
      const what = `${exchange.ask} ${JSON.stringify(exchange.body)}`;
      const outcome = await party.exchange(exchange, expected);
      expect.soft({ [what]: outcome }).toEqual({ [what]: expected });
    }
    expect.soft(party.unforeseen.splice(0)).toEqual([]);
  });
});

/** What is to come of an exchange, and no reasons. */
function expectedOf(exchange: ControlExchange, isWasmCloud: boolean): Outcome {
  const { reply, tells, keeps } = isWasmCloud ? { ...exchange, ...exchange.wasmcloud } : exchange;
  return { reply, ...(tells !== undefined && { tells }), ...(keeps !== undefined && { keeps }) };
}

async function startOurs(): Promise<Served> {
  const host = nkey('A');
  const world = await BridgeWorld.start();
  await grant(world.hub, LATTICE_RIGHTS);
  await grant(world.hub, { wasmcloudhosts: ['get', 'patch'] }, 'lattice-hosts');
  await world.host(world.hub, 'hub-1', host);
  const party = new ControlParty(world.tool, LATTICE, {
    host,
    image: 'registry.example/greeter:1',
    image2: 'registry.example/mirror:2',
    provider,
    nowhere: 'broken',
  });
  await world.repeater('solo');
  await vi.waitUntil(async () => (await hostsOf(world.tool)).length === 1, { timeout: 60_000 });
  return { party, close: async () => world.close() };
}

async function startWasmCloud(): Promise<Served> {
  const nats = await startNats({ jetstream: true });
  const client = await connectLattice({ servers: nats.url, name: 'wash' });
  const running = await LaunchedProgram.start({
    program: process.env['WASMCLOUD_HOST'] ?? '',
    args: [],
    env: {
      WASMCLOUD_NATS_PORT: new URL(nats.url).port,
      WASMCLOUD_LATTICE: LATTICE,
      WASMCLOUD_ALLOW_FILE_LOAD: 'true',
      WASMCLOUD_EXPERIMENTAL_FEATURES: 'builtin-http-client',
      WASMCLOUD_LOG_LEVEL: 'warn',
      WASMCLOUD_LABEL_zone: 'a',
    },
    ready: async () => (await hostsOf(client)).length === 1,
    readyWithinMs: 60_000,
  });
  const [host = ''] = await hostsOf(client);
  const party = new ControlParty(client, LATTICE, {
    host,
    image: `file://${components}/greeter.wasm`,
    image2: `file://${components}/mirror.wasm`,
    provider,
    nowhere: `file://${components}/nowhere.wasm`,
  });
  return {
    party,
    close: async () => {
      await client.close();
      await running.stop();
      await nats.close();
    },
  };
}

/** Ids of the hosts that answer. */
async function hostsOf(client: LatticeConnection): Promise<string[]> {
  const answers = await client.scatter(controlSubject.hostPing(LATTICE), nothing, { waitMs: 500, maxAnswers: 1 });
  return answers.flatMap(({ data }) => decodePingReply(data).response?.id ?? []);
}
