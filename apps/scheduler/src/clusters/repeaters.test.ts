import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtin,
  conditionTypes,
  findCondition,
  leases,
  SYSTEM_NAMESPACE,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  type HostObject,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { renewLease } from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, LATTICE, Supercluster } from '../supercluster.fixture.ts';

const PATIENCE = 60_000;
const LOST_AFTER_S = 6;

let world: Supercluster;
beforeAll(async () => {
  world = await Supercluster.start(
    { 'eu-1': { region: 'eu', hosts: 2 } },
    { settings: { KASMCLOUD_HOST_LOST_AFTER: `${LOST_AFTER_S}s` } },
  );
  const member = world.member('eu-1');
  const name = 'eu-1-h1';
  await member.patch(WasmCloudHost, name, undefined, { spec: { lattices: [LATTICE] } }, { type: 'merge' });
  await member.patchStatus(WasmCloudHost, { metadata: { name } }, { runtime: 'wasmcloud' });
}, 60_000);
afterAll(() => world.close());

/** A repeater that speaks for the lattice until the signal aborts. */
const speak = (signal: AbortSignal): Promise<void> =>
  renewLease(
    {
      client: world.hub.client,
      clock: systemClock,
      namespace: SYSTEM_NAMESPACE,
      name: leases.repeaterLattice(LATTICE),
      holder: 'repeater',
      durationSeconds: 1,
      everyMs: 300,
      onFailure: () => undefined,
    },
    signal,
  );

const readyOf = async (host: string): Promise<unknown> => {
  const { status } = await world.member('eu-1').get<HostObject>(WasmCloudHost, host);
  return findCondition(status?.conditions, conditionTypes.ready)?.reason;
};

test('a wasmCloud host is not lost while the repeater that speaks for it is', { timeout: 3 * PATIENCE }, async () => {
  const first = new AbortController();
  const speaking = speak(first.signal);
  await eventually('a repeater', () =>
    world.hub.client.get(builtin.Lease, leases.repeaterLattice(LATTICE), SYSTEM_NAMESPACE).then(() => undefined),
  );
  await world.scheduler();
  const spec = { actor: { id: 'web', image: 'file:///web.wasm' }, replicas: 4 };
  await world.hub.client.create(WasmCloudDistribution, { metadata: { name: 'web', namespace: LATTICE }, spec });
  const isOnBoth = async (): Promise<void> =>
    expect(await world.replicas('web')).toEqual({ 'eu-1-h1': 2, 'eu-1-h2': 2 });
  await eventually('both hosts run it', isOnBoth, PATIENCE);

  first.abort();
  await speaking;
  world.kill('eu-1-h1');
  await eventually(
    'nothing is known of the host',
    async () => expect(await readyOf('eu-1-h1')).toBe('HostUnknown'),
    PATIENCE,
  );
  // For longer than a host may be silent.
  for (let second = 0; second <= LOST_AFTER_S + 1; second++) {
    await sleep(1_000);
    await isOnBoth();
  }

  const second = new AbortController();
  const again = speak(second.signal);
  await eventually(
    'the repeater is back, and the host is not',
    async () => expect(await world.replicas('web')).toEqual({ 'eu-1-h2': 4 }),
    PATIENCE,
  );
  expect(await readyOf('eu-1-h1')).toBe('HostLost');
  await eventually('an Event of its cluster tells it', async () => {
    type Event = KubeObject & { readonly reason?: string; readonly regarding?: object; readonly note?: string };
    const { items } = await world.hub.client.list<Event>(builtin.Event, { namespace: 'default' });
    expect(items.filter(({ reason }) => reason === 'HostLost')).toMatchObject([
      {
        regarding: { kind: WasmCloudCluster.kind, name: 'eu-1' },
        note: expect.stringContaining('host eu-1-h1 does not renew its Lease'),
      },
    ]);
  });
  second.abort();
  await again;
});
