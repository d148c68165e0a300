import { builtin, labels, WasmCloudLink, type KubeObject, type LinkObject } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { openBucket, type Bucket } from '@kasmcloud/lattice';
import { componentKey, configBucket, encodeJson, latticeBucket } from '@kasmcloud/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BridgeWorld, grant, LATTICE } from '../bridge.fixture.ts';

const patiently = { timeout: 20_000, interval: 50 };
const owned = { [labels.managedBy]: 'kasmcloud-lattice' };
const spec = { source: 'old', target: 'kv', witNamespace: 'wasi', witPackage: 'keyvalue', interfaces: ['store'] };
const link = { target: 'kv', wit_namespace: 'wasi', wit_package: 'keyvalue', interfaces: ['store'] };

let world: BridgeWorld;
let hub: KubeClient;
let links: Bucket;
let configs: Bucket;
beforeAll(async () => {
  world = await BridgeWorld.start();
  hub = world.hub.client;
  const deadline = { timeoutMs: 10_000 };
  links = await openBucket(world.tool, latticeBucket(LATTICE), deadline);
  configs = await openBucket(world.tool, configBucket(LATTICE), deadline);
  await hub.create(WasmCloudLink, { metadata: { name: 'old', namespace: LATTICE, labels: owned }, spec });
  await hub.create(builtin.ConfigMap, {
    metadata: { name: 'old', namespace: LATTICE, labels: { ...owned, [labels.config]: '' } },
    data: { a: '1' },
  });
  // May look, and change nothing.
  await grant(world.hub, { wasmcloudlinks: ['get', 'list'], configmaps: ['get', 'list'] });
  await world.repeater('solo');
  const isThere = async (bucket: Bucket, key: string): Promise<boolean> => (await bucket.get(key))?.value !== undefined;
  await vi.waitUntil(async () => isThere(configs, 'old'), patiently);
  await vi.waitUntil(async () => isThere(links, componentKey('old')), patiently);
}, 60_000);
afterAll(async () => world.close());

/** What the hub has, without what its server adds. */
const onHub = async (): Promise<unknown> => {
  const [{ items }, maps] = await Promise.all([
    hub.list<LinkObject>(WasmCloudLink, { namespace: LATTICE }),
    hub.list<KubeObject & { data?: object }>(builtin.ConfigMap, { namespace: LATTICE }),
  ]);
  const shown = maps.items.filter(({ metadata }) => !metadata.name.startsWith('marker'));
  return [items.map((one) => [one.metadata.name, one.spec]), shown.map((one) => [one.metadata.name, one.data])];
};

let marks = 0;
/** The repeater is told of this after what was written before, and mirrors it with rights of its own. */
async function looked(): Promise<void> {
  const name = `marker-${marks++}`;
  await hub.create(builtin.ConfigMap, {
    metadata: { name, namespace: LATTICE, labels: { [labels.config]: '' } },
    data: { a: '1' },
  });
  await expect.poll(async () => (await configs.get(name))?.value, patiently).toBeDefined();
}

const put = async (bucket: Bucket, key: string, value: object): Promise<unknown> => bucket.put(key, encodeJson(value));
test.for<[string, () => Promise<unknown>]>([
  ['a new link', async () => put(links, componentKey('new'), { url: '', links: [{ ...link, source_id: 'new' }] })],
  [
    'a link that is changed',
    async () => put(links, componentKey('old'), { links: [{ ...link, source_id: 'old', interfaces: ['batch'] }] }),
  ],
  ['a link that is taken away', async () => put(links, componentKey('old'), { url: '', links: [] })],
  ['a source that is deleted', async () => links.purge(componentKey('old'))],
  ['new config', async () => put(configs, 'new', { a: '1' })],
  ['config that is changed', async () => put(configs, 'old', { a: '2' })],
  ['config that is deleted', async () => configs.purge('old')],
  ['config named as what belongs to others', async () => put(configs, 'kube-root-ca.crt', { a: '1' })],
])('%s is refused where the lattice has no right to it', async ([, write]) => {
  const before = await onHub();
  await write();
  await looked();
  expect(await onHub()).toEqual(before);
});
