import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtin, WasmCloudActor, type KubeObject } from '@kasmcloud/kube-api';
import { cosignSign, imagePolicy, pushSignatures, simpleSigning, startDockerRegistry } from '@kasmcloud/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../config.ts';
import { eventually, Hosts, image, LATTICE } from '../host.fixture.ts';

// A pull that failed is tried again after 5 s, and 10 s.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const folder = await mkdtemp(join(tmpdir(), 'kasm-signed-images-'));
const file = join(folder, 'policy.json');
const registry = await startDockerRegistry();
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' });
afterAll(async () => {
  await registry?.close();
  await rm(folder, { recursive: true });
});

describe.skipIf(registry === undefined)('a host with an image policy', () => {
  let hosts: Hosts;
  beforeAll(async () => {
    await writeFile(file, JSON.stringify(imagePolicy('release', `${registry?.host}/**`, [pem])));
    hosts = await Hosts.start({
      KASMCLOUD_IMAGE_POLICY_FILE: file,
      KASMCLOUD_OCI_INSECURE: registry?.host ?? '',
    });
  });
  afterAll(() => hosts.close());

  test('runs an actor once its image is signed; its condition, an event and a metric say why not before', async () => {
    if (registry === undefined) return;
    const component = await readFile(join(import.meta.dirname, '../../../../examples/hello/hello.wasm'));
    const digest = await registry.push('acme/hello', '1', component);
    await hosts.actor('hello', { image: `${registry.host}/acme/hello:1` });
    await eventually(async () =>
      expect(await hosts.readyOf(WasmCloudActor, 'hello')).toMatchObject({
        status: 'False',
        reason: 'NotSigned',
        message: expect.stringContaining(`policy release wants ${digest} signed by key-0`) as string,
      }),
    );
    expect(await hosts.metrics[0]?.render()).toContain(
      'image_signature_checks_total{policy="release",verdict="not-signed"}',
    );
    await eventually(async () => {
      const events = await hosts.server.client.list<KubeObject & { readonly reason?: string }>(builtin.Event, {
        namespace: LATTICE,
      });
      expect(events.items.map(({ reason }) => reason)).toContain('NotSigned');
    });
    const payload = simpleSigning(digest);
    const signed = { payload, signature: cosignSign(privateKey, payload) };
    await pushSignatures({ registry, repository: 'acme/hello', digest }, [signed]);
    await eventually(async () => expect((await hosts.readyOf(WasmCloudActor, 'hello'))?.status).toBe('True'), 60_000);
  });

  test('refuses files, which nobody can sign', async () => {
    await hosts.actor('file', { id: 'file', image: image('examples/hello/hello.wasm') });
    await eventually(async () => expect((await hosts.readyOf(WasmCloudActor, 'file'))?.reason).toBe('NotSigned'));
  });
});

test('a policy that cannot be read stops the host before it starts', async () => {
  const broken = join(folder, 'broken.json');
  await writeFile(broken, '{"kind":"List","items":[{}]}');
  expect(() => loadConfig({ KASMCLOUD_IMAGE_POLICY_FILE: broken })).toThrow(
    /KASMCLOUD_IMAGE_POLICY_FILE.*image policy/s,
  );
  expect(() => loadConfig({ KASMCLOUD_IMAGE_POLICY_FILE: join(folder, 'none') })).toThrow('ENOENT');
});
