import { builtin, labels, WasmCloudActor, WasmCloudLink, WasmCloudProvider } from '@kasmcloud/kube-api';
import { controlSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BridgeWorld, grant, LATTICE, nkey, nothing } from '../bridge.fixture.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const host = nkey('A');
const link = { source_id: 'a', target: 'b', wit_namespace: 'wasi', wit_package: 'http', interfaces: ['x'] };
const config = { [labels.config]: '', [labels.managedBy]: 'kasmcloud-lattice' };
const owned = { [labels.managedBy]: 'kasmcloud-lattice' };

let world: BridgeWorld;
beforeAll(async () => {
  world = await BridgeWorld.start();
  await world.host(world.hub, 'hub-1', host);
  const { client } = world.hub;
  const there = { hostName: 'hub-1', image: 'r:1' };
  const metadata = { namespace: LATTICE, labels: owned };
  await client.create(WasmCloudActor, {
    metadata: { ...metadata, name: 'ran' },
    spec: { ...there, id: 'ran', instances: 1 },
  });
  await client.create(WasmCloudProvider, { metadata: { ...metadata, name: 'kv' }, spec: { ...there, id: 'kv' } });
  await client.create(builtin.ConfigMap, { metadata: { name: 'kept', namespace: LATTICE, labels: config }, data: {} });
  const spec = { source: 'ran', target: 'kv', witNamespace: 'wasi', witPackage: 'keyvalue', interfaces: ['store'] };
  await client.create(WasmCloudLink, { metadata: { ...metadata, name: 'kept' }, spec });
  await world.repeater('solo');
  const living = async (): Promise<number> =>
    (await world.tool.scatter(controlSubject.hostPing(LATTICE), nothing, { waitMs: 300 })).length;
  await vi.waitUntil(async () => (await living()) === 1, { timeout: 50_000 });
  // May look, and change nothing.
  await grant(world.hub, { wasmcloudlinks: ['get', 'list'], configmaps: ['get', 'list'] });
}, 60_000);
afterAll(async () => world.close());

const run = { component_id: 'hello', component_ref: 'r:1', count: 1 };
test.for([
  ['start a component', controlSubject.componentScale(LATTICE, host), run, 'wasmcloudactors'],
  [
    'scale one',
    controlSubject.componentScale(LATTICE, host),
    { ...run, component_id: 'ran', count: 9 },
    'wasmcloudactors',
  ],
  ['stop one', controlSubject.componentScale(LATTICE, host), { component_id: 'ran' }, 'wasmcloudactors'],
  [
    'update one',
    controlSubject.componentUpdate(LATTICE, host),
    { component_id: 'ran', new_component_ref: 'r:2' },
    'wasmcloudactors',
  ],
  [
    'start a provider',
    controlSubject.providerStart(LATTICE, host),
    { provider_id: 'http', provider_ref: 'http:1' },
    'wasmcloudproviders',
  ],
  ['stop one', controlSubject.providerStop(LATTICE, host), { provider_id: 'kv' }, 'wasmcloudproviders'],
  ['put a link', controlSubject.linkPut(LATTICE), link, 'wasmcloudlinks'],
  [
    'delete a link',
    controlSubject.linkDel(LATTICE),
    { source_id: 'ran', wit_namespace: 'wasi', wit_package: 'keyvalue' },
    'wasmcloudlinks',
  ],
  ['put config', controlSubject.configPut(LATTICE, 'new'), { a: 'b' }, 'configmaps'],
  ['replace config', controlSubject.configPut(LATTICE, 'kept'), { a: 'b' }, 'configmaps'],
  ['delete config', controlSubject.configDel(LATTICE, 'kept'), {}, 'configmaps'],
  ['label a host', controlSubject.labelPut(LATTICE, host), { key: 'a', value: 'b' }, 'wasmcloudhosts'],
  ['stop a host', controlSubject.hostStop(LATTICE, host), {}, 'wasmcloudhosts'],
] as const)('without the right to it nobody may %s over NATS', async ([, subject, body, resource]) => {
  const before = await snapshot();
  const { success, message } = await world.ask(subject, body);
  expect(success).toBe(false);
  expect(message).toContain(`system:serviceaccount:${LATTICE}:kasmcloud-lattice`);
  expect(message).toContain(`"${resource}"`);
  expect(await snapshot()).toEqual(before);
});

/** All that a lattice can change, as it is now. */
async function snapshot(): Promise<unknown[]> {
  const kinds = [WasmCloudActor, WasmCloudProvider, WasmCloudLink, builtin.ConfigMap];
  const lists = await Promise.all(kinds.map(async (kind) => world.hub.client.list(kind, { namespace: LATTICE })));
  return lists.flatMap(({ items }) =>
    items.map(({ metadata }) => [metadata.uid, metadata.generation, metadata.labels]),
  );
}

test('a lattice that may not read is told nothing', async () => {
  const { client } = world.hub;
  const role = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', plural: 'roles', namespaced: true };
  await client.delete(role, 'kasmcloud-lattice', LATTICE);
  for (const subject of [controlSubject.linkGet(LATTICE), controlSubject.configGet(LATTICE, 'kept')]) {
    const { success, message, response } = await world.ask(subject);
    expect({ success, response }).toEqual({ success: false, response: undefined });
    expect(message).toContain('cannot');
  }
});
