import { WasmCloudActor, type ActorObject, type KubeObject } from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig, Store } from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';
import { startTestApiServer } from '@kasmcloud/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../host.fixture.ts';
import { LatticeObjects } from './lattice-objects.ts';

const nobody = { token: 'nobody-token', user: 'nobody', groups: [] };
const server = await startTestApiServer({ tokens: [nobody] });
const stranger = new KubeClient(loadKubeconfig({ text: server.kubeconfig().replace(server.adminToken, nobody.token) }));
afterAll(async () => {
  await stranger.close();
  await server.close();
});

beforeAll(async () => {
  for (const namespace of ['shop', 'bank']) {
    await server.namespace(namespace);
    for (const hostName of ['mine', 'other']) {
      const spec = { hostName, id: hostName, image: 'file:///a.wasm', instances: 1 };
      await server.client.create(WasmCloudActor, { metadata: { name: hostName, namespace }, spec });
    }
  }
});

let client: KubeClient;
let told: string[];
let actors: LatticeObjects<ActorObject>;
beforeEach(() => {
  client = server.client;
  told = [];
  actors = new LatticeObjects<ActorObject>((namespace, refused) => {
    const keep = (object: KubeObject): ActorObject => object as ActorObject;
    const fieldSelector = 'spec.hostName=mine';
    const options = { client, kind: WasmCloudActor, clock: systemClock, random: Math.random, keep, fieldSelector };
    return new Store<ActorObject>({ ...options, namespace, onError: refused });
  });
  actors.onChange((key) => told.push(key));
});
afterEach(() => actors.close());

const keys = (): string[] => actors.keys().toSorted();

test('those of the lattices that are served, and of no others', async () => {
  await actors.serve(['shop']);
  await actors.answered();
  expect(keys()).toEqual(['shop/mine']);
  expect(told).toEqual(['shop/mine']);
  expect(actors.get('shop/mine')?.metadata.namespace).toBe('shop');
  await actors.serve(['shop', 'bank']);
  await eventually(async () => expect(keys()).toEqual(['bank/mine', 'shop/mine']));
  await actors.serve(['bank']);
  expect(keys()).toEqual(['bank/mine']);
  expect(actors.get('shop/mine')).toBeUndefined();
  expect(told.at(-1)).toBe('shop/mine');
});

test('from one lattice to all of them nothing vanishes in between', async () => {
  await actors.serve(['shop']);
  await actors.answered();
  const seen: (ActorObject | undefined)[] = [];
  actors.onChange(() => seen.push(actors.get('shop/mine')));
  await actors.serve(['*']);
  await eventually(async () => expect(keys()).toEqual(['bank/mine', 'shop/mine']));
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).not.toContain(undefined);
});

test('a lattice in which it has no rights holds up none of the others', async () => {
  client = stranger;
  await actors.serve(['shop']);
  await actors.answered();
  expect(keys()).toEqual([]);
});

test('what was known before counts for the lattices that are served', async () => {
  client = stranger;
  await actors.serve(['shop']);
  const known = await server.client.list<ActorObject>(WasmCloudActor);
  actors.seed(known.items);
  expect(keys()).toEqual(['shop/mine', 'shop/other']);
});
