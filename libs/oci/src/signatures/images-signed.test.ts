import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@kasmcloud/observe';
import {
  cosignSign,
  imagePolicy,
  json,
  pushBundles,
  pushSignatures,
  signatureBundle,
  simpleSigning,
  startDockerRegistry,
  startScriptedServer,
  type SignedImage,
} from '@kasmcloud/testing';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { OciImages, type OciImage } from '../images.ts';
import { providerArtifact } from '../artifact.ts';
import { parsePolicies } from './policy.ts';
import type { SignatureOptions, Verdict } from './verifier.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = await mkdtemp(join(tmpdir(), 'kasm-signed-'));
const registry = await startDockerRegistry();
const scripted = await startScriptedServer(json(404, {}));
const liar = new URL(scripted.url).host;
afterAll(async () => {
  await Promise.all([registry?.close(), scripted.close()]);
  await rm(folder, { recursive: true });
});

const host = registry?.host ?? '';
const pair = (type: 'ec' | 'ed25519' | 'rsa'): { pem: string; key: KeyObject } => {
  const { publicKey, privateKey } = generateKeyPairSync(
    type as 'ec',
    { namedCurve: 'P-256', modulusLength: 2_048 } as {
      namedCurve: string;
    },
  );
  return { pem: publicKey.export({ type: 'spki', format: 'pem' }), key: privateKey };
};
const release = pair('ec');
const other = pair('ec');
const verdicts: [string, Verdict][] = [];
let count = 0;

interface Wishes {
  readonly policies?: readonly object[];
  readonly noMatch?: SignatureOptions['noMatch'];
  readonly at?: string;
  readonly mirrors?: Record<string, readonly string[]>;
}

/** Images whose policy wants the release key for all of this registry, with a cache of their own or that of `at`. */
const images = ({ policies, noMatch = 'deny', at, mirrors = {} }: Wishes = {}): OciImages => {
  count += 1;
  const items = policies ?? [imagePolicy('release', `${host}/**`, [release.pem])];
  return new OciImages({
    folder: join(folder, at ?? String(count)),
    cacheBytes: 10_000_000,
    maxImageBytes: 1_000_000,
    insecure: [host, liar],
    allowLatest: false,
    mirrors,
    signatures: {
      policies: parsePolicies(JSON.stringify({ kind: 'List', items })),
      noMatch,
      onVerdict: (...verdict) => verdicts.push(verdict),
    },
    logger: silentLogger,
    answerMs: 2_000,
  });
};

const pull = (from: OciImages, reference: string): Promise<OciImage> =>
  from.pull(reference, { owner: 'shop', credentials: [], signal: AbortSignal.timeout(50_000) });

/** A new image under tag 1. */
const push = async (name: string): Promise<SignedImage & { reference: string }> => {
  if (registry === undefined) throw new Error('docker-registry is not installed');
  const repository = `acme/${name}`;
  const digest = await registry.push(repository, '1', Buffer.from(`component ${name}`));
  return { registry, repository, digest, reference: `${host}/${repository}:1` };
};

const signed = (key: KeyObject, digest: string, type?: string) => {
  const payload = simpleSigning(digest, type);
  return { payload, signature: cosignSign(key, payload) };
};

describe.skipIf(registry === undefined)('an image of a real registry', () => {
  test.for(['ec', 'rsa', 'ed25519'] as const)(
    'signed with a key of type %s is pulled, by tag and by digest',
    async (type) => {
      const { pem, key } = pair(type);
      const policies = [imagePolicy('p', `${host}/**`, [other.pem, pem])];
      const image = await push(`signed-${type}`);
      await pushSignatures(image, [signed(key, image.digest)]);
      expect(await pull(images({ policies }), image.reference)).toMatchObject({ manifestDigest: image.digest });
      await pull(images({ policies }), `${host}/${image.repository}@${image.digest}`);
      const bundled = await push(`bundled-${type}`);
      await pushBundles(bundled, [signatureBundle(other.key, bundled.digest), signatureBundle(key, bundled.digest)]);
      expect(await pull(images({ policies }), bundled.reference)).toMatchObject({ manifestDigest: bundled.digest });
    },
  );

  test('without a signature is NotSigned, and told with policy and key', async () => {
    const image = await push('plain');
    const error = await pull(images(), image.reference).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: 'NotSigned', mayPass: true });
    expect(String(error)).toMatch(
      new RegExp(
        `${image.reference}: policy release wants ${image.digest} signed by key-0 \\(key sha256:[0-9a-f]{16}…\\)`,
      ),
    );
    expect(verdicts).toContainEqual(['release', 'not-signed']);
    await pushSignatures(image, [signed(release.key, image.digest)]);
    await pull(images(), image.reference);
  });

  test.for([
    ['by another key', (digest: string) => [signed(other.key, digest)], 'it is by another key'],
    ['of another image', () => [signed(release.key, `sha256:${'b'.repeat(64)}`)], 'it is of sha256:bbb'],
    ['of another type', (digest: string) => [signed(release.key, digest, 'a note')], 'its type is "a note"'],
    [
      'over another payload',
      (digest: string) => [
        {
          payload: simpleSigning(digest),
          signature: cosignSign(release.key, simpleSigning(`sha256:${'c'.repeat(64)}`)),
        },
      ],
      'it is by another key',
    ],
    ['that is none', (digest: string) => [{ payload: simpleSigning(digest), signature: '%%' }], 'is no base64'],
    ['that is empty', () => [{ payload: Buffer.from('{}'), signature: 'AAAA' }], 'cannot be read'],
    ['that is huge', () => [{ payload: Buffer.alloc(300_000, ' '), signature: 'AAAA' }], 'too large'],
  ] as const)('with a signature %s is SignatureInvalid', async ([, make, why], { task }) => {
    const image = await push(`invalid-${task.id.replaceAll('_', '-').toLowerCase()}`);
    await pushSignatures(image, make(image.digest));
    const error = await pull(images(), image.reference).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: 'SignatureInvalid' });
    expect(String(error)).toContain(why);
  });

  test('an attestation by the right key is no signature', async () => {
    const image = await push('attested');
    await pushBundles(image, [signatureBundle(release.key, image.digest, 'https://slsa.dev/provenance/v1')]);
    await expect(pull(images(), image.reference)).rejects.toThrow('not that it signs');
  });

  test('of many signatures so many are looked at and no more', async () => {
    const image = await push('many');
    const junk = Array.from({ length: 49 }, () => signed(other.key, image.digest));
    await pushSignatures(image, [...junk, signed(release.key, image.digest)]);
    await pull(images(), image.reference);
    await pushSignatures(image, [...junk, ...junk, signed(release.key, image.digest)]);
    await expect(pull(images(), image.reference)).rejects.toThrow('no more than 50 of a form are looked at');
  });

  test('has to satisfy every policy about it; one that only warns lets it pass', async () => {
    const image = await push('twice');
    await pushSignatures(image, [signed(release.key, image.digest)]);
    const [both, warning] = ['enforce', 'warn'].map((mode) => [
      imagePolicy('release', `${host}/**`, [release.pem]),
      imagePolicy('audit', `${host}/acme/*`, [other.pem], mode),
    ]);
    await expect(pull(images({ policies: both ?? [] }), image.reference)).rejects.toMatchObject({
      reason: 'SignatureInvalid',
      message: expect.stringContaining('policy audit') as string,
    });
    await pull(images({ policies: warning ?? [] }), image.reference);
    expect(verdicts).toContainEqual(['audit', 'invalid']);
  });

  test('that no policy is about is refused or not, as is said', async () => {
    const image = await push('unmatched');
    const policies = [imagePolicy('p', 'elsewhere.test/**', [release.pem])];
    await expect(pull(images({ policies }), image.reference)).rejects.toMatchObject({ reason: 'NotSigned' });
    await pull(images({ policies, noMatch: 'allow' }), image.reference);
  });

  test('a provider archive is held to the same', async () => {
    if (registry === undefined) return;
    const type = 'application/vnd.wasmcloud.provider.archive.layer.v1+par';
    const repository = 'acme/provider';
    const digest = await registry.push(repository, '1', Buffer.from('archive'), type);
    const pullArchive = (): Promise<OciImage> =>
      images().pull(`${host}/${repository}:1`, {
        owner: 'shop',
        credentials: [],
        artifact: providerArtifact('x64'),
        signal: AbortSignal.timeout(50_000),
      });
    await expect(pullArchive()).rejects.toMatchObject({ reason: 'NotSigned' });
    await pushSignatures({ registry, repository, digest }, [signed(release.key, digest)]);
    expect(await pullArchive()).toMatchObject({ manifestDigest: digest });
  });

  test('through an index, the index is what is signed', async () => {
    const image = await push('indexed');
    const type = 'application/vnd.oci.image.index.v1+json';
    const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: image.digest, size: 1 };
    const index = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [entry] });
    const digest = (await registry?.pushManifest(image.repository, 'index', type, index)) ?? '';
    const reference = `${host}/${image.repository}:index`;
    await expect(pull(images(), reference)).rejects.toMatchObject({ reason: 'NotSigned' });
    await pushSignatures({ ...image, digest }, [signed(release.key, digest)]);
    const at = 'indexed';
    expect(await pull(images({ at }), reference)).toMatchObject({ manifestDigest: image.digest });
    // By the note of it on disk.
    await pull(images({ at }), `${host}/${image.repository}@${digest}`);
  });

  test('what is on disk is held to the policy of now; a good verdict needs no registry', async () => {
    const image = await push('kept');
    const byDigest = `${host}/${image.repository}@${image.digest}`;
    const at = 'kept';
    const free = { at, policies: [], noMatch: 'allow' } as const;
    await pull(images(free), image.reference);
    await pull(images(free), byDigest);
    // It is in the cache, and nobody has signed it.
    for (const reference of [image.reference, byDigest]) {
      await expect(pull(images({ at }), reference)).rejects.toMatchObject({ reason: 'NotSigned' });
    }
    await pushSignatures(image, [signed(release.key, image.digest)]);
    await pull(images({ at }), image.reference);
    await registry?.stop();
    expect(await pull(images({ at }), image.reference)).toMatchObject({ isStale: true });
    expect(await pull(images({ at }), byDigest)).toMatchObject({ manifestDigest: image.digest });
    // Another key, another verdict: it cannot be known without the registry.
    const policies = [imagePolicy('release', `${host}/**`, [other.pem])];
    for (const reference of [image.reference, byDigest]) {
      await expect(pull(images({ at, policies }), reference)).rejects.toMatchObject({ reason: 'Unreachable' });
    }
    await registry?.restart();
  });

  test('a mirror is held to the policy of what it stands for, and its signatures are its own', async () => {
    const image = await push('mirrored');
    const policies = [imagePolicy('far', 'far.test/**', [release.pem])];
    const wishes = { policies, mirrors: { 'far.test': [host] } };
    const reference = `far.test/${image.repository}:1`;
    await expect(pull(images(wishes), reference)).rejects.toMatchObject({ name: 'OciError' });
    await pushSignatures(image, [signed(release.key, image.digest)]);
    expect(await pull(images(wishes), reference)).toMatchObject({ manifestDigest: image.digest });
  });
});

describe('a registry that lies', () => {
  const policies = [imagePolicy('p', `${liar}/**`, [release.pem])];
  const layer = { mediaType: 'application/wasm', digest: `sha256:${'d'.repeat(64)}`, size: 3 };
  const manifest = JSON.stringify({ schemaVersion: 2, layers: [layer] });
  const asked = (signatures: string): void => {
    scripted.answer = (response, { url: path }) => {
      if (path.endsWith('/manifests/1')) response.end(manifest);
      else if (path.endsWith('.sig')) response.end(signatures);
      else response.writeHead(404).end();
    };
  };

  test.for([
    ['sends a signature manifest without end', 'x'.repeat(5 * 2 ** 20), 'too large'],
    ['sends one that is no JSON', '<html>', 'its manifest cannot be read'],
    [
      'names a payload that is not there',
      JSON.stringify({
        layers: [
          {
            ...layer,
            mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
            digest: `sha256:${'e'.repeat(64)}`,
          },
        ],
      }),
      'is not there',
    ],
  ] as const)('when it %s, nothing is pulled', async ([, signatures, why]) => {
    asked(signatures);
    await expect(pull(images({ policies }), `${liar}/acme/x:1`)).rejects.toMatchObject({
      reason: 'SignatureInvalid',
      message: expect.stringContaining(why) as string,
    });
    expect(scripted.requests.some(({ url: path }) => path.includes(layer.digest) && path.includes('wasm'))).toBe(false);
  });

  test('when it fails, the image is not called unsigned', async () => {
    scripted.answer = (response, { url: path }) => {
      if (path.endsWith('/manifests/1')) response.end(manifest);
      else response.writeHead(500).end();
    };
    await expect(pull(images({ policies }), `${liar}/acme/x:1`)).rejects.toMatchObject({ reason: 'Unreachable' });
  });
});
