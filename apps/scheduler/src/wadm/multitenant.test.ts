import { annotations, builtin, labels } from '@kasmcloud/kube-api';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { wadmSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiWorld, grantLattice } from '../api.fixture.ts';
import { manifest } from '../applications/manifest.fixture.ts';
import { eventually } from '../supercluster.fixture.ts';

const SETTING = 'KASMCLOUD_WADM_MULTITENANT';
let world: ApiWorld;
let client: LatticeConnection;
beforeAll(async () => {
  process.env[SETTING] = 'true';
  world = await ApiWorld.start();
  client = await connectLattice({ servers: world.nats.url, name: 'wash' });
  await world.hub.client.create(builtin.Namespace, {
    metadata: {
      name: 'ours',
      labels: { [labels.lattice]: 'true' },
      annotations: { [annotations.natsAccount]: 'AOURS' },
    },
  });
  await grantLattice(world.hub.client, 'ours');
  await eventually('the API answers', async () => void (await ask('AOURS', 'get')));
}, 60_000);
afterAll(async () => {
  delete process.env[SETTING];
  await client.close();
  await world.close();
});

async function ask(account: string, operation: string, body = '', lattice = 'ours'): Promise<unknown> {
  const subject = `${account}.${wadmSubject.request(lattice, operation)}`;
  const answer = await client.request(subject, new TextEncoder().encode(body), { timeoutMs: 10_000 });
  return JSON.parse(new TextDecoder().decode(answer.data)) as unknown;
}

test('an account reaches the lattices that name it', async () => {
  expect(await ask('AOURS', 'put', manifest())).toMatchObject({ result: 'created' });
  expect(await ask('AOURS', 'get')).toMatchObject({ models: [{ name: 'hello' }] });
});

test('and no other: it is not even told that they are there', async () => {
  const refused = {
    result: 'error',
    message: 'There is no lattice ours: no namespace of that name is labelled as one.',
  };
  expect(await ask('ATHEIRS', 'get')).toMatchObject({ ...refused, models: [] });
  expect(await ask('ATHEIRS', 'put', manifest())).toMatchObject(refused);
  expect(await ask('AOURS', 'get', '', 'shop')).toMatchObject({ result: 'error' });
});

test('what has no account in front is not heard', async () => {
  const subject = wadmSubject.request('ours', 'get');
  await expect(client.request(subject, new Uint8Array(), { timeoutMs: 2_000 })).rejects.toThrow('Nobody serves');
});
