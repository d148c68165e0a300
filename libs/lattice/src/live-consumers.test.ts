import { startNats } from '@kasmcloud/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { connectLattice } from './connect.ts';
import { liveConsumers } from './live-consumers.ts';

const deadline = { timeoutMs: 10_000 };

test('without JetStream nobody waits', async () => {
  await using nats = await started({});
  await using lattice = await connected(nats.url);
  expect(await liveConsumers(lattice.connection, 'wadm_', deadline)).toEqual([]);
});

test('a consumer is live while somebody waits on it', async () => {
  await using nats = await started({ jetstream: true });
  await using lattice = await connected(nats.url);
  const { connection } = lattice;
  const manager = await jetstreamManager(connection.nats);
  for (const name of ['wadm_events', 'other']) {
    await manager.streams.add({ name, subjects: [`${name}.>`], storage: 'memory' });
    await manager.consumers.add(name, { durable_name: 'worker', ack_policy: 'explicit' });
  }
  expect(await liveConsumers(connection, 'wadm_', deadline)).toEqual([]);
  const reading = await Promise.all(
    ['wadm_events', 'other'].map(async (name) =>
      (await manager.jetstream().consumers.get(name, 'worker')).consume({ callback: (message) => message.ack() }),
    ),
  );
  await expect
    .poll(() => liveConsumers(connection, 'wadm_', deadline), { timeout: 20_000 })
    .toEqual([{ stream: 'wadm_events', consumer: 'worker' }]);
  await Promise.all(reading.map((messages) => messages.close()));
  await expect.poll(() => liveConsumers(connection, 'wadm_', deadline), { timeout: 40_000 }).toEqual([]);
}, 90_000);

async function started(options: Parameters<typeof startNats>[0]) {
  const nats = await startNats(options);
  return { url: nats.url, [Symbol.asyncDispose]: () => nats.close() };
}

async function connected(servers: string) {
  const connection = await connectLattice({ servers, name: 'test' });
  return { connection, [Symbol.asyncDispose]: () => connection.close() };
}
