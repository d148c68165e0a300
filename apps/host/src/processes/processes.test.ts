import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtin, WasmCloudLink, WasmCloudProvider, type ProviderObject } from '@kasmcloud/kube-api';
import { archiveTarget } from '@kasmcloud/oci';
import { packProvider, startDockerRegistry } from '@kasmcloud/testing';
import { afterAll, expect, test, vi } from 'vitest';
import { eventually, get, Hosts, image, LATTICE } from '../host.fixture.ts';

const front = image('test/fixtures/components/front.wasm');
const echo = image('test/fixtures/providers/echo.mjs');
const folder = await mkdtemp(join(tmpdir(), 'kasm-processes-'));
const notes = join(folder, 'notes');
// What providers see of the host's environment begins so.
process.env['OTEL_NOTES'] = notes;

const registry = await startDockerRegistry();
const hosts = await Hosts.start({
  KASMCLOUD_OCI_INSECURE: registry?.host ?? '',
  KASMCLOUD_PROVIDER_PROCESSES: 'true',
  KASMCLOUD_PROVIDER_HEALTH: '200ms',
  KASMCLOUD_PROVIDER_STOP: '1s',
});
const { server, provider, actor, link, config, secret, grantSecrets, httpLink, readyOf } = hosts;
afterAll(async () => {
  await hosts.close();
  await registry?.close();
  await rm(folder, { recursive: true });
});

// A process has to start for each of them, on whatever machine this is.
vi.setConfig({ testTimeout: 120_000 });

const greet = { witNamespace: 'example', witPackage: 'greet', interfaces: ['greeter'] };
const noted = async (): Promise<string[]> => (await readFile(notes, 'utf8').catch(() => '')).trim().split('\n');
const isReady = (name: string): Promise<void> =>
  eventually(async () => expect(await readyOf(WasmCloudProvider, name)).toMatchObject({ status: 'True' }), 30_000);
const statusOf = async (name: string): Promise<ProviderObject['status']> =>
  (await server.client.get<ProviderObject>(WasmCloudProvider, name, LATTICE)).status;
const change = (kind: typeof builtin.ConfigMap | typeof WasmCloudLink, name: string, patch: object): Promise<unknown> =>
  server.client.patch(kind, name, LATTICE, patch, { type: 'merge' });
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('an actor calls a provider process; config, links and sealed secrets reach it while it runs', async () => {
  await config('echo', { mood: 'merry' });
  await config('polite', { greeting: 'good morning' });
  await secret('db', { password: 'open sesame' });
  await grantSecrets('db');
  await provider('echo', 'host-a', echo, { config: ['echo'] });
  await provider('front-http', 'host-a');
  await actor('front', { image: front });
  const port = await httpLink('front-http', 'front');
  await link('front-echo', { source: 'front', target: 'echo', ...greet });
  await isReady('echo');
  await eventually(async () => expect(await get(port, '/Ada')).toBe('200 hello Ada (merry, no secret)'));
  await change(WasmCloudLink, 'front-echo', { spec: { targetConfig: ['polite'], targetSecrets: ['db'] } });
  await eventually(async () => expect(await get(port, '/Ada')).toBe('200 good morning Ada (merry, open sesame)'));
  await change(builtin.ConfigMap, 'echo', { data: { mood: 'sad' } });
  await eventually(async () => expect(await get(port, '/Ada')).toBe('200 good morning Ada (sad, open sesame)'));
  expect((await noted()).filter((line) => line.includes('link'))).toEqual([
    'link front ',
    'unlink front',
    'link front good morning',
  ]);
  await server.client.delete(WasmCloudLink, 'front-echo', LATTICE);
  await eventually(async () => expect((await noted()).at(-1)).toBe('unlink front'));
});

test('a process that ends is started again, with its last words in the status; one that hangs is ended', async () => {
  await actor('front-2', { image: front });
  const port = await httpLink('front-http', 'front-2');
  await config('fragile', {});
  await provider('fragile', 'host-a', echo, { config: ['fragile'] });
  await link('front-fragile', { source: 'front-2', target: 'fragile', ...greet });
  await isReady('fragile');
  await eventually(async () => expect(await get(port, '/Bob')).toMatch(/^200 hello Bob/));
  for (const fatal of ['/crash', '/hang']) {
    await get(port, fatal).catch(() => undefined);
    await eventually(async () => {
      // While it waits, or for a while after it was started again.
      const { message = '' } = (await readyOf(WasmCloudProvider, 'fragile')) ?? {};
      expect(message).toMatch(fatal === '/crash' ? /exit code 7, after/ : /it hung: 3 questions after its health/);
    }, 60_000);
    await isReady('fragile');
    await eventually(async () => expect(await get(port, '/Bob')).toMatch(/^200 hello Bob/));
  }
  expect((await statusOf('fragile'))?.restarts).toBe(2);
});

test.for([
  ['cannot-start', 'test/fixtures/components/README.md', 'CrashLoopBackOff', /it cannot be started: .*EACCES/],
  ['no-archive', 'NOTHING.par', 'ImagePullFailed', /ENOENT/],
] as const)('%s: the status says why', async ([name, path, reason, message]) => {
  await provider(name, 'host-a', image(path));
  await eventually(async () => {
    const ready = await readyOf(WasmCloudProvider, name);
    expect(ready).toMatchObject({ status: 'False', reason });
    expect(ready?.message).toMatch(message);
  });
});

test('a provider that is ill says so itself; one that floods its output is told, and goes on', async () => {
  await config('ill', { mood: 'ill' });
  await provider('ill', 'host-a', echo, { config: ['ill'] });
  await config('talkative', { mood: 'talkative' });
  await provider('talkative', 'host-a', echo, { config: ['talkative'] });
  await eventually(
    async () => expect(await readyOf(WasmCloudProvider, 'ill')).toMatchObject({ reason: 'Unhealthy', message: 'ill' }),
    60_000,
  );
  await eventually(async () => {
    const { message = '' } = (await readyOf(WasmCloudProvider, 'talkative')) ?? {};
    expect(message).toContain('it floods its output');
  }, 60_000);
});

test('a process ends with its Provider, by force if it does not want to', async () => {
  await config('stubborn', { mood: 'stubborn' });
  const before = (await noted()).length;
  await provider('stubborn', 'host-a', echo, { config: ['stubborn'] });
  await isReady('stubborn');
  const started = (await noted()).slice(before).find((line) => line.startsWith('start '));
  const pid = Number(started?.split(' ')[1]);
  expect(isAlive(pid)).toBe(true);
  await server.client.delete(WasmCloudProvider, 'stubborn', LATTICE);
  await eventually(async () => expect(isAlive(pid)).toBe(false));
  // It was asked first.
  expect((await noted()).slice(before)).toContain('stop');
});

/** An archive whose program for `target` runs the provider of these tests. */
const archiveFor = (target: string): Uint8Array => {
  const program = new TextEncoder().encode(`#!/bin/sh\nexec '${fileURLToPath(echo)}'\n`);
  return packProvider({ name: 'echo', programs: { [target]: program } });
};

test.skipIf(registry === undefined)(
  'an archive of a registry (docker-registry) runs where it has a program for the machine, and nowhere else',
  async () => {
    const media = 'application/vnd.wasmcloud.provider.archive.layer.v1+par';
    await registry?.push('acme/echo', '1', archiveFor(archiveTarget(process.arch, process.platform)), media);
    await registry?.push('acme/echo', 'elsewhere', archiveFor('riscv64-plan9'), media);
    await provider('pulled', 'host-a', `${registry?.host}/acme/echo:1`);
    await provider('elsewhere', 'host-a', `${registry?.host}/acme/echo:elsewhere`);
    await isReady('pulled');
    await eventually(async () => {
      const ready = await readyOf(WasmCloudProvider, 'elsewhere');
      expect(ready).toMatchObject({ status: 'False', reason: 'InvalidArchive' });
      expect(ready?.message).toMatch(/no program for .*, only for riscv64-plan9/);
    });
  },
);
