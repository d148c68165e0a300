import { setTimeout as sleep } from 'node:timers/promises';
import { WasmCloudActor } from '@kasmcloud/kube-api';
import { afterAll, expect, test } from 'vitest';
import { eventually, get, Hosts, image, LATTICE } from '../host.fixture.ts';

const hosts = await Hosts.start({ KASMCLOUD_CALL_TIMEOUT: '15s' });
afterAll(() => hosts.close());
const { client } = hosts.server;
await hosts.provider('web', 'host-a');

/** A request whose body takes 7 s, and comes back as it is. */
async function slowly(port: number, begun: () => void): Promise<string> {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let second = 0; second < 7; second++) {
      yield Buffer.from(`${second}`);
      if (second === 0) begun();
      await sleep(1_000);
    }
  }
  const request: RequestInit = { method: 'POST', body: ReadableStream.from(body()), duplex: 'half' };
  const answer = await fetch(`http://127.0.0.1:${port}/`, { ...request, signal: AbortSignal.timeout(20_000) });
  return `${answer.status} ${await answer.text()}`;
}

const limits = { spec: { limits: { executionTime: '16s' } } };

test.concurrent.for([
  ['replaced', () => client.patch(WasmCloudActor, 'replaced', LATTICE, limits, { type: 'merge' })],
  ['deleted', () => client.delete(WasmCloudActor, 'deleted', LATTICE)],
] as const)('a call that takes long ends well, though its actor is %s meanwhile', async ([name, change]) => {
  await hosts.actor(name, { image: image('test/fixtures/components/mirror.wasm') });
  const port = await hosts.httpLink('web', name);
  await eventually(async () => expect(await get(port)).toBe('200'));
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const answer = slowly(port, resolve);
  await begun;
  await sleep(200);
  await change();
  expect(await answer).toBe('200 0123456');
});
