import { Application, builtin } from '@kasmcloud/kube-api';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { wadmSubject } from '@kasmcloud/wire';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiWorld, LATTICE } from '../api.fixture.ts';
import { eventually } from '../supercluster.fixture.ts';
import { manifest } from '../applications/manifest.fixture.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 90_000 });
let world: ApiWorld;
let client: LatticeConnection;
beforeAll(async () => {
  world = await ApiWorld.start();
  client = await connectLattice({ servers: world.nats.url, name: 'stranger' });
  await eventually('the API answers', async () => void (await ask(wadmSubject.request(LATTICE, 'list'))));
  await ask(wadmSubject.request(LATTICE, 'put'), new TextEncoder().encode(manifest({ name: 'stands' })));
});
afterAll(async () => {
  await client.close();
  await world.close();
});

async function ask(subject: string, body: Uint8Array = new Uint8Array(), type?: string): Promise<{ result?: string }> {
  const headers = type === undefined ? {} : { 'Content-Type': type };
  const { data } = await client.request(subject, body, { timeoutMs: 30_000, headers });
  return JSON.parse(new TextDecoder().decode(data)) as { result?: string };
}

const whole = manifest({ name: 'spoilt' });
const text = new TextEncoder();
const bomb = Array.from({ length: 12 }, (_, at) => `l${at}: &l${at} [${`*l${at - 1},`.repeat(at === 0 ? 0 : 9)}]`).join(
  '\n',
);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((value) => text.encode(value)),
  fc.nat(whole.length).map((end) => text.encode(whole.slice(0, end))),
  fc
    .tuple(
      fc.nat(whole.length),
      fc.constantFrom('\u0000', ': ', '\n- ', '&a ', '*a', '{', '"', '!!js/function', '__proto__: 1\n'),
    )
    .map(([at, odd]) => text.encode(whole.slice(0, at) + odd + whole.slice(at))),
  fc.constantFrom(bomb, '['.repeat(50_000), 'a: '.repeat(20_000), 'x'.repeat(900_000)).map((odd) => text.encode(odd)),
);
const operations = [
  'list',
  'get',
  'get.stands',
  'put',
  'versions.stands',
  'status.stands',
  'deploy.stands',
  'undeploy.stands',
  'del.stands',
  'history.stands',
  'explode',
];

const words = [
  'error',
  'success',
  'notfound',
  'created',
  'newversion',
  'acknowledged',
  'deleted',
  'ok',
  'noop',
  undefined,
];

test.for(operations)(
  'model.%s answers whatever comes in the words of wadm, and the next request too',
  async (operation) => {
    const types = [undefined, 'application/json', 'application/yaml', 'text/../\u00ff'];
    for (const [at, body] of fc.sample(payload, { seed: 7, numRuns: 60 }).entries()) {
      const answer = await ask(`wadm.api.${LATTICE}.model.${operation}`, body, types[at % types.length]);
      expect(words).toContain(answer.result);
    }
    const { items } = await world.hub.client.list(Application, { namespace: LATTICE });
    expect(items.map(({ metadata }) => metadata.name).filter((name) => !['stands', 'spoilt'].includes(name))).toEqual(
      [],
    );
    expect((await world.hub.client.list(builtin.ConfigMap, { namespace: LATTICE })).items).toEqual([]);
  },
);

test.for(['kube-system', '..', '>', 'x'.repeat(200), 'Shop', 'shop.model.put', '__proto__'])(
  'the lattice %s is none',
  async (lattice) => {
    const subject = `wadm.api.${lattice}.model.put`;
    const reply = client.newInbox();
    const heard: unknown[] = [];
    const inbox = client.subscribe(reply, ({ data }) => heard.push(JSON.parse(new TextDecoder().decode(data))));
    try {
      client.publish(subject, text.encode(whole), { reply });
    } catch {
      // No subject at all: it was never sent.
    }
    expect((await ask(wadmSubject.request(LATTICE, 'list'))).result).not.toBe('error');
    for (const answer of heard) expect(answer).toMatchObject({ result: 'error' });
    inbox.close();
  },
);
