import { WasmCloudActor, WasmCloudLink, type ActorSpec } from '@kasmcloud/kube-api';
import { connectLattice } from '@kasmcloud/lattice';
import { freePort } from '@kasmcloud/testing';
import { afterAll, expect, test } from 'vitest';
import { eventually, get, Hosts, image } from './host.fixture.ts';

const [hosts, port] = await Promise.all([Hosts.start(), freePort()]);
afterAll(() => hosts.close());
const { client } = hosts.server;

/** Without any traces of its own, a host passes the context of a request on, whichever thread answers it. */
async function passesTracesOn(): Promise<void> {
  const listener = await connectLattice({ servers: hosts.nats.url, name: 'listener' });
  const seen = new Map<string | undefined, string | undefined>();
  listener.subscribe('greeting.polite.wrpc.>', (message) =>
    seen.set(message.header('traceparent'), message.header('tracestate')),
  );
  await listener.flush({ timeoutMs: 10_000 });
  const contexts = Array.from({ length: 150 }, (_, n) => `00-${String(n + 1).padStart(32, '0')}-00000000000000aa-01`);
  for (const traceparent of contexts) {
    const headers = { connection: 'close', traceparent, tracestate: 'vendor=1' };
    await (await fetch(`http://127.0.0.1:${port}/Ada`, { headers, signal: AbortSignal.timeout(10_000) })).text();
  }
  await eventually(async () => expect([...seen.keys()].filter((key) => key !== undefined)).toEqual(contexts));
  expect([...seen.values()].every((state) => state === 'vendor=1')).toBe(true);
  await listener.close();
}

test('an actor calls another on another host, then on its own, and without a link nowhere', async () => {
  await hosts.applyExample('two-hosts/app.yaml', {
    'file:///examples/': `${image('examples')}/`,
    'my-host': 'host-a',
    'other-host': 'host-b',
    '0.0.0.0:8080': `0.0.0.0:${port}`,
  });
  await eventually(async () => expect(await get(port, '/Ada')).toBe('200 Good day, Ada.'));

  await passesTracesOn();
  await client.delete(WasmCloudActor, 'polite', 'greeting');
  await eventually(async () => expect(await get(port, '/Ada')).toMatch(/^50/));
  const spec: ActorSpec = {
    hostName: 'host-a',
    id: 'polite',
    image: image('examples/two-hosts/polite.wasm'),
    instances: 1,
  };
  await client.create(WasmCloudActor, { metadata: { name: 'polite-here', namespace: 'greeting' }, spec });
  await eventually(async () => expect(await get(port, '/Bob')).toBe('200 Good day, Bob.'));

  await client.delete(WasmCloudLink, 'front-polite', 'greeting');
  await eventually(async () => expect(await get(port, '/Bob')).toMatch(/^500/));
});
