import { connect, createServer, type Socket } from 'node:net';
import { WasmCloudHost } from '@kasmcloud/kube-api';
import { allEventsSubject, controlSubject, decodeEvent, decodePingReply } from '@kasmcloud/wire';
import { expect, test } from 'vitest';
import { LATTICE, nkey, RepeaterWorld } from '../world.fixture.ts';
import { readyCondition } from '../bridge.fixture.ts';

/** Lies before a server of this machine, and keeps what clients send as they send it. */
async function tap(target: number): Promise<{ port: number; sent: () => string; close: () => void }> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
    near.on('data', (chunk: Buffer) => chunks.push(chunk));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a listening TCP server has no port');
  return {
    port: address.port,
    sent: () => Buffer.concat(chunks).toString('latin1'),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

test(
  'a host listens before the lattice hears of it: whoever asks it at once is answered',
  { timeout: 120_000 },
  async () => {
    const soon = { timeout: 60_000 };
    const [first, later] = [nkey('A'), nkey('B')];
    const world = await RepeaterWorld.start();
    const line = await tap(Number(new URL(world.nats.url).port));
    const createHost = async (name: string, hostId: string): Promise<void> => {
      const { client } = world.hub;
      const host = await client.create(WasmCloudHost, { metadata: { name }, spec: { lattices: ['*'] } });
      await client.patchStatus(WasmCloudHost, host, { hostId, runtime: 'kasmcloud', conditions: [readyCondition] });
    };
    const told = new Set<string>();
    world.tool.subscribe(allEventsSubject(LATTICE), ({ data }) => told.add(decodeEvent(data).source));
    const answering = async (): Promise<(string | undefined)[]> => {
      const options = { waitMs: 300 };
      const answers = await world.tool.scatter(controlSubject.hostPing(LATTICE), new Uint8Array(0), options);
      return answers.map(({ data }) => decodePingReply(data).response?.id);
    };
    try {
      await createHost('there', first);
      await world.startRepeater('solo', `nats://127.0.0.1:${line.port}`);
      await expect.poll(answering, soon).toEqual([first]);
      await createHost('comes', later);
      await expect.poll(() => [...told], soon).toEqual(expect.arrayContaining([first, later]));
      for (const id of [first, later]) {
        const mention = line.sent().search(new RegExp(`"(id|source)":"${id}"`));
        for (const topic of ['host', 'component', 'provider', 'label']) {
          const listens = line.sent().indexOf(`SUB wasmbus.ctl.v1.${LATTICE}.${topic}.*.${id} `);
          expect(listens).toBeGreaterThan(0);
          expect(listens).toBeLessThan(mention);
        }
      }
    } finally {
      await world.clean();
      await world.close();
      line.close();
    }
  },
);
