import { decodeAcknowledgement, encodeJson, controlSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { grant, LATTICE_RIGHTS } from '../bridge.fixture.ts';
import { LATTICE, RepeaterWorld } from '../world.fixture.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let world: RepeaterWorld;
beforeAll(async () => {
  world = await RepeaterWorld.start();
  await grant(world.hub, LATTICE_RIGHTS);
  const { repeater } = await world.startRepeater();
  await vi.waitUntil(() => repeater.ownedLattices.includes(LATTICE), { timeout: 50_000 });
});
afterAll(async () => {
  await world.clean();
  await world.close();
});

const ask = async (subject: string, body: object): Promise<unknown> => {
  const { data } = await world.tool.request(subject, encodeJson(body), { timeoutMs: 20_000 });
  return decodeAcknowledgement(data);
};

test.for([
  controlSubject.claimsGet(LATTICE),
  controlSubject.configPut(LATTICE, 'SECRET_db'),
  controlSubject.configGet(LATTICE, 'SECRET_db'),
  controlSubject.configDel(LATTICE, 'SECRET_db'),
])('where NATS has no JetStream, %s is answered with that', async (subject) => {
  expect(await ask(subject, { a: 'b' })).toEqual({
    success: false,
    message: 'JetStream, which keeps this for the lattice, cannot be reached',
  });
});

test('links and config need none', async () => {
  expect(await ask(controlSubject.configPut(LATTICE, 'c'), { a: 'b' })).toMatchObject({ success: true });
  expect(await ask(controlSubject.linkGet(LATTICE), {})).toEqual({ success: true, message: '', response: [] });
});
