import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WasmCloudProvider } from '@kasmcloud/kube-api';
import { startS3 } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, get, Hosts, image } from '../../host.fixture.ts';

const [s3, folder] = await Promise.all([startS3(), mkdtemp(join(tmpdir(), 'kasm-volume-'))]);
const hosts = await Hosts.start({ KASMCLOUD_VOLUMES: `data=${folder}`, KASMCLOUD_CALL_TIMEOUT: '10s' });
const { actor, provider, config, link, httpLink, readyOf, secret, grantSecrets } = hosts;
afterAll(async () => {
  await hosts.close();
  await Promise.all([s3.close(), rm(folder, { recursive: true, force: true })]);
});

const blobs = image('test/fixtures/components/blobs.wasm');
const blobstore = { witNamespace: 'wasi', witPackage: 'blobstore', interfaces: ['blobstore'] };

beforeAll(async () => {
  await grantSecrets('s3');
  await secret('s3', { access_key_id: s3.accessKeyId, secret_access_key: s3.secretAccessKey });
});

const post = async (port: number, path: string, body: string | Uint8Array<ArrayBuffer> = ''): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}/${path}`, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return answer.text();
};

describe.for([
  ['memory', 'host-a', 'wasmcloud+builtin://blobstore-memory'],
  ['memory', 'host-b', 'wasmcloud+builtin://blobstore-memory'],
  ['nats', 'host-a', 'ghcr.io/wasmcloud/blobstore-nats:0.1.0'],
  ['fs', 'host-a', 'ghcr.io/wasmcloud/blobstore-fs:0.10.1'],
  ['s3', 'host-a', 'ghcr.io/wasmcloud/blobstore-s3:0.12.1'],
  ['s3', 'host-b', 'ghcr.io/wasmcloud/blobstore-s3:0.12.1'],
] as const)('an actor on host-a with a blob store in %s on %s', ([kind, hostName, reference]) => {
  test('keeps what it is given, and gives it back', async () => {
    const id = `${kind}-${hostName}`;
    const settings = { memory: {}, nats: {}, fs: { volume: 'data' }, s3: { endpoint: s3.url, alias_shelf: id } };
    await config(id, settings[kind]);
    await provider(id, hostName, reference, kind === 's3' ? { secrets: ['s3'] } : {});
    await actor(`blobs-${id}`, { image: blobs });
    await provider(`http-${id}`, 'host-a');
    const port = await httpLink(`http-${id}`, `blobs-${id}`);
    await link(`blobs-${id}`, { source: `blobs-${id}`, target: id, ...blobstore, targetConfig: [id] });
    await eventually(async () => expect(await get(port, '/make')).toBe('200 made'));
    expect(await post(port, 'put/ode', 'Freude, schöner')).toBe('stored');
    expect(await get(port, '/get/ode')).toBe('200 Freude, schöner');
    expect(await get(port, '/range/ode/8/14')).toBe('200 schöne');
    expect(await get(port, '/size/ode')).toBe('200 16');
    expect(await get(port, '/whole/ode')).toBe('200 16 bytes: Freude, schöner');
    expect(await get(port, '/move/ode/joy')).toBe('200 done');
    expect(await get(port, '/get/ode')).toBe('200 failed: there is no object ode in container shelf');
    for (let i = 0; i < 5; i += 1) expect(await get(port, `/copy/joy/n${i}`)).toBe('200 done');
    const listed = (await get(port, '/list')).replace('200 ', '').split('\n');
    expect(listed.toSorted()).toEqual(['joy', 'n0', 'n1', 'n2', 'n3', 'n4']);
    const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 253);
    expect(await post(port, 'put/large', large)).toBe('stored');
    const back = await fetch(`http://127.0.0.1:${port}/get/large`, { signal: AbortSignal.timeout(20_000) });
    expect(Buffer.from(await back.arrayBuffer()).equals(large)).toBe(true);
    expect(await post(port, 'cut/half', 'half')).toBe('cut');
    expect(await get(port, '/has/half')).toBe('200 no');
    expect(await readyOf(WasmCloudProvider, id)).toMatchObject({ status: 'True', reason: 'Running' });
  });
});

test('objects in a directory are files', async () => {
  expect(await readFile(join(folder, 'shelf', 'joy'), 'utf8')).toBe('Freude, schöner');
});

test.for([
  ['fs', 'wasmcloud+builtin://blobstore-fs', {}, 'its target config needs volume'],
  ['fs-else', 'wasmcloud+builtin://blobstore-fs', { volume: 'else' }, 'names volume else, which this host has not'],
  ['s3', 'wasmcloud+builtin://blobstore-s3', { access_key_id: 'key' }, 'secret_access_key of its S3 config is missing'],
  ['s3-json', 'wasmcloud+builtin://blobstore-s3', { config_json: '{"secret_access_key":' }, 'is not a JSON object'],
] as const)('config that a blob store cannot use is told: %s', async ([name, reference, data, message]) => {
  const id = `bad-${name}`;
  await config(id, data);
  await provider(id, 'host-a', reference);
  await link(id, { source: 'nobody', target: id, ...blobstore, targetConfig: [id] });
  await eventually(async () =>
    expect(await readyOf(WasmCloudProvider, id)).toMatchObject({
      reason: 'InvalidConfig',
      message: expect.stringContaining(message) as string,
    }),
  );
});
