import { controlSubject, decodePingReply, encodeJson } from '@kasmcloud/wire';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BridgeWorld, grant, LATTICE, LATTICE_RIGHTS, nkey, nothing } from '../bridge.fixture.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const host = nkey('A');
let world: BridgeWorld;
beforeAll(async () => {
  world = await BridgeWorld.start();
  await grant(world.hub, LATTICE_RIGHTS);
  await grant(world.hub, { wasmcloudhosts: ['get'] }, 'lattice-hosts');
  await world.host(world.hub, 'hub-1', host);
  await world.repeater('solo');
  await vi.waitUntil(async () => (await ping()).length === 1, { timeout: 50_000 });
}, 60_000);
afterAll(async () => world.close());

const ping = async (): Promise<unknown[]> => {
  const answers = await world.tool.scatter(controlSubject.hostPing(LATTICE), nothing, { waitMs: 5_000, maxAnswers: 1 });
  return answers.map(({ data }) => decodePingReply(data).response?.id);
};

const valid = {
  component_id: 'hello',
  component_ref: 'r:1',
  new_component_ref: 'r:2',
  provider_id: 'http',
  provider_ref: 'http:1',
  count: 1,
  host_id: host,
  config: ['c'],
  annotations: { a: 'b' },
  component_limits: { max_memory_limit: '1', max_execution_time: '1' },
  constraints: {},
  key: 'rack',
  value: '7',
  timeout: 1,
  source_id: 'a',
  target: 'b',
  name: 'default',
  wit_namespace: 'wasi',
  wit_package: 'http',
  interfaces: ['x'],
};
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('__proto__', '../../etc', 'a.b', '*', '>', '\u0000', 'x'.repeat(3_000), -1, 2 ** 53, 1e308, null),
);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.jsonValue().map((value) => new TextEncoder().encode(JSON.stringify(value))),
  fc
    .tuple(fc.constantFrom(...Object.keys(valid)), hostile)
    .map(([field, value]) => encodeJson({ ...valid, [field]: value })),
  fc.nat(300).map((cut) => encodeJson(valid).subarray(0, cut)),
);

/** Every subject that is answered, whatever it carries. */
const answered = [
  controlSubject.hostGet(LATTICE, host),
  controlSubject.hostStop(LATTICE, host),
  controlSubject.componentScale(LATTICE, host),
  controlSubject.componentUpdate(LATTICE, host),
  controlSubject.providerStart(LATTICE, host),
  controlSubject.providerStop(LATTICE, host),
  controlSubject.labelPut(LATTICE, host),
  controlSubject.labelDel(LATTICE, host),
  controlSubject.claimsGet(LATTICE),
  controlSubject.linkGet(LATTICE),
  controlSubject.linkPut(LATTICE),
  controlSubject.linkDel(LATTICE),
  controlSubject.configPut(LATTICE, 'c'),
  controlSubject.configGet(LATTICE, 'c'),
  controlSubject.configDel(LATTICE, 'c'),
  controlSubject.configPut(LATTICE, 'not%valid'),
  controlSubject.linkGet(LATTICE).replace('get', 'nonsense'),
  controlSubject.componentScale(LATTICE, host).replace('scale', 'nonsense'),
  `${controlSubject.configGet(LATTICE, 'a')}.b.c`,
];

test.for(answered)('%s: every payload is answered in the envelope, and the hosts live on', async (subject) => {
  await fc.assert(
    fc.asyncProperty(payload, async (bytes) => {
      const answer = await world.ask(subject, bytes);
      expect(answer.message).toBeTypeOf('string');
      // What is nobody's fault but ours is said in these words.
      expect(answer.message).not.toContain('see the log');
    }),
    { numRuns: 40, seed: 1 },
  );
  expect(await ping()).toEqual([host]);
});

test.for([controlSubject.componentAuction(LATTICE), controlSubject.providerAuction(LATTICE)])(
  '%s: a bid, a refusal or silence',
  async (subject) => {
    await fc.assert(
      fc.asyncProperty(payload, async (bytes) => {
        const answers = await world.tool.scatter(subject, bytes, { waitMs: 20 });
        for (const { data } of answers)
          expect(JSON.parse(new TextDecoder().decode(data)).success).toBeTypeOf('boolean');
      }),
      { numRuns: 40, seed: 1 },
    );
    expect(await ping()).toEqual([host]);
  },
);

test('nothing is published where whoever asks wants it, but only to an inbox', async () => {
  let heard = 0;
  world.tool.subscribe('victim.>', () => (heard += 1));
  for (const subject of answered) world.tool.publish(subject, encodeJson(valid), { reply: 'victim.x' });
  expect(await ping()).toEqual([host]);
  await world.ask(controlSubject.linkGet(LATTICE));
  await world.ask(controlSubject.hostGet(LATTICE, host));
  expect(heard).toBe(0);
});
