import {
  annotations,
  builtin,
  conditionTypes,
  findCondition,
  labels,
  type Condition,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { wadmSubject } from '@kasmcloud/wire';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiWorld, grantLattice, LATTICE } from '../api.fixture.ts';
import { eventually } from '../supercluster.fixture.ts';
import { manifest } from '../applications/manifest.fixture.ts';

type Namespace = KubeObject<unknown, { readonly conditions?: readonly Condition[] }>;

let world: ApiWorld;
let client: LatticeConnection;
beforeAll(async () => {
  process.env['KASMCLOUD_WADM_CHECK'] = '200ms';
  world = await ApiWorld.start({ jetstream: true });
  client = await connectLattice({ servers: world.nats.url, name: 'somebody' });
  await eventually('the API answers', async () => {
    if ((await list(LATTICE)) === undefined) throw new Error('nobody serves it');
  });
}, 60_000);
afterAll(async () => {
  delete process.env['KASMCLOUD_WADM_CHECK'];
  await client.close();
  await world.close();
});

/** Undefined when nobody answers. */
async function ask(operation: string, lattice: string, body = ''): Promise<unknown> {
  const data = new TextEncoder().encode(body);
  try {
    const answer = await client.request(wadmSubject.request(lattice, operation), data, { timeoutMs: 5_000 });
    return JSON.parse(new TextDecoder().decode(answer.data)) as unknown;
  } catch {
    return undefined;
  }
}
const list = (lattice: string): Promise<unknown> => ask('get', lattice);

async function condition(lattice = LATTICE): Promise<Condition | undefined> {
  const { status } = await world.hub.client.get<Namespace>(builtin.Namespace, lattice);
  return findCondition(status?.conditions, conditionTypes.wadmPresent);
}
const patient = { timeout: 30_000, interval: 100 };

test('alone, nothing is said of a wadm', async () => {
  expect(await condition()).toBeUndefined();
});

test('the API is left to another server that answers, and taken up again when it goes', async () => {
  const told: string[] = [];
  client.subscribe(`wadm.evt.${LATTICE}.>`, ({ subject }) => told.push(subject));
  const stranger = client.subscribe(
    wadmSubject.allRequests,
    ({ reply }) => client.publish(reply ?? '', new TextEncoder().encode('{"result":"success","message":"wadm"}')),
    { queue: wadmSubject.queue },
  );
  await expect
    .poll(() => condition(), patient)
    .toMatchObject({
      status: 'True',
      reason: 'WadmFound',
      message: expect.stringContaining('another server answers'),
    });
  for (let i = 0; i < 10; i++) expect(await list(LATTICE)).toMatchObject({ message: 'wadm' });
  // What it would take for its own is not told.
  await world.ask('PUT', `/api/v1/namespaces/${LATTICE}/applications/quiet`, {
    type: 'application/yaml',
    body: manifest({ name: 'quiet', version: 'v1' }),
  });
  stranger.close();
  await expect.poll(() => condition(), patient).toMatchObject({ status: 'False', reason: 'Alone' });
  expect(await list(LATTICE)).toMatchObject({ result: 'success', models: [{ name: 'quiet' }] });
  expect(told).toEqual([]);
});

test('a stream of wadm with somebody behind is a wadm, one that nobody reads is none', async () => {
  const manager = await jetstreamManager(client.nats);
  await manager.streams.add({ name: 'wadm_commands', subjects: ['wadm.cmd.*'], storage: 'memory' });
  await manager.consumers.add('wadm_commands', { durable_name: 'wadm_commands', ack_policy: 'explicit' });
  expect(await condition()).toMatchObject({ status: 'False' });
  const consumer = await manager.jetstream().consumers.get('wadm_commands', 'wadm_commands');
  const messages = await consumer.consume({ callback: (message) => message.ack() });
  await expect
    .poll(() => condition(), patient)
    .toMatchObject({
      status: 'True',
      message: expect.stringContaining('wadm_commands'),
    });
  expect(await list(LATTICE)).toBeUndefined();
  await messages.close();
  await manager.streams.delete('wadm_commands');
  await expect.poll(() => condition(), patient).toMatchObject({ status: 'False' });
  expect(await list(LATTICE)).toMatchObject({ result: 'success' });
});

test.for(['Observe', 'Off', 'observe!'])('a lattice that says %s is not served', async (mode) => {
  const name = `mode-${mode.toLowerCase().replace('!', '-typo')}`;
  await world.hub.client.create(builtin.Namespace, {
    metadata: { name, labels: { [labels.lattice]: 'true' }, annotations: { [annotations.wadmApi]: mode } },
  });
  await grantLattice(world.hub.client, name);
  expect(await ask('put', name, manifest())).toMatchObject({
    result: 'error',
    message: expect.stringContaining(`The wadm API of lattice ${name} is not served here`),
  });
});
