import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiWorld, NOBODY_TOKEN, READER_TOKEN } from '../api.fixture.ts';

let world: ApiWorld;
beforeAll(async () => {
  process.env['KASMCLOUD_QUEUE_BOARD'] = 'true';
  world = await ApiWorld.start();
}, 60_000);
afterAll(async () => {
  delete process.env['KASMCLOUD_QUEUE_BOARD'];
  await world.close();
});

test('the queue board lets in whoever may list Placements, and nobody else', async () => {
  expect((await world.ask('GET', '/queues/api/queues', { token: null })).status).toBe(401);
  expect((await world.ask('GET', '/queues', { token: null })).headers.get('www-authenticate')).toContain('Basic');
  for (const token of [READER_TOKEN, NOBODY_TOKEN])
    expect((await world.ask('GET', '/queues/api/queues', { token })).status).toBe(403);
  expect((await world.ask('GET', '/queues/static/favicon-32x32.png', { token: null })).status).toBe(401);
});

test('it shows the queue of each member, as a page and as data, and lets nothing be changed', async () => {
  await expect
    .poll(async () => (await world.ask('GET', '/queues/api/queues')).body, { timeout: 30_000 })
    .toMatchObject({ queues: [{ name: 'cluster-self', readOnlyMode: true }] });
  const page = await world.ask('GET', '/queues');
  expect(page.status).toBe(200);
  expect(page.body).toContain('KasmCloud');
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect((await world.ask('PUT', '/queues/api/queues/cluster-self/pause')).status).toBeGreaterThanOrEqual(400);
});

test('a browser sends the token as a password', async () => {
  const pair = Buffer.from(`anybody:${world.hub.adminToken}`).toString('base64');
  const { status } = await fetch(`${world.url}/queues/api/queues`, { headers: { authorization: `Basic ${pair}` } });
  expect(status).toBe(200);
});

test('how much waits is a metric', async () => {
  await expect
    .poll(async () => String((await world.ask('GET', '/metrics')).body), { timeout: 30_000 })
    .toContain('kasmcloud_scheduler_queue_jobs{cluster="self",state="waiting"}');
});
