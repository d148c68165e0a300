import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WasmCloudLink, WasmCloudProvider } from '@kasmcloud/kube-api';
import { afterAll, expect, test } from 'vitest';
import { eventually, get, Hosts, image, LATTICE } from '../host.fixture.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasm-volume-'));
await writeFile(join(folder, 'ode'), 'Freude');
await symlink('/etc/hostname', join(folder, 'way-out'));
const hosts = await Hosts.start({ KASMCLOUD_VOLUMES: `data=${folder}` });
const { server, actor, provider, config, link, httpLink, readyOf } = hosts;
afterAll(async () => {
  await hosts.close();
  await rm(folder, { recursive: true, force: true });
});

const files = image('test/fixtures/components/files.wasm');
const filesystem = { witNamespace: 'wasi', witPackage: 'filesystem', interfaces: ['preopens'] };

/** Positions in wasi:filesystem's error-code. */
const NO_ENTRY = 20;
const LOOP = 15;
const NOT_PERMITTED = 31;
const READ_ONLY = 33;

test('an actor has the folders that its links name, as its links allow, and no others', async () => {
  await actor('filer', { image: files });
  await provider('http', 'host-a');
  const port = await httpLink('http', 'filer');
  await eventually(async () => expect(await get(port, '/folders')).toBe('200'));
  expect(await get(port, '/get/ode')).toBe('200 no folder');
  await provider('disk', 'host-a', 'wasmcloud+builtin://filesystem');
  await config('look', { volume: 'data', path: '/data' });
  await link('filer-disk', { source: 'filer', target: 'disk', ...filesystem, targetConfig: ['look'] });
  await eventually(async () => expect(await get(port, '/folders')).toBe('200 /data'));
  expect(await get(port, '/get/ode')).toBe('200 Freude');
  expect(await get(port, '/get/none')).toBe(`200 error ${NO_ENTRY}`);
  expect(await get(port, '/put/new')).toBe(`200 error ${READ_ONLY}`);
  expect(await get(port, '/get/way-out')).toBe(`200 error ${LOOP}`);
  await config('change', { volume: 'data', path: '/data', access: 'read-write' });
  await server.client.delete(WasmCloudLink, 'filer-disk', LATTICE);
  await link('filer-disk-too', { source: 'filer', target: 'disk', ...filesystem, targetConfig: ['change'] });
  await eventually(async () => expect(await get(port, '/put/new')).toBe('200 written'));
  expect(await readFile(join(folder, 'new'), 'utf8')).toBe('kept');
  expect(await get(port, '/get/new')).toBe('200 kept');
  expect(await get(port, '/put//etc/kasm')).toBe(`200 error ${NOT_PERMITTED}`);
});

test.for([
  ['none', {}, 'needs volume'],
  ['path', { volume: 'data', path: 'data' }, 'does not begin with /'],
  ['access', { volume: 'data', access: 'all' }, 'neither read-only nor read-write'],
] as const)('config that gives no folder is told: %s', async ([name, data, message]) => {
  const id = `disk-${name}`;
  await config(id, data);
  await provider(id, 'host-a', 'wasmcloud+builtin://filesystem');
  await link(id, { source: 'nobody', target: id, ...filesystem, targetConfig: [id] });
  await eventually(async () =>
    expect(await readyOf(WasmCloudProvider, id)).toMatchObject({
      reason: 'InvalidConfig',
      message: expect.stringContaining(message) as string,
    }),
  );
});
