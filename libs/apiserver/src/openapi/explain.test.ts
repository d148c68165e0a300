import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubectlMissing } from '../conformance/harness.ts';
import { openApiV3Document } from './index.ts';

const groupVersion = 'kasmcloud.io/v1alpha1';
const resource = {
  group: 'kasmcloud.io',
  version: 'v1alpha1',
  kind: 'WasmCloudDistribution',
  plural: 'wasmclouddistributions',
  namespaced: true,
  schema: {
    type: 'object',
    description: 'What to run, how many, and where',
    properties: {
      spec: {
        type: 'object',
        description: 'The wish',
        required: ['replicas'],
        properties: {
          replicas: { type: 'integer', description: 'Over all hosts of all clusters' },
          spread: {
            type: 'array',
            description: 'Outermost first',
            items: {
              type: 'object',
              properties: {
                topologyKey: { type: 'string' },
                weights: { type: 'array', items: { type: 'object', properties: { value: { type: 'string' } } } },
              },
            },
          },
        },
      },
    },
  },
  subresources: ['status'],
  verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'],
};
const { kind, plural, namespaced, verbs } = resource;
const versions = [{ groupVersion, version: 'v1alpha1' }];
const answers: Record<string, unknown> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [{ name: 'kasmcloud.io', versions, preferredVersion: versions[0] }],
  },
  '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources: [] },
  [`/apis/${groupVersion}`]: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: [{ name: plural, singularName: '', shortNames: ['wcd'], kind, namespaced, verbs }],
  },
  '/openapi/v3': { paths: { [`apis/${groupVersion}`]: { serverRelativeURL: `/openapi/v3/apis/${groupVersion}` } } },
  [`/openapi/v3/apis/${groupVersion}`]: openApiV3Document(groupVersion, [resource]),
};

let server: Server;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'explain-'));
  server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { kind: 'Status', code: 404 }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.close();
  rmSync(home, { recursive: true });
});

async function explain(...args: string[]): Promise<string> {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { stdout } = await promisify(execFile)(
    'kubectl',
    ['--server', `http://127.0.0.1:${port}`, 'explain', ...args],
    {
      env: { ...process.env, HOME: home, KUBECONFIG: join(home, 'none') },
      timeout: 15_000,
    },
  );
  return stdout;
}

describe.skipIf(kubectlMissing())('kubectl explains', () => {
  test('a kind', async () => {
    const text = await explain('wcd');
    expect(text).toContain('GROUP:      kasmcloud.io');
    expect(text).toContain('What to run, how many, and where');
    expect(text).toMatch(/metadata\s+<ObjectMeta>/);
    expect(text).toMatch(/spec\s+<Object>/);
  });

  test('a field, with all below it', async () => {
    const text = await explain('wcd.spec.spread', '--recursive');
    expect(text).toContain('FIELD: spread <[]Object>');
    expect(text).toContain('Outermost first');
    expect(text).toMatch(/topologyKey\s+<string>\n\s+weights\s+<\[\]Object>\n\s+value\s+<string>/);
  });

  test('along references', async () => {
    expect(await explain('wcd.metadata.ownerReferences')).toMatch(/uid\s+<string> -required-/);
    expect(await explain('wcd.spec')).toMatch(/replicas\s+<integer> -required-/);
  });
});
