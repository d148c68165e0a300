import { WasmCloudActor } from '@kasmcloud/kube-api';
import { freePort, startRedis } from '@kasmcloud/testing';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { eventually, get, Hosts, image } from './host.fixture.ts';

const [hosts, redis, port] = await Promise.all([Hosts.start(), startRedis(), freePort()]);
afterAll(async () => {
  await Promise.all([hosts.close(), redis.close()]);
});

const apply = (file: string): Promise<void> =>
  hosts.applyExample(`two-stacks/${file}`, {
    'file:///examples/': `${image('examples')}/`,
    'my-host': 'host-a',
    '0.0.0.0:8080': `0.0.0.0:${port}`,
    'redis://127.0.0.1:6379': redis.url,
  });

test('an actor runs on one stack and then on another: a link and its config are all that changes', async () => {
  await apply('app.yaml');
  await apply('development.yaml');
  await eventually(async () => expect(await get(port, '/Ada')).toMatch(/^200 Ada: 1 visit, before: nobody/));
  expect(await get(port, '/Bob')).toBe('200 Bob: 1 visit, before: Ada');
  const actor = await hosts.server.client.get(WasmCloudActor, 'visits', 'visits');

  const answers: string[] = [];
  const stop = new AbortController();
  const asking = (async () => {
    while (!stop.signal.aborted) answers.push(await get(port, '/steady'));
  })();
  for (const stack of ['production-nats.yaml', 'production-redis.yaml']) {
    const steady = answers.length;
    await apply(stack);
    // A store of its own, so it begins anew.
    await eventually(async () => expect(answers.slice(steady).join()).toMatch(/steady: 1 visit, before/));
  }

  await apply('development.yaml');
  await eventually(async () => expect(await get(port, '/Ada')).toMatch(/^200 Ada: 2 visits, before: (steady|Bob)/));
  stop.abort();
  await asking;
  expect(answers.filter((answer) => !answer.startsWith('200 steady: '))).toEqual([]);
  const after = await hosts.server.client.get(WasmCloudActor, 'visits', 'visits');
  expect(after.metadata.generation).toBe(actor.metadata.generation);
});

/** Status and text of an answer to a request with that token. */
const getWith = async (token: string, path: string): Promise<string> => {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers, signal: AbortSignal.timeout(3_000) });
  return `${answer.status} ${await answer.text()}`.trim();
};

test('a guard is put before the actor, and a cache before its store, by links alone', async () => {
  const store = new Redis(redis.url);
  try {
    await apply('app.yaml');
    await apply('production-redis.yaml');
    await eventually(async () => expect(await get(port, '/Eve')).toMatch(/^200 Eve: \d+ visits?/));
    const before = await hosts.server.client.get(WasmCloudActor, 'visits', 'visits');
    await apply('production-guarded.yaml');
    await eventually(async () => expect(await get(port, '/Eve')).toBe('401'));
    expect(await getWith('open-barley', '/Eve')).toBe('401');
    // What a stack before this one left in the memory is not asked for: the first write goes through both stores.
    await eventually(async () => expect(await getWith('open-sesame', '/Eve')).toMatch(/^200 Eve: \d+ visits, before/));
    expect(await getWith('open-sesame', '/Ada')).toMatch(/^200 Ada: \d+ visits?, before: Eve/);
    expect(await store.get('last')).toBe('Ada');
    // Behind the cache's back: it is the memory that answers.
    await store.set('last', 'nobody it knows');
    expect(await getWith('open-sesame', '/Eve')).toMatch(/before: Ada/);
    const after = await hosts.server.client.get(WasmCloudActor, 'visits', 'visits');
    expect(after.metadata.generation).toBe(before.metadata.generation);
    await apply('app.yaml');
    await apply('development.yaml');
    await eventually(async () => expect(await get(port, '/Bob')).toMatch(/^200 Bob: \d+ visits?/));
  } finally {
    store.disconnect();
  }
});
