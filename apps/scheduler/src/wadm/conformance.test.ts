import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import {
  exchangeWadm,
  LaunchedProgram,
  startNats,
  wadmManifests,
  wadmScenarios,
  type WadmExchange,
} from '@kasmcloud/testing';
import { wadmSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiWorld, LATTICE } from '../api.fixture.ts';
import { eventually } from '../supercluster.fixture.ts';

/** A server of the wadm API that the same requests are sent to. */
interface Served {
  readonly client: LatticeConnection;
  close(): Promise<void>;
}

const servers = [
  { name: 'ours', isWadm: false, start: startOurs },
  // The real one, where it is at hand: WADM names its program.
  ...(process.env['WADM'] === undefined ? [] : [{ name: 'wadm', isWadm: true, start: startWadm }]),
];

describe.for(servers)('$name', ({ isWadm, start }) => {
  let served: Served;
  beforeAll(async () => {
    served = await start();
    await eventually('the API answers', async () => {
      await served.client.request(wadmSubject.request(LATTICE, 'get'), new Uint8Array(), { timeoutMs: 2_000 });
    });
  }, 90_000);
  afterAll(async () => served.close());

  const expectedOf = ({ reply, wadm }: WadmExchange): unknown => (isWadm && wadm !== undefined ? wadm.reply : reply);

  test.for(wadmScenarios)('$name', { timeout: 60_000 }, async ({ exchanges }) => {
    for (const exchange of exchanges) {
      const expected = expectedOf(exchange);
      const reply = await exchangeWadm(served.client, LATTICE, exchange, expected);
      expect({ [exchange.ask]: reply }).toEqual({ [exchange.ask]: expected });
    }
  });

  test.for(wadmManifests)('put of $file', { timeout: 30_000 }, async ({ file, problems }) => {
    const ask = (exchange: WadmExchange): Promise<unknown> => exchangeWadm(served.client, LATTICE, exchange, undefined);
    const reply = (await ask({ ask: 'put', manifest: file, reply: undefined })) as {
      result: string;
      message: string;
      name: string;
    };
    const errors = problems.filter(([severity]) => severity === 'E').map(([, message]) => message);
    // wadm tells the first only.
    const untold = isWadm ? [] : errors.filter((message) => !reply.message.includes(message));
    expect({ ...reply, untold }).toMatchObject({ result: errors.length === 0 ? 'created' : 'error', untold: [] });
    if (errors.length === 0) await ask({ ask: `del ${reply.name}`, reply: undefined });
  });
});

async function startOurs(): Promise<Served> {
  const world = await ApiWorld.start();
  const client = await connectLattice({ servers: world.nats.url, name: 'wash' });
  return {
    client,
    close: async () => {
      await client.close();
      await world.close();
    },
  };
}

async function startWadm(): Promise<Served> {
  const nats = await startNats({ jetstream: true });
  const client = await connectLattice({ servers: nats.url, name: 'wash' });
  const wadm = await LaunchedProgram.start({
    program: process.env['WADM'] ?? '',
    args: [],
    env: { WADM_NATS_SERVER: nats.url.replace('nats://', '') },
    ready: () =>
      client.request(wadmSubject.probe, new Uint8Array(), { timeoutMs: 500 }).then(
        () => true,
        () => false,
      ),
  });
  return {
    client,
    close: async () => {
      await client.close();
      await wadm.stop();
      await nats.close();
    },
  };
}
