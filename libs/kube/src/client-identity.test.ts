import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtin } from '@kasmcloud/kube-api';
import { json, startScriptedServer, type ScriptedServer } from '@kasmcloud/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import { UnreachableError } from './errors.ts';

const { ConfigMap } = builtin;

let server: ScriptedServer;
let client: KubeClient;
beforeEach(async () => {
  server = await startScriptedServer(json(200, { metadata: { name: 'a', resourceVersion: '1' } }));
  client = new KubeClient({ server: server.url, credentials: { token: 'secret' } }, { timeoutMs: 2_000 });
});
afterEach(async () => {
  await client.close();
  await server.close();
});

describe('identity', () => {
  test('as() acts as another over the same connections', async () => {
    const groups = ['system:authenticated', 'dev'];
    await client.get(ConfigMap, 'a', 'n');
    await client.as({ user: 'jane', groups, uid: '7', extra: { 'scopes.x/y': ['read'] } }).get(ConfigMap, 'a', 'n');
    await client.get(ConfigMap, 'a', 'n');
    const [before, as, after] = server.requests.map((request) => request.headers);
    expect(as).toMatchObject({
      'impersonate-user': 'jane',
      'impersonate-group': 'system:authenticated, dev',
      'impersonate-uid': '7',
      'impersonate-extra-scopes.x%2fy': 'read',
    });
    expect(before).not.toHaveProperty('impersonate-user');
    expect(after).not.toHaveProperty('impersonate-user');
    for (let call = 0; call < 20; call++) await client.get(ConfigMap, 'a', 'n');
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('a user that cannot stand in a header never reaches the server', async () => {
    const evil = client.as({ user: 'a\r\nImpersonate-Group: system:masters' });
    await expect(evil.get(ConfigMap, 'a', 'n')).rejects.toThrow('invalid');
    expect(server.requests).toEqual([]);
  });

  test('a token file is read when needed, and a missing one is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kasm-token-'));
    const tokenFile = join(folder, 'token');
    const projected = new KubeClient({ server: server.url, credentials: { tokenFile } });
    await expect(projected.get(ConfigMap, 'a', 'n')).rejects.toThrow(UnreachableError);
    await writeFile(tokenFile, 'fresh\n');
    await projected.get(ConfigMap, 'a', 'n');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer fresh');
    await projected.close();
    await rm(folder, { recursive: true });
  });

  test('a trusted kubeconfig may get its token from a program', async () => {
    const credential = { kind: 'ExecCredential', status: { token: 'from-program' } };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', `console.log('${JSON.stringify(credential)}')`],
    };
    const plugged = new KubeClient({ server: server.url, credentials: { plugin: { exec } } });
    await plugged.get(ConfigMap, 'a', 'n');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer from-program');
    await plugged.close();
  });
});
