import {
  WasmCloudDistribution,
  WasmCloudPlacement,
  type DistributionObject,
  type DistributionSpec,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually, LATTICE, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;
const LONG = 240_000;
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

describe('failover as a distribution wants it', () => {
  let world: Supercluster;
  afterEach(() => world.close());

  const run = (name: string, spec: Partial<DistributionSpec>): Promise<unknown> => {
    const actor = { id: name, image: 'file:///app.wasm' };
    return world.hub.client.create(WasmCloudDistribution, {
      metadata: { name, namespace: LATTICE },
      spec: { actor, replicas: 4, ...spec },
    });
  };
  const stand = (name: string, wanted: Record<string, number>): Promise<void> =>
    eventually(`${name} stands`, async () => expect(await world.replicas(name)).toEqual(wanted), PATIENCE);
  /** By host: what is decided to run there. */
  const decided = async (name: string): Promise<Record<string, number>> => {
    const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
    const hosts = items.filter(({ spec }) => spec.distribution === name).flatMap(({ spec }) => spec.hosts);
    return Object.fromEntries(
      hosts.filter(({ replicas }) => replicas > 0).map(({ host, replicas }) => [host, replicas]),
    );
  };
  const decide = (name: string, wanted: Record<string, number>): Promise<void> =>
    eventually(`${name} is decided`, async () => expect(await decided(name)).toEqual(wanted), PATIENCE);

  test('a host: who waits less long is replaced, who waits longer is not', { timeout: LONG }, async () => {
    world = await Supercluster.start(
      { 'eu-1': { region: 'eu', hosts: 2 } },
      { settings: { KASMCLOUD_HOST_LOST_AFTER: '15s' }, leaseSeconds: 3 },
    );
    await world.scheduler();
    await run('hasty', { failover: { hostLostAfter: '3s' } });
    await run('usual', {});
    await run('patient', { failover: { hostLostAfter: '1h' } });
    const even = { 'eu-1-h1': 2, 'eu-1-h2': 2 };
    for (const name of ['hasty', 'usual', 'patient']) await stand(name, even);
    const killedAt = performance.now();
    world.kill('eu-1-h2');
    await decide('hasty', { 'eu-1-h1': 4 });
    // What everybody waits is not over.
    const usual = await decided('usual');
    expect(performance.now() - killedAt > 10_000 ? even : usual).toEqual(even);
    await decide('usual', { 'eu-1-h1': 4 });
    expect(performance.now() - killedAt).toBeGreaterThan(12_000);
    expect(await decided('patient')).toEqual(even);
    await world.host('eu-1', 'eu-1-h2');
    await eventually(
      'each runs just its replicas',
      async () => {
        for (const name of ['hasty', 'usual', 'patient']) expect(sum(await world.replicas(name))).toBe(4);
      },
      PATIENCE,
    );
  });

  test('a cluster: the same', { timeout: LONG }, async () => {
    world = await Supercluster.start(
      { 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } },
      { settings: { KASMCLOUD_HOST_LOST_AFTER: '5m', KASMCLOUD_CLUSTER_LOST_AFTER: '12s' }, leaseSeconds: 60 },
    );
    await world.scheduler();
    await run('hasty', { failover: { clusterLostAfter: '3s' } });
    await run('usual', {});
    await run('patient', { failover: { clusterLostAfter: '1h' } });
    const even = { 'eu-1-h1': 2, 'us-1-h1': 2 };
    for (const name of ['hasty', 'usual', 'patient']) await stand(name, even);
    const cutAt = performance.now();
    await world.cut('us-1');
    await decide('hasty', { 'eu-1-h1': 4 });
    const usual = await decided('usual');
    expect(performance.now() - cutAt > 8_000 ? even : usual).toEqual(even);
    await decide('usual', { 'eu-1-h1': 4 });
    expect(await decided('patient')).toEqual(even);
    await world.mend('us-1');
    await eventually(
      'each runs just its replicas',
      async () => {
        for (const name of ['hasty', 'usual', 'patient']) expect(sum(await world.replicas(name))).toBe(4);
      },
      PATIENCE,
    );
  });

  test.each([
    { flap: 'host', lost: 'us-1-h1' },
    { flap: 'cluster', lost: 'us-1' },
  ] as const)('after a flap of a $flap each keeps whom it wants', { timeout: LONG }, async ({ flap, lost }) => {
    world = await Supercluster.start(
      { 'eu-1': { region: 'eu', hosts: 1 }, 'us-1': { region: 'us', hosts: 1 } },
      {
        settings: {
          KASMCLOUD_HOST_LOST_AFTER: flap === 'host' ? '4s' : '5m',
          KASMCLOUD_CLUSTER_LOST_AFTER: flap === 'host' ? '5m' : '4s',
        },
        leaseSeconds: flap === 'host' ? 3 : 60,
      },
    );
    await world.scheduler();
    const kinds = ['BestScore', 'KeepOriginal', 'KeepReplacement'] as const;
    const nameOf = (kind: (typeof kinds)[number]): string => kind.toLowerCase();
    for (const kind of kinds) await run(nameOf(kind), { failover: { reconnect: kind } });
    const even = { 'eu-1-h1': 2, 'us-1-h1': 2 };
    for (const kind of kinds) await stand(nameOf(kind), even);
    await eventually(
      'all of them run',
      async () => {
        const { items } = await world.hub.client.list<DistributionObject>(WasmCloudDistribution, {
          namespace: LATTICE,
        });
        expect(items.map(({ status }) => status?.readyReplicas)).toEqual([4, 4, 4]);
      },
      PATIENCE,
    );
    if (flap === 'host') world.kill(lost);
    else await world.cut(lost);
    for (const kind of kinds) await decide(nameOf(kind), { 'eu-1-h1': 4 });
    if (flap === 'host') await world.host('us-1', lost);
    else await world.mend(lost);
    await stand('keepreplacement', { 'eu-1-h1': 4 });
    await stand('keeporiginal', even);
    await stand('bestscore', even);
    for (const kind of kinds) expect(sum(await decided(nameOf(kind)))).toBe(4);
  });
});
