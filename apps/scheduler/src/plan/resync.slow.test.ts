import {
  builtin,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

/** `KASMCLOUD_RESYNC_DISTRIBUTIONS` asks for more: hub, member, scheduler and hosts are one process here, and 4,000 take five minutes. */
const DISTRIBUTIONS = Number(process.env['KASMCLOUD_RESYNC_DISTRIBUTIONS'] ?? 1_000);
const LONG = 1_200_000;
const AT_ONCE = 50;

let world: Supercluster;
beforeAll(async () => {
  // One process is the hub, the member, the scheduler and the hosts: it may well be slow to renew.
  world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 4 } }, STEADY);
}, 60_000);
afterAll(() => world.close());

/** Every write gives its object a new resource version. */
async function versions(): Promise<Map<string, string | undefined>> {
  const found = new Map<string, string | undefined>();
  const kinds = [
    WasmCloudDistribution,
    WasmCloudPlacement,
    WasmCloudCluster,
    builtin.ControllerRevision,
    builtin.Event,
  ];
  for (const kind of kinds)
    for await (const { items } of world.hub.client.pages(kind, { limit: 1_000 }))
      for (const { metadata } of items)
        found.set(`${kind.plural}/${metadata.namespace}/${metadata.name}`, metadata.resourceVersion);
  for (const [name, member] of world.members)
    for (const kind of [WasmCloudHost, builtin.Namespace]) {
      const { items } = await member.client.list(kind);
      for (const { metadata } of items) found.set(`${name}/${kind.plural}/${metadata.name}`, metadata.resourceVersion);
    }
  return found;
}

test(`a resync of ${DISTRIBUTIONS} distributions that changes nothing writes nothing`, { timeout: LONG }, async () => {
  const { client } = world.hub;
  const create = (i: number): Promise<unknown> => {
    const spec = { actor: { id: `app-${i}`, image: 'file:///app.wasm' }, replicas: 1 };
    return client.create(WasmCloudDistribution, { metadata: { name: `app-${i}`, namespace: LATTICE }, spec });
  };
  for (let from = 0; from < DISTRIBUTIONS; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, DISTRIBUTIONS - from) }, (_, i) => create(from + i)));
  await world.scheduler();
  await eventually(
    'everything is decided, written, ready and told',
    async () => {
      // To look at them all costs as much as to write some.
      await sleep(10_000);
      let told = 0;
      for await (const { items } of client.pages<DistributionObject>(WasmCloudDistribution, { limit: 1_000 }))
        told += items.filter(
          ({ status }) => status?.readyReplicas === 1 && status.rollout?.phase === 'Complete',
        ).length;
      expect(told).toBe(DISTRIBUTIONS);
      let applied = 0;
      for await (const { items } of client.pages<PlacementObject>(WasmCloudPlacement, { limit: 1_000 }))
        applied += items.filter(
          ({ spec, status }) => status?.appliedEpoch === spec.epoch && status.readyReplicas === 1,
        ).length;
      expect(applied).toBe(DISTRIBUTIONS);
    },
    LONG,
  );
  // The fixture resyncs every 5 s: two of them pass between two equal looks.
  await eventually(
    'nothing is written for 12 s',
    async () => {
      const before = await versions();
      await sleep(12_000);
      const after = await versions();
      const written = [...after].filter(([key, version]) => before.get(key) !== version).map(([key]) => key);
      // The status of a cluster tells its last contact twice a minute.
      expect(written.filter((key) => !key.startsWith(WasmCloudCluster.plural))).toEqual([]);
    },
    LONG,
  );
});
