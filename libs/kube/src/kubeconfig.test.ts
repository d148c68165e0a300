import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubeconfigError, loadKubeconfig, UnsafeKubeconfigError } from './kubeconfig.ts';

const pem = (what: string): string => `-----BEGIN ${what}-----\nAAAA\n-----END ${what}-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function kubeconfig(cluster: object, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
  });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-kubeconfig-'));
});
afterAll(async () => rm(folder, { recursive: true }));

test('a token, the authority, the server name and the namespace are read', () => {
  const ca = pem('CERTIFICATE');
  const text = kubeconfig({ 'certificate-authority-data': base64(ca), 'tls-server-name': 'api' }, { token: 't' });
  expect(loadKubeconfig({ text, untrusted: true })).toEqual({
    server: 'https://10.0.0.1:6443',
    ca,
    serverName: 'api',
    namespace: 'shop',
    credentials: { token: 't' },
  });
});

test('files are read relative to the kubeconfig', async () => {
  await writeFile(join(folder, 'ca.pem'), pem('CERTIFICATE'));
  await writeFile(join(folder, 'cert.pem'), pem('CERTIFICATE'));
  await writeFile(join(folder, 'key.pem'), pem('PRIVATE KEY'));
  const user = { 'client-certificate': 'cert.pem', 'client-key': 'key.pem', tokenFile: 'token' };
  const file = join(folder, 'config');
  await writeFile(file, kubeconfig({ 'certificate-authority': 'ca.pem' }, user));
  expect(loadKubeconfig({ file })).toMatchObject({
    ca: pem('CERTIFICATE'),
    credentials: {
      certificate: { cert: pem('CERTIFICATE'), key: pem('PRIVATE KEY') },
      tokenFile: join(folder, 'token'),
    },
  });
});

test('a trusted kubeconfig may run a program, skip TLS checks and act as another', () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'get-token' };
  const text = kubeconfig({ 'insecure-skip-tls-verify': true }, { exec, as: 'jane' });
  expect(loadKubeconfig({ text })).toMatchObject({
    skipTlsVerify: true,
    credentials: { plugin: { exec } },
    impersonate: { user: 'jane' },
  });
});

describe('an untrusted kubeconfig is refused, and the field named, when it', () => {
  test.for([
    { does: 'runs a program', user: { exec: { command: 'sh' } }, field: 'users[0].user.exec' },
    { does: 'uses a provider', user: { 'auth-provider': { name: 'oidc' } }, field: 'users[0].user.auth-provider' },
    { does: 'reads a token file', user: { tokenFile: '/token' }, field: 'users[0].user.tokenFile' },
    { does: 'reads a token-file', user: { 'token-file': '/token' }, field: 'users[0].user.token-file' },
    { does: 'reads a key', user: { 'client-key': '/key' }, field: 'users[0].user.client-key' },
    { does: 'reads a certificate', user: { 'client-certificate': '/c' }, field: 'users[0].user.client-certificate' },
    {
      does: 'reads a CA',
      cluster: { 'certificate-authority': '/ca' },
      field: 'clusters[0].cluster.certificate-authority',
    },
    {
      does: 'skips TLS',
      cluster: { 'insecure-skip-tls-verify': true },
      field: 'clusters[0].cluster.insecure-skip-tls-verify',
    },
    {
      does: 'skips TLS by another spelling',
      cluster: { 'insecure-skip-tls-verify': 'true' },
      field: 'clusters[0].cluster.insecure-skip-tls-verify',
    },
    { does: 'uses a proxy', cluster: { 'proxy-url': 'http://proxy' }, field: 'clusters[0].cluster.proxy-url' },
    { does: 'says something nobody knows', user: { 'run-this': 'x' }, field: 'users[0].user.run-this' },
  ])('$does', ({ cluster = {}, user = {}, field }) => {
    const load = (): unknown => loadKubeconfig({ text: kubeconfig(cluster, user), untrusted: true });
    expect(load).toThrow(UnsafeKubeconfigError);
    expect(load).toThrow(field);
  });

  test('does so in an entry that its context does not use', () => {
    const config = JSON.parse(kubeconfig({}, { token: 't' })) as { users: object[] };
    config.users.push({ name: 'other', user: { exec: { command: 'sh' } } });
    const load = (): unknown => loadKubeconfig({ text: JSON.stringify(config), untrusted: true });
    expect(load).toThrow('users[1].user.exec');
  });

  test('is far too long', () => {
    expect(() => loadKubeconfig({ text: `#${'x'.repeat(2_000_000)}`, untrusted: true })).toThrow(UnsafeKubeconfigError);
  });
});

describe('what is no kubeconfig is refused with the field that is wrong', () => {
  const whole = JSON.parse(kubeconfig({}, { token: 't' })) as Record<string, unknown>;
  test.for([
    { name: 'not YAML', text: '{{{', want: 'neither YAML nor JSON' },
    { name: 'a list', text: '[]', want: 'is not an object' },
    { name: 'no current context', config: { 'current-context': undefined }, want: 'current-context: is missing' },
    { name: 'an unknown context', config: { 'current-context': 'x' }, want: 'contexts: has no entry named "x"' },
    { name: 'clusters that are no list', config: { clusters: {} }, want: 'clusters: must be a list' },
    { name: 'no cluster of that name', config: { clusters: [] }, want: 'clusters: has no entry named "c"' },
    {
      name: 'a server that is no URL',
      config: { clusters: [{ name: 'c', cluster: { server: 'file:///etc/passwd' } }] },
      want: 'clusters[0].cluster.server: must be an http or https URL',
    },
    {
      name: 'a CA that is no PEM',
      config: { clusters: [{ name: 'c', cluster: { server: 'https://a', 'certificate-authority-data': 'AAAA' } }] },
      want: 'clusters[0].cluster.certificate-authority-data: does not hold PEM',
    },
    {
      name: 'a certificate without its key',
      config: { users: [{ name: 'u', user: { 'client-certificate-data': base64(pem('CERTIFICATE')) } }] },
      want: 'client-certificate and client-key must come together',
    },
    {
      name: 'a token that is a number',
      config: { users: [{ name: 'u', user: { token: 1 } }] },
      want: 'users[0].user.token: must be a string',
    },
  ])('$name', ({ text, config, want }) => {
    const load = (): unknown => loadKubeconfig({ text: text ?? JSON.stringify({ ...whole, ...config }) });
    expect(load).toThrow(KubeconfigError);
    expect(load).toThrow(want);
  });

  test('a file that is not there', () => {
    expect(() => loadKubeconfig({ file: join(folder, 'none') })).toThrow('cannot be read');
  });

  test('a process that runs in no Pod', () => {
    expect(() => loadKubeconfig({ inCluster: true })).toThrow('KUBERNETES_SERVICE_HOST');
  });
});
