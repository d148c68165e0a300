import { labels, WasmCloudCluster, WasmCloudDistribution, WasmCloudHost, type HostObject } from '@kasmcloud/kube-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, LATTICE, STEADY, Supercluster } from '../supercluster.fixture.ts';

const LONG = 120_000;

let world: Supercluster;
beforeAll(async () => {
  world = await Supercluster.start({ 'eu-1': { region: 'eu', hosts: 2 }, 'us-1': { region: 'us', hosts: 2 } }, STEADY);
  await world.scheduler();
}, LONG);
afterAll(() => world.close());

const LIAR = 'eu-1-h1';
const liar = async (): Promise<HostObject> => world.member('eu-1').get<HostObject>(WasmCloudHost, LIAR);

describe('what a host says of itself', { timeout: LONG }, () => {
  test('does not make it another cluster’s', async () => {
    const joined = { [labels.cluster]: 'eu-1', [labels.region]: 'eu' };
    await eventually('the host is joined', async () => expect((await liar()).metadata.labels).toMatchObject(joined));
    const claim = { metadata: { labels: { [labels.cluster]: 'us-1', [labels.region]: 'us' } } };
    await world.member('eu-1').patch(WasmCloudHost, LIAR, undefined, claim, { type: 'merge' });
    await eventually('the claim is put right', async () =>
      expect((await liar()).metadata.labels).toMatchObject(joined),
    );
    const spec = {
      actor: { id: 'web', image: 'file:///web.wasm' },
      replicas: 2,
      clusters: { required: [{ matchExpressions: [{ key: labels.region, operator: 'In', values: ['us'] }] }] },
    };
    await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
    await eventually('it is where its region is', async () =>
      expect(await world.replicas('web')).toEqual({ 'us-1-h1': 1, 'us-1-h2': 1 }),
    );
  });

  const room = (memory: string, instances: string): Promise<HostObject> =>
    world
      .member('eu-1')
      .patchStatus<HostObject>(
        WasmCloudHost,
        { metadata: { name: LIAR } },
        { allocatable: { memory, instances } },
        { fieldManager: 'a-host' },
      );

  for (const [memory, instances] of [
    ['much', '1'],
    ['1Gi', '-'],
  ] as const)
    test(`memory ${memory}, instances ${instances}: is refused by the API server`, async () => {
      await expect(room(memory, instances)).rejects.toThrow(/allocatable/);
    });

  for (const [index, [memory, instances]] of (
    [
      ['99999999999Ei', '999999999999999999'],
      ['-5Gi', '-1'],
      ['0', '0'],
    ] as const
  ).entries())
    test(`memory ${memory}, instances ${instances}: others are placed as before`, async () => {
      await room(memory, instances);
      const name = `roomy-${index}`;
      const spec = {
        actor: { id: name, image: 'file:///web.wasm', limits: { memory: '64Mi' } },
        replicas: 3,
        spread: [{ topologyKey: labels.hostname, maxSkew: 1 }],
      };
      await world.hub.client.create(WasmCloudDistribution, { metadata: { name, namespace: LATTICE }, spec });
      await eventually('three replicas stand', async () => {
        const replicas = await world.replicas(name);
        expect(Object.values(replicas).reduce((sum, one) => sum + one, 0)).toBe(3);
        expect(Object.keys(replicas).filter((host) => host !== LIAR).length).toBeGreaterThanOrEqual(2);
      });
      const { status } = await world.hub.client.get<{ metadata: { name: string }; status?: { conditions?: object[] } }>(
        WasmCloudCluster,
        'eu-1',
      );
      expect(status?.conditions).toEqual(
        expect.arrayContaining([expect.objectContaining({ type: 'Reachable', status: 'True' })]),
      );
    });
});
