import { setTimeout as sleep } from 'node:timers/promises';
import { WasmCloudActor } from '@kasmcloud/kube-api';
import { afterAll, expect, test } from 'vitest';
import { eventually, Hosts, image } from '../host.fixture.ts';

const hosts = await Hosts.start({ KASMCLOUD_CALL_TIMEOUT: '15s' });
afterAll(() => hosts.close());

const wait = async (): Promise<void> =>
  eventually(async () => expect(await hosts.readyOf(WasmCloudActor, 'mirror')).toMatchObject({ status: 'True' }));

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

test('a call that takes long ends well, though its actor is replaced meanwhile, or deleted', async () => {
  const { client } = hosts.server;
  await hosts.provider('web', 'host-a');
  await hosts.actor('mirror', { image: image('test/fixtures/components/mirror.wasm') });
  const port = await hosts.httpLink('web', 'mirror');
  await wait();
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200));

  for (const change of [
    () =>
      client.patch(WasmCloudActor, 'mirror', 'shop', { spec: { limits: { executionTime: '16s' } } }, { type: 'merge' }),
    () => client.delete(WasmCloudActor, 'mirror', 'shop'),
  ]) {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const answer = slowly(port, resolve);
    await begun;
    await sleep(200);
    await change();
    expect(await answer).toBe('200 0123456');
  }
});
