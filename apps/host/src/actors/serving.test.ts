import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLattice, invoke, invokeHttp, PeerTrapError, type LatticeConnection } from '@kasmcloud/lattice';
import { createLogger, noTracing, silentLogger } from '@kasmcloud/observe';
import { startNats, type NatsServer } from '@kasmcloud/testing';
import { ComponentRuntime, type LoadedComponent } from '@kasmcloud/wasm';
import type { FuncType } from '@kasmcloud/wrpc';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { farCaller } from './far-caller-module.ts';
import { serveComponent } from './serving.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const LATTICE = 'shop';
const GREETER = new URL('../../../../test/fixtures/components/greeter.wasm', import.meta.url).pathname;
const HELLO = new URL('../../../../examples/hello/hello.wasm', import.meta.url).pathname;
const greet: FuncType = { params: [{ name: 'name', type: { kind: 'string' } }], result: { kind: 'string' } };
const address = { lattice: LATTICE, target: 'greeter', instance: 'example:greet/greeter@0.1.0', func: 'greet' };

let nats: NatsServer;
let folder: string;
let runtime: ComponentRuntime;
let callee: LatticeConnection;
let caller: LatticeConnection;
beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'kasmcloud-serving-'));
  runtime = new ComponentRuntime({
    cacheDir: folder,
    logger: silentLogger,
    workers: 1,
    farCaller: farCaller({ servers: nats.url, name: 'thread' }),
  });
  callee = await connectLattice({ servers: nats.url, name: 'callee' });
  caller = await connectLattice({ servers: nats.url, name: 'caller' });
});
afterAll(async () => {
  runtime.close();
  await caller.close();
  await callee.close();
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

const load = (path = GREETER): Promise<LoadedComponent> =>
  runtime.load(path, {
    name: 'greeter',
    instances: 10,
    limits: { memoryBytes: 2 ** 24, executionMs: 20_000 },
    config: {},
    host: { provides: () => false, invoke: () => Promise.reject(new Error('nothing is served')), log: () => undefined },
  });

const serveIt = async (component: LoadedComponent, log = silentLogger): Promise<ReturnType<typeof serveComponent>> => {
  const { tracer } = noTracing;
  const options = { connection: callee, lattice: LATTICE, id: 'greeter', component, timeoutMs: 20_000, tracer, log };
  const served = serveComponent(options);
  await callee.flush({ timeoutMs: 10_000 });
  return served;
};
const call = (name: string): Promise<unknown> => invoke(caller, address, greet, [name], { timeoutMs: 30_000 });

/** How many messages one call makes the main thread's connection send. */
const sentByMain = async (): Promise<number> => {
  const before = callee.nats.stats().outMsgs;
  await call('Grace');
  return callee.nats.stats().outMsgs - before;
};
const patience = { timeout: 60_000 };

test('calls of others are answered by the thread that ran them, and none is lost when another takes over', async () => {
  const first = await load();
  let served = await serveIt(first);
  expect(await call('Ada')).toBe('Hello, Ada!');
  await expect.poll(sentByMain, patience).toBe(0);

  const names: string[] = [];
  const answers: Promise<unknown>[] = [];
  const asking = (async (): Promise<void> => {
    while (names.length < 400) {
      names.push(`guest ${names.length}`);
      answers.push(call(`guest ${names.length - 1}`));
      if (names.length % 4 === 0) await answers.at(-1);
    }
  })();
  let current = first;
  for (let round = 0; round < 3; round++) {
    const next = await load();
    const over = await serveIt(next);
    await Promise.all(served.map((one) => one.drain()));
    await current.drain();
    current.close();
    [current, served] = [next, over];
  }
  await asking;
  expect(await Promise.all(answers)).toEqual(names.map((name) => `Hello, ${name}!`));

  // What its bytes do not say is no call.
  const wrong: FuncType = { params: [{ name: 'number', type: { kind: 'u8' } }], result: { kind: 'string' } };
  await expect(invoke(caller, address, wrong, [255])).rejects.toThrow(PeerTrapError);
  for (const one of served) one.close();
  current.close();
});

test('a NATS server that went away and came back has its calls answered by threads again', async () => {
  const component = await load();
  const served = await serveIt(component);
  await expect.poll(sentByMain, patience).toBe(0);
  await nats.stop('SIGKILL');
  await nats.restart();
  await expect.poll(() => call('Ada').catch(String), patience).toBe('Hello, Ada!');
  await expect.poll(() => sentByMain().catch(String), patience).toBe(0);
  for (const one of served) one.close();
  component.close();
});

test('why a request failed is told its caller in a word, and the operator in full', async () => {
  const lines: string[] = [];
  const log = createLogger({ service: 'host', level: 'warn', destination: { write: (line) => lines.push(line) } });
  const component = await load(HELLO);
  const served = await serveIt(component, log);
  const request = { method: 'GET', pathWithQuery: '/', scheme: 'http', authority: 'localhost', headers: [] };
  const asked = (): Promise<unknown> => invokeHttp(caller, { lattice: LATTICE, target: 'greeter' }, request);
  expect(await asked()).toMatchObject({ status: 200 });
  component.close();
  await expect(asked()).rejects.toThrow('The HTTP request failed: internal-error, overloaded.');
  expect(lines.join('')).toMatch(/takes no more calls.*request failed/);
  for (const one of served) one.close();
});
