import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findKubectl } from './kubectl.mjs';
import { find, isAtLeast } from './servers.mjs';

let folder = '';
const program = async (name, output) => {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho '${output}'\n`);
  await chmod(path, 0o755);
  return path;
};
const nats = { name: 'nats-server', variable: 'NATS_SERVER_BIN', oldest: [2, 9], version: /v(\d+)\.(\d+)/ };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kasm-servers-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('versions compare by number', () => {
  expect(isAtLeast([2, 10], [2, 9])).toBe(true);
  expect(isAtLeast([3, 0], [2, 9])).toBe(true);
  expect(isAtLeast([2, 8], [2, 9])).toBe(false);
});

test('the variable decides over PATH', async () => {
  const path = await program('own-nats', 'nats-server: v2.11.0');
  vi.stubEnv('NATS_SERVER_BIN', path);
  expect(await find(nats)).toBe(path);
});

test('a server that is too old is not taken', async () => {
  vi.stubEnv('NATS_SERVER_BIN', await program('old-nats', 'nats-server: v2.7.4'));
  expect(await find(nats)).toBeUndefined();
});

test('kubectl is taken from KUBEBUILDER_ASSETS when it is new enough', async () => {
  const path = await program('kubectl', '{"clientVersion":{"gitVersion":"v1.31.2"}}');
  expect(await findKubectl({ KUBEBUILDER_ASSETS: folder })).toBe(path);
  await program('kubectl', '{"clientVersion":{"gitVersion":"v1.29.9"}}');
  expect(await findKubectl({ KUBEBUILDER_ASSETS: folder })).toBeUndefined();
});
