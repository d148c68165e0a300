import { builtin, labels, WasmCloudActor, WasmCloudLink, type Kind, type LinkObject } from '@kasmcloud/kube-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

let world: Supercluster;
beforeAll(async () => {
  world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } }, STEADY);
  await world.scheduler();
}, 60_000);
afterAll(() => world.close());

const hub = (): Supercluster['hub']['client'] => world.hub.client;

const namesIn = async (cluster: string, kind: Kind): Promise<string[]> => {
  const { items } = await world.member(cluster).list(kind, { namespace: LATTICE });
  return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
};

/** What of the hub is in a member. */
const carriedTo = async (cluster: string): Promise<string[]> => [
  ...(await namesIn(cluster, WasmCloudLink)),
  ...(await namesIn(cluster, builtin.ConfigMap)),
];

test('links and config reach a member where only others than us started something', { timeout: 90_000 }, async () => {
  const metadata = (name: string): LinkObject['metadata'] => ({ name, namespace: LATTICE });
  const config = { ...metadata('manners'), labels: { [labels.config]: '' } };
  await hub().create(builtin.ConfigMap, { metadata: config, data: { tone: 'kind' } });
  const link = {
    source: 'front',
    target: 'greeter',
    witNamespace: 'example',
    witPackage: 'greet',
    interfaces: ['greeter'],
  };
  await hub().create(WasmCloudLink, { metadata: metadata('front-greeter'), spec: link });

  const eu = world.member('eu-1');
  const namespace = { metadata: { name: LATTICE, labels: { [labels.lattice]: 'true' } } };
  if ((await eu.find(builtin.Namespace, LATTICE)) === undefined) await eu.create(builtin.Namespace, namespace);
  const spec = { hostName: 'eu-1-host-1', id: 'front', image: 'file:///front.wasm', instances: 1, config: ['manners'] };
  await eu.create(WasmCloudActor, { metadata: metadata('front'), spec });
  await eventually('both are there', async () => expect(await carriedTo('eu-1')).toEqual(['front-greeter', 'manners']));

  await hub().create(WasmCloudLink, { metadata: metadata('front-other'), spec: { ...link, name: 'other' } });
  await eventually('a later link follows', async () =>
    expect(await carriedTo('eu-1')).toEqual(['front-greeter', 'front-other', 'manners']),
  );
  expect(await carriedTo('us-1')).toEqual([]);

  await eu.delete(WasmCloudActor, 'front', LATTICE);
  await eventually('nothing is left when it is gone', async () => expect(await carriedTo('eu-1')).toEqual([]));
});
