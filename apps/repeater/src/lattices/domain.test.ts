import { builtin, latticeNatsSecret, SYSTEM_NAMESPACE } from '@kasmcloud/kube-api';
import { openBucket } from '@kasmcloud/lattice';
import { controlSubject, decodeAcknowledgement, encodeJson, latticeBucket } from '@kasmcloud/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LATTICE, RepeaterWorld } from '../world.fixture.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let world: RepeaterWorld;
beforeAll(async () => {
  world = await RepeaterWorld.start({ domain: 'hub' });
});
afterAll(async () => {
  await world.clean();
  await world.close();
});

const claims = async (): Promise<unknown> => {
  const { data } = await world.tool.request(controlSubject.claimsGet(LATTICE), new Uint8Array(0), {
    timeoutMs: 10_000,
  });
  return decodeAcknowledgement(data).response;
};
const domain = (name: string): { data: Record<string, string> } => ({
  data: { domain: Buffer.from(name).toString('base64') },
});

test('the buckets of a lattice are those of the JetStream domain that its Secret names', async () => {
  const bucket = await openBucket(world.tool, latticeBucket(LATTICE), { timeoutMs: 5_000, domain: 'hub' });
  await bucket.put('CLAIMS_VX', encodeJson({ issuer: 'AB', name: 'kv', revision: '1', subject: 'VX', version: '2' }));
  const metadata = { name: latticeNatsSecret(LATTICE), namespace: SYSTEM_NAMESPACE };
  await world.hub.client.create(builtin.Secret, { metadata, ...domain('elsewhere') });
  const { repeater } = await world.startRepeater();
  await vi.waitUntil(() => repeater.ownedLattices.includes(LATTICE), { timeout: 50_000 });
  expect(await claims()).toBeUndefined();

  await world.hub.client.patch(builtin.Secret, metadata.name, SYSTEM_NAMESPACE, domain('hub'), { type: 'merge' });
  await expect.poll(async () => claims().catch(() => undefined), { timeout: 60_000 }).toMatchObject([{ sub: 'VX' }]);
});
