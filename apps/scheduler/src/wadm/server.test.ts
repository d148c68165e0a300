import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '@kasmcloud/observe';
import { connectLattice } from '@kasmcloud/lattice';
import { startNats } from '@kasmcloud/testing';
import { expect, test } from 'vitest';
import { WadmServer } from './server.ts';

const quiet = {
  announce: () => ({ close: () => Promise.resolve() }),
  onPresence: () => Promise.resolve(),
  multitenant: false,
  checkMs: 200,
  log: silentLogger,
};

test('a NATS server that is away at the start is waited for, and does not hold up the end', async () => {
  const nats = await startNats();
  await nats.stop('SIGKILL');
  const operations = { answer: () => Promise.resolve({ result: 'error', message: 'here' } as const) };
  const server = new WadmServer({ ...quiet, natsUrl: nats.url, operations });
  const never = new WadmServer({ ...quiet, natsUrl: nats.url, operations });
  server.start();
  never.start();
  await sleep(300);
  await never.stop();
  await nats.restart();
  const client = await connectLattice({ servers: nats.url, name: 'test' });
  await expect
    .poll(() => client.request('wadm.api.x.model.get', new Uint8Array(), { timeoutMs: 1_000 }).catch(() => undefined), {
      timeout: 10_000,
    })
    .toBeDefined();
  await client.close();
  await server.stop();
  await nats.close();
}, 30_000);

test('too many requests at once are told so, an answer that is too large too', async () => {
  const nats = await startNats();
  const held = Promise.withResolvers<void>();
  let isHolding = false;
  const operations = {
    answer: async () => {
      if (isHolding) await held.promise;
      return { result: 'error', message: 'x'.repeat(2 * 1024 * 1024) } as const;
    },
  };
  const server = new WadmServer({ ...quiet, natsUrl: nats.url, operations });
  server.start();
  const client = await connectLattice({ servers: nats.url, name: 'test' });
  const ask = async (): Promise<string> => {
    const { data } = await client.request('wadm.api.x.model.get', new Uint8Array(), { timeoutMs: 10_000 });
    return new TextDecoder().decode(data);
  };
  await expect.poll(() => ask().catch(() => '')).toContain('more than NATS carries');
  isHolding = true;
  const answers = Array.from({ length: 70 }, () => ask());
  expect(await Promise.race(answers)).toContain('Too many requests at once');
  held.resolve();
  const told = await Promise.all(answers);
  expect(told.filter((text) => text.includes('more than NATS carries'))).toHaveLength(64);
  await client.close();
  await server.stop();
  await nats.close();
}, 30_000);
