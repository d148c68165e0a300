import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { typeMeta, WasmCloudLink } from '@kasmcloud/kube-api';
import { connectLattice, NoRespondersError, serveHttp } from '@kasmcloud/lattice';
import { noTracing, silentLogger } from '@kasmcloud/observe';
import { startNats } from '@kasmcloud/testing';
import { ComponentRuntime, type HttpRoute, type LoadedComponent } from '@kasmcloud/wasm';
import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { afterAll, expect, test } from 'vitest';
import { ActorRegistry } from '../actors/registry.ts';
import { httpRoute } from './http-route.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasm-route-'));
const nats = await startNats();
const connection = await connectLattice({ servers: nats.url, name: 'test' });
const runtime = new ComponentRuntime({ cacheDir: folder, logger: silentLogger, workers: 1 });
const mirror = await load('mirror');
afterAll(async () => {
  runtime.close();
  await connection.close();
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

async function load(name: string): Promise<LoadedComponent> {
  const path = join(import.meta.dirname, `../../../../test/fixtures/components/${name}.wasm`);
  return runtime.load(await readFile(path), {
    name,
    instances: 10,
    limits: { memoryBytes: 2 ** 24, executionMs: 20_000 },
    config: {},
    host: {
      provides: () => false,
      invoke: () => Promise.reject(new Error('nothing is linked')),
      log: () => undefined,
    },
  });
}

const open = (): { readonly registry: ActorRegistry; readonly route: HttpRoute } => {
  const registry = new ActorRegistry();
  const parts = { registry, connection, callTimeoutMs: 20_000, tracer: noTracing.tracer };
  const spec = { source: 'web', target: 'mirror', witNamespace: 'wasi', witPackage: 'http', interfaces: [] };

  const link = { ...typeMeta(WasmCloudLink), metadata: { name: 'web-mirror', namespace: 'shop' }, spec };
  return { registry, route: httpRoute(parts, { link, match: { kind: 'all' } }) };
};

/** What it sends is only there once it is asked for. */
const post = (text: string): HttpRequest => ({
  method: 'POST',
  pathWithQuery: '/',
  headers: [],
  body: (async function* () {
    yield Buffer.from(text);
  })(),
});

const ask = (route: HttpRoute, text: string): Promise<string> =>
  route.handle(post(text), new AbortController().signal).then(textOf);

const textOf = async ({ body }: HttpResponse): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test('a request waits for an actor that is being started here, with its body', async () => {
  const { registry, route } = open();
  const come = registry.expect('shop', 'mirror');
  const answer = ask(route, 'early');
  await sleep(100);
  // By then others were asked, and NATS has said that nobody answers.
  await connection.flush({ timeoutMs: 20_000 });
  registry.put('shop', 'mirror', mirror);
  come();
  expect(await answer).toContain('early');
});

test('it waits for one that has just begun to start before others are asked', async () => {
  const { registry, route } = open();
  const options = { timeoutMs: 20_000, onError: () => undefined };
  const elsewhere = async (): Promise<HttpResponse> => ({ status: 200, headers: [] });
  const served = serveHttp(connection, { lattice: 'shop', target: 'mirror' }, elsewhere, options);
  await connection.flush({ timeoutMs: 20_000 });
  const come = registry.expect('shop', 'mirror');
  const answer = ask(route, 'at once');
  registry.put('shop', 'mirror', mirror);
  come();
  expect(await answer).toContain('at once');
  served.close();
});

test('it finds an actor that came while it was asked for elsewhere', async () => {
  const { registry, route } = open();
  const answer = ask(route, 'in between');
  registry.put('shop', 'mirror', mirror);
  expect(await answer).toContain('in between');
});

test('nobody is waited for when none is started, or its start fails', async () => {
  const { registry, route } = open();
  await expect(ask(route, 'alone')).rejects.toThrow(NoRespondersError);
  const [first, second] = [registry.expect('shop', 'mirror'), registry.expect('shop', 'mirror')];
  const answer = ask(route, 'in vain');
  answer.catch(() => undefined);
  first();
  expect(await registry.awaited('shop', 'mirror', 0)).toBeUndefined();
  second();
  await expect(answer).rejects.toThrow(NoRespondersError);
  // It may be tried again.
  const third = registry.expect('shop', 'mirror');
  const again = ask(route, 'at last');
  registry.put('shop', 'mirror', mirror);
  third();
  expect(await again).toContain('at last');
});

test('a start that takes too long is not waited for', async () => {
  const { registry, route } = open();
  const come = registry.expect('shop', 'mirror');
  await expect(ask(route, 'late')).rejects.toThrow(NoRespondersError);
  come();
});
