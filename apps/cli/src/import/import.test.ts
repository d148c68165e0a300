import { connectLattice, openBucket } from '@kasmcloud/lattice';
import { json, startNats, startScriptedServer, type NatsServer, type ScriptedServer } from '@kasmcloud/testing';
import { encodeJson, wadmIndexKey, wadmModelKey, wadmModelsBucket, wadmSubject } from '@kasmcloud/wire';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { runImport } from './run.ts';

const manifest = (name: string, version: string): object => ({
  apiVersion: 'core.oam.dev/v1beta1',
  kind: 'Application',
  metadata: { name, annotations: { version } },
  spec: { components: [] },
});

let nats: NatsServer;
let rest: ScriptedServer;
beforeAll(async () => {
  nats = await startNats({ jetstream: true });
});
afterAll(async () => nats.close());
beforeEach(async () => {
  rest = await startScriptedServer(json(200, { result: 'created', version: '' }));
  return async () => rest.close();
});

async function wadmKeeps(lattice: string, models: Record<string, unknown>): Promise<void> {
  const connection = await connectLattice({ servers: nats.url, name: 'wadm' });
  const bucket = await openBucket(connection, wadmModelsBucket, { timeoutMs: 5_000 });
  await bucket.put(wadmIndexKey(lattice), encodeJson(Object.keys(models)));
  for (const [name, model] of Object.entries(models))
    await bucket.put(wadmModelKey(lattice, name), encodeJson(model as object));
  await connection.close();
}

async function imported(
  lattice: string,
  { deploy = true, waitMs = 0, dryRun = false } = {},
): Promise<{ isGood: boolean; said: string[] }> {
  const said: string[] = [];
  const target = { url: rest.url, token: 'secret' };
  const options = {
    natsUrl: nats.url,
    credentials: undefined,
    domain: undefined,
    lattice,
    rest: target,
    deploy,
    waitMs,
    dryRun,
  };
  const isGood = await runImport(options, (line) => said.push(line), AbortSignal.timeout(20_000));
  return { isGood, said };
}

test('where wadm never ran it is said', async () => {
  await expect(imported('nowhere')).rejects.toThrow(UserError);
  await expect(imported('nowhere')).rejects.toThrow('there is no bucket wadm_manifests on this NATS server');
});

test('versions are put in their order, then what is deployed is', async () => {
  await wadmKeeps('shop', {
    cart: {
      manifests: { 'v1.0.0': manifest('cart', 'v1.0.0'), 'v0.9.0': manifest('cart', 'v0.9.0') },
      deployed_version: 'v1.0.0',
    },
    idle: { manifests: { a: manifest('idle', 'a') }, deployed_version: null },
  });
  expect(await imported('shop')).toEqual({
    isGood: true,
    said: ['cart: 2 of 2 versions taken over, v1.0.0 deployed', 'idle: 1 of 1 versions taken over, not deployed'],
  });
  const base = '/api/v1/namespaces/shop/applications';
  expect(rest.requests.map(({ method, url, body }) => ({ method, url, body }))).toEqual([
    { method: 'PUT', url: `${base}/cart?deploy=false`, body: manifest('cart', 'v1.0.0') },
    { method: 'PUT', url: `${base}/cart?deploy=false`, body: manifest('cart', 'v0.9.0') },
    { method: 'POST', url: `${base}/cart/deploy`, body: { version: 'v1.0.0' } },
    { method: 'PUT', url: `${base}/idle?deploy=false`, body: manifest('idle', 'a') },
  ]);
  expect(new Set(rest.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer secret']));
});

test('a dry run writes nothing', async () => {
  await wadmKeeps('dry', { cart: { manifests: { a: manifest('cart', 'a') }, deployed_version: 'a' } });
  expect(await imported('dry', { dryRun: true })).toEqual({ isGood: true, said: ['cart: 1 version, a deployed'] });
  expect(rest.requests).toEqual([]);
});

test('what wadm has deployed is left to it unless one says otherwise', async () => {
  await wadmKeeps('left', { cart: { manifests: { a: manifest('cart', 'a') }, deployed_version: 'a' } });
  const said = ['cart: 1 of 1 versions taken over, a left to wadm'];
  expect(await imported('left', { deploy: false })).toEqual({ isGood: true, said });
  expect(rest.requests.map(({ method }) => method)).toEqual(['PUT']);
});

/** Answers the API as a server that is not ours. Ends with the function returned. */
async function wadmWorks(): Promise<() => Promise<void>> {
  const connection = await connectLattice({ servers: nats.url, name: 'wadm' });
  const answer = encodeJson({ result: 'success', message: '', models: [] });
  connection.subscribe(wadmSubject.allRequests, ({ reply }) => connection.publish(reply ?? '', answer), {
    queue: wadmSubject.queue,
  });
  await connection.flush({ timeoutMs: 5_000 });
  return async () => connection.close();
}

test('while wadm works nothing is deployed', async () => {
  await wadmKeeps('busy', { cart: { manifests: { a: manifest('cart', 'a') }, deployed_version: 'a' } });
  const end = await wadmWorks();
  const { isGood, said } = await imported('busy');
  await end();
  expect(isGood).toBe(false);
  expect(said[0]).toBe('cart: 1 of 1 versions taken over, a left to wadm');
  expect(said[1]).toContain('another server answers the wadm API');
  expect(said[2]).toBe('nothing was deployed: stop wadm, undeploy nothing, and run this again');
  expect(rest.requests.map(({ method }) => method)).toEqual(['PUT']);
});

test('who waits deploys when wadm is gone, and what wadm had deployed by then', { timeout: 60_000 }, async () => {
  await wadmKeeps('handed', { cart: { manifests: { a: manifest('cart', 'a') }, deployed_version: 'a' } });
  const end = await wadmWorks();
  const done = imported('handed', { waitMs: 50_000 });
  await expect.poll(() => rest.requests.length, { timeout: 20_000 }).toBe(1);
  const manifests = { a: manifest('cart', 'a'), b: manifest('cart', 'b') };
  await wadmKeeps('handed', { cart: { manifests, deployed_version: 'b' } });
  await end();
  expect((await done).isGood).toBe(true);
  expect(rest.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT', 'POST']);
  expect(rest.requests.at(-1)?.body).toEqual({ version: 'b' });
});

test('what is refused is told with its reason, and never deployed', async () => {
  rest.answer = json(422, {
    message: 'the manifest is not valid',
    details: [{ field: 'metadata.name', message: 'no' }],
  });
  await wadmKeeps('bad', { Cart: { manifests: { a: manifest('Cart', 'a') }, deployed_version: 'a' } });
  expect(await imported('bad')).toEqual({
    isGood: false,
    said: [
      'Cart: 0 of 1 versions taken over, a is deployed and was refused',
      '  a: the manifest is not valid; metadata.name: no',
    ],
  });
  expect(rest.requests.map(({ method }) => method)).toEqual(['PUT']);
});

test('a lattice that wadm does not know, and one that it garbled', async () => {
  expect(await imported('unknown')).toEqual({ isGood: true, said: ['wadm keeps no application of lattice unknown'] });
  await wadmKeeps('garbled', { cart: { manifests: 'none' } });
  await expect(imported('garbled')).rejects.toThrow('wadm_manifests of lattice garbled: ');
});
