import { WasmCloudActor, WasmCloudLink, type ActorSpec } from '@kasmcloud/kube-api';
import { freePort } from '@kasmcloud/testing';
import { afterAll, expect, test } from 'vitest';
import { eventually, get, Hosts, image } from './host.fixture.ts';

const [hosts, port] = await Promise.all([Hosts.start(), freePort()]);
afterAll(() => hosts.close());
const { client } = hosts.server;

test('an actor calls another on another host, then on its own, and without a link nowhere', async () => {
  await hosts.applyExample('two-hosts/app.yaml', {
    'file:///examples/': `${image('examples')}/`,
    'my-host': 'host-a',
    'other-host': 'host-b',
    '0.0.0.0:8080': `0.0.0.0:${port}`,
  });
  await eventually(async () => expect(await get(port, '/Ada')).toBe('200 Good day, Ada.'));

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
