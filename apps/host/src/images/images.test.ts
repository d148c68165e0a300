import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@kasmcloud/observe';
import { OciImages } from '@kasmcloud/oci';
import { json, startScriptedServer } from '@kasmcloud/testing';
import { afterAll, expect, test } from 'vitest';
import { Images } from './images.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasm-images-'));
const registry = await startScriptedServer(json(404, {}));
const host = new URL(registry.url).host;
afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true });
});

const reasonOf = async (reference: string, dockerConfig?: string, pullMs = 5_000): Promise<unknown> => {
  const registries = new OciImages({
    folder,
    cacheBytes: 1_000,
    maxImageBytes: 1_000,
    insecure: [host],
    allowLatest: false,
    mirrors: {},
    logger: silentLogger,
  });
  const files = { allowFile: false, root: undefined, maxBytes: 1_000 };
  const images = new Images({ files, registries, dockerConfig, pullMs });
  const owner = { namespace: 'shop', credentials: async () => [] };
  return images.read(reference, owner, AbortSignal.timeout(20_000)).catch((error: { reason: unknown }) => error.reason);
};

test.for([
  ['an image that is not there', 'acme/x:1', 'ImageNotFound'],
  ['an image without a version', 'acme/x', 'ImageRefused'],
  ['a malformed reference', 'acme/x:', 'InvalidImageName'],
] as const)('%s: %s is %s', async ([, path, reason]) => {
  expect(await reasonOf(`${host}/${path}`)).toBe(reason);
});

test('files are files whatever the registries are', async () => {
  expect(await reasonOf('file:///a.wasm')).toBe('NotSupported');
});

test('a docker config that is missing or is none is told before the registry is asked', async () => {
  const before = registry.requests.length;
  expect(await reasonOf(`${host}/acme/x:1`, join(folder, 'nowhere.json'))).toBe('InvalidPullSecret');
  const broken = join(folder, 'broken.json');
  await writeFile(broken, '{"auths":');
  expect(await reasonOf(`${host}/acme/x:1`, broken)).toBe('InvalidPullSecret');
  expect(registry.requests).toHaveLength(before);
});

test('credentials of the docker config are those of the host', async () => {
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify({ auths: { [host]: { username: 'u', password: 'p' } } }));
  registry.answer = (response, { headers }) => {
    if (headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else response.writeHead(404).end();
  };
  expect(await reasonOf(`${host}/acme/x:1`, file)).toBe('ImageNotFound');
  expect(await reasonOf(`${host}/acme/x:1`)).toBe('PullUnauthorized');
});

test('a registry that never answers is given up', async () => {
  registry.answer = () => undefined;
  expect(await reasonOf(`${host}/acme/x:1`, undefined, 200)).toBe('RegistryUnavailable');
});
