import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@kasmcloud/observe';
import { json, registryUser, startDockerRegistry, startScriptedServer, type Answer } from '@kasmcloud/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { digestOf } from './blob-cache.ts';
import type { CredentialEntry } from './credentials.ts';
import { OciImages, type OciImage, type OciImagesOptions } from './images.ts';

const folder = await mkdtemp(join(tmpdir(), 'kasm-oci-'));
const registry = await startDockerRegistry();
const closed = await startDockerRegistry({ users: true });
const scripted = await startScriptedServer(json(404, {}));
const liar = scripted.url.replace('http://', '');
afterAll(async () => {
  await Promise.all([registry?.close(), closed?.close(), scripted.close()]);
  await rm(folder, { recursive: true });
});

const host = registry?.host ?? '';
const component = Buffer.alloc(300_000, 'component');
let folders = 0;

function images(options: Partial<OciImagesOptions> = {}): OciImages {
  folders += 1;
  return new OciImages({
    folder: join(folder, String(folders)),
    cacheBytes: 10_000_000,
    maxImageBytes: 1_000_000,
    insecure: [host, closed?.host ?? '', liar],
    allowLatest: false,
    mirrors: {},
    logger: silentLogger,
    answerMs: 5_000,
    stallMs: 5_000,
    ...options,
  });
}

const pull = (
  from: OciImages,
  reference: string,
  credentials: readonly CredentialEntry[] = [],
  owner = 'shop',
): Promise<OciImage> => from.pull(reference, { owner, credentials, signal: AbortSignal.timeout(20_000) });

describe.skipIf(registry === undefined || closed === undefined)('docker-registry (Debian package of that name)', () => {
  test.for([
    'application/wasm',
    'application/vnd.module.wasm.content.layer.v1+wasm',
    'application/vnd.oci.image.layer.v1.tar',
  ])('a component in a layer of type %s is pulled by tag and by digest', async (mediaType) => {
    const manifest = await registry?.push('acme/hello', '1', component, mediaType);
    const from = images();
    const byTag = await pull(from, `${host}/acme/hello:1`);
    expect(byTag).toMatchObject({ digest: digestOf(component), manifestDigest: manifest, isStale: false });
    expect(Buffer.compare(byTag.bytes, component)).toBe(0);
    expect(await pull(images(), `oci://${host}/acme/hello@${manifest}`)).toMatchObject({ digest: digestOf(component) });
  });

  test('a moved tag is followed; without its registry the last one is used, by the same owner only', async () => {
    const from = images({ answerMs: 1_000 });
    await registry?.push('acme/moved', '1', Buffer.from('old'));
    await pull(from, `${host}/acme/moved:1`);
    const manifest = await registry?.push('acme/moved', '1', Buffer.from('new'));
    expect(Buffer.from((await pull(from, `${host}/acme/moved:1`)).bytes).toString()).toBe('new');
    await pull(from, `${host}/acme/moved@${manifest}`);
    await registry?.stop();
    expect(await pull(from, `${host}/acme/moved:1`)).toMatchObject({
      digest: digestOf(Buffer.from('new')),
      isStale: true,
    });
    expect(await pull(from, `${host}/acme/moved@${manifest}`)).toMatchObject({ isStale: false });
    await expect(pull(from, `${host}/acme/moved:1`, [], 'other')).rejects.toMatchObject({ reason: 'Unreachable' });
    await expect(pull(from, `${host}/acme/moved@${manifest}`, [], 'other')).rejects.toMatchObject({
      reason: 'Unreachable',
    });
    await registry?.restart();
  });

  test('where a tag leads is written when it is new alone', async () => {
    const own = join(folder, 'written-once');
    const from = images({ folder: own });
    const written = async (): Promise<number[]> => {
      const names = await readdir(join(own, 'references'));
      return Promise.all(names.map(async (name) => (await stat(join(own, 'references', name))).ino));
    };
    await registry?.push('acme/steady', '1', Buffer.from('first'));
    await pull(from, `${host}/acme/steady:1`);
    const first = await written();
    expect(first).toHaveLength(1);
    await pull(from, `${host}/acme/steady:1`);
    expect(await written()).toEqual(first);
    await registry?.push('acme/steady', '1', Buffer.from('second'));
    await pull(from, `${host}/acme/steady:1`);
    expect(await written()).not.toEqual(first);
  });

  test('what is missing, too large, not wasm or :latest is refused by name', async () => {
    await registry?.push('acme/large', '1', Buffer.alloc(2_000_000));
    await registry?.push('acme/text', '1', Buffer.from('x'), 'text/plain');
    await registry?.push('acme/text', 'latest', Buffer.from('x'));
    const from = images();
    const reasonOf = (reference: string): Promise<unknown> =>
      pull(from, reference).catch((error: { reason: unknown }) => error.reason);
    expect(await reasonOf(`${host}/acme/nothing:1`)).toBe('NotFound');
    expect(await reasonOf(`${host}/acme/large:1`)).toBe('TooLarge');
    expect(await reasonOf(`${host}/acme/text:1`)).toBe('WrongArtifact');
    expect(await reasonOf(`${host}/acme/text`)).toBe('Refused');
    expect(await pull(images({ allowLatest: true }), `${host}/acme/text`)).toMatchObject({ isStale: false });
  });

  test('a registry that asks who pulls is told by the credentials for it, and only then', async () => {
    await closed?.push('team/hello', '1', component);
    const reference = `${closed?.host}/team/hello:1`;
    const { username, password } = registryUser;
    const credentials = { kind: 'basic', username, password } as const;
    const entry = { host: closed?.host ?? '', path: 'team', credentials };
    expect(await pull(images(), reference, [entry])).toMatchObject({ digest: digestOf(component) });
    for (const wrong of [
      [],
      [{ ...entry, path: 'other' }],
      [{ ...entry, credentials: { ...credentials, password: 'x' } }],
    ]) {
      await expect(pull(images(), reference, wrong)).rejects.toMatchObject({ reason: 'Unauthorized' });
    }
  });

  test('a mirror is asked first, and passed over when it has nothing', async () => {
    await registry?.push('mirror/acme/far', '1', component);
    await registry?.push('acme/near', '1', component);
    scripted.answer = json(404, {});
    const mirrors = { 'far.test': [`${host}/mirror`], [host]: [liar] };
    expect(await pull(images({ mirrors }), 'far.test/acme/far:1')).toMatchObject({ digest: digestOf(component) });
    expect(await pull(images({ mirrors }), `${host}/acme/near:1`)).toMatchObject({ digest: digestOf(component) });
  });

  test('many who want one component at once are served by one download', async () => {
    await registry?.push('acme/shared', '1', component);
    const from = images();
    const pulled = await Promise.all(Array.from({ length: 20 }, () => pull(from, `${host}/acme/shared:1`)));
    expect(new Set(pulled.map(({ digest }) => digest))).toEqual(new Set([digestOf(component)]));
  });
});

/** A registry with one image, whose blob is answered as the test says. */
const withBlob =
  (layer: object, blob: Answer): Answer =>
  (response, request) => {
    if (request.url.includes('/blobs/')) return blob(response, request);
    return json(200, { schemaVersion: 2, layers: [layer] })(response, request);
  };
const layer = { mediaType: 'application/wasm', digest: digestOf(component), size: component.length };

describe('a registry that errs or lies', () => {
  test('a download that breaks off goes on where it was', async () => {
    const ranges: (string | undefined)[] = [];
    scripted.answer = withBlob(layer, (response, { headers }) => {
      ranges.push(headers.range);
      const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      const head = { 'content-length': component.length - from, 'content-range': `bytes ${from}-*/*` };
      response.writeHead(from === 0 ? 200 : 206, head);
      // 120,000 bytes, and then the connection breaks.
      response.write(component.subarray(from, from + 120_000), () => setTimeout(() => response.destroy(), 50));
    });
    const image = await pull(images(), `${liar}/a/b:1`);
    expect(Buffer.compare(image.bytes, component)).toBe(0);
    expect(ranges.length).toBeGreaterThan(2);
    expect(ranges.some((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
  });

  test('what an earlier process left is gone on with, and thrown away when it was another blob', async () => {
    let broken = true;
    let other = true;
    scripted.answer = withBlob(layer, (response, { headers }) => {
      const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      const bytes = other ? Buffer.alloc(component.length, 'other') : component;
      response.writeHead(from === 0 ? 200 : 206, { 'content-range': `bytes ${from}-*/*` });
      if (broken) response.write(bytes.subarray(from, from + 1_000), () => response.destroy());
      else response.end(bytes.subarray(from));
    });
    const options = { folder: join(folder, 'resumed') };
    await expect(pull(images(options), `${liar}/a/b:1`)).rejects.toMatchObject({ reason: 'Unreachable' });
    expect(await readdir(join(folder, 'resumed', 'partial'))).toHaveLength(1);
    broken = false;
    other = false;
    const image = await pull(images(options), `${liar}/a/b:1`);
    expect(Buffer.compare(image.bytes, component)).toBe(0);
  });

  test.for<{ name: string; layer: object; blob: Answer; reason: string }>([
    {
      name: 'other bytes than its digest says',
      layer,
      blob: (response) => void response.end(Buffer.alloc(component.length)),
      reason: 'DigestMismatch',
    },
    {
      name: 'more bytes than it told',
      layer: { ...layer, size: 10 },
      blob: (response) => void response.end(component),
      reason: 'DigestMismatch',
    },
    { name: 'fewer bytes than it told', layer, blob: (response) => void response.end('x'), reason: 'Unreachable' },
    {
      name: 'bytes that stop coming',
      layer,
      blob: (response) => void response.write('x'),
      reason: 'Unreachable',
    },
    {
      name: 'a way from one host to the next without end',
      layer,
      blob: (response, { url }) => void response.writeHead(307, { location: url }).end(),
      reason: 'Unreachable',
    },
  ])('$name: $reason', async ({ layer: told, blob, reason }) => {
    scripted.answer = withBlob(told, blob);
    await expect(pull(images({ stallMs: 100 }), `${liar}/a/b:1`)).rejects.toMatchObject({ reason });
  });

  test('a manifest that is not what its digest says, or without end, is refused', async () => {
    scripted.answer = json(200, { layers: [layer] });
    const pinned = `${liar}/a/b@sha256:${'0'.repeat(64)}`;
    await expect(pull(images(), pinned)).rejects.toMatchObject({ reason: 'DigestMismatch' });
    scripted.answer = (response) => void response.end(Buffer.alloc(5 * 2 ** 20));
    await expect(pull(images(), `${liar}/a/b:1`)).rejects.toMatchObject({ reason: 'TooLarge' });
    scripted.answer = (response) => void response.writeHead(503).end();
    await expect(pull(images(), `${liar}/a/b:1`)).rejects.toMatchObject({ reason: 'Unreachable' });
  });

  test('an index leads to the manifest for wasm', async () => {
    const manifest = Buffer.from(JSON.stringify({ layers: [layer] }));
    const entry = { mediaType: 'x', digest: digestOf(manifest), size: manifest.length };
    const wasm = { ...entry, platform: { architecture: 'wasm' } };
    const other = { ...entry, digest: `sha256:${'1'.repeat(64)}`, platform: { architecture: 'amd64' } };
    scripted.answer = (response, request) => {
      if (request.url.includes('/blobs/')) return void response.end(component);
      if (request.url.endsWith(entry.digest)) return void response.end(manifest);
      return json(200, { manifests: [other, wasm] })(response, request);
    };
    expect(await pull(images(), `${liar}/a/b:1`)).toMatchObject({ manifestDigest: entry.digest });
  });
});

describe('a Bearer challenge', () => {
  const answerWith =
    (tokens: Answer): Answer =>
    (response, request) => {
      if (request.url.startsWith('/token')) return tokens(response, request);
      if (request.headers.authorization !== 'Bearer right') {
        const challenge = `Bearer realm="${scripted.url}/token",service="s",scope="repository:a/b:pull"`;
        return void response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
      return withBlob(layer, (blob) => void blob.end(component))(response, request);
    };
  const basic = { host: liar, path: '', credentials: { kind: 'basic', username: 'u', password: 'p' } } as const;
  const identity = { host: liar, path: '', credentials: { kind: 'identity', token: 'refresh' } } as const;

  test('is met with the credentials of the registry, once for both requests', async () => {
    scripted.answer = answerWith(json(200, { token: 'right', expires_in: 300 }));
    const before = scripted.requests.length;
    await pull(images(), `${liar}/a/b:1`, [basic]);
    const asked = scripted.requests.slice(before).filter(({ url }) => url.startsWith('/token'));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe('/token?service=s&scope=repository%3Aa%2Fb%3Apull');
    expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
  });

  test('is met with an identity token by OAuth2', async () => {
    scripted.answer = answerWith(json(200, { access_token: 'right' }));
    const before = scripted.requests.length;
    await pull(images(), `${liar}/a/b:1`, [identity]);
    const asked = scripted.requests.slice(before).find(({ url }) => url.startsWith('/token'));
    expect(asked?.method).toBe('POST');
    expect(String(asked?.body)).toContain('grant_type=refresh_token&refresh_token=refresh');
  });

  test.for<[string, Answer]>([
    ['a realm that refuses', json(403, {})],
    ['a realm without a token', json(200, { nothing: 1 })],
    ['a token that is of no use', json(200, { token: 'wrong' })],
    ['a realm that leads elsewhere', (response) => void response.writeHead(302, { location: '/x' }).end()],
  ])('%s is told', async ([, tokens]) => {
    scripted.answer = answerWith(tokens);
    await expect(pull(images(), `${liar}/a/b:1`, [basic])).rejects.toMatchObject({ name: 'OciError' });
  });
});
