import { connect } from 'node:tls';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, crontab, crontabPath, crontabs } from './harness.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
  await cluster.ask({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: crontabs,
  });
});
afterAll(() => cluster.close());

const word = fc.oneof(
  fc.constantFrom(
    'api',
    'apis',
    'v1',
    'namespaces',
    'default',
    'configmaps',
    'pods',
    'status',
    'scale',
    'openapi',
    'v3',
    'stable.example.com',
  ),
  fc.constantFrom('crontabs', 'x', '..', '%2e%2e', '%00', '%ff', '__proto__', 'constructor', '*', 'a b'),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
);
const path = fc.array(word, { maxLength: 9 }).map((parts) => `/${parts.join('/').replaceAll(' ', '%20')}`);
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'labelSelector',
        'fieldSelector',
        'limit',
        'continue',
        'resourceVersion',
        'dryRun',
        'fieldManager',
        'includeObject',
        'timeoutSeconds',
        'fieldValidation',
      ),
      fc.string({ maxLength: 20 }).map(encodeURIComponent),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join('&'));
const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD');
const type = fc.constantFrom(
  'application/json',
  'application/yaml',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'application/strategic-merge-patch+json',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
);
const body = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string(),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes])),
  fc.json({ maxDepth: 3 }).map((text) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":${text},"data":${text}}`),
);

const refusal = (code: number): object => ({ kind: 'Status', status: 'Failure', code });

describe('hostile input', () => {
  test('any request is answered, and every refusal is a Status', async () => {
    await fc.assert(
      fc.asyncProperty(method, path, query, type, body, async (verb, where, how, contentType, content) => {
        const hasBody = verb !== 'GET' && verb !== 'HEAD';
        const { code, body: answer } = await cluster.ask({
          method: verb,
          path: `${where}?${how}`,
          ...(hasBody ? { body: content, type: contentType } : {}),
        });
        expect(code).toBeLessThan(500);
        const refused = code >= 400 && verb !== 'HEAD';
        expect(refused ? answer : refusal(code)).toMatchObject(refusal(code));
      }),
      { numRuns: 400 },
    );
    expect((await cluster.ask({ path: '/readyz' })).text).toBe('ok');
  });

  test('any document sent as a custom resource is stored or refused, never half', async () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('POST', 'PATCH', 'PUT'),
        type,
        value,
        value,
        async (verb, contentType, spec, metadata) => {
          const document = { ...crontab('fuzzed'), spec, ...(verb === 'POST' ? { metadata } : {}) };
          const { code } = await cluster.ask({
            method: verb,
            path: verb === 'POST' ? crontabPath : `${crontabPath}/fuzzed?fieldManager=fuzz`,
            type: contentType,
            body: JSON.stringify(document),
          });
          expect(code).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
    expect((await cluster.ask({ path: crontabPath })).code).toBe(200);
  });

  test('depth, size and aliases are bounded', async () => {
    const configMaps = '/api/v1/namespaces/default/configmaps';
    const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"data":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`;
    expect((await cluster.ask({ method: 'POST', path: configMaps, body: deep })).code).toBe(400);
    const large = Buffer.alloc(4 * 1024 * 1024, 'x');
    const refused = await cluster.ask({ method: 'POST', path: configMaps, body: large });
    expect(refused.body).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`),
    ].join('\n');
    expect((await cluster.ask({ method: 'POST', path: configMaps, body: bomb, type: 'application/yaml' })).code).toBe(
      400,
    );
  });

  test('bytes that are no HTTP end the connection, nothing else', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect({ port: cluster.server.port, host: '127.0.0.1', ca: cluster.server.caPem });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
    socket.write('NONSENSE\r\n\r\n');
    expect(await promise).toContain('400 Bad Request');
    expect((await cluster.ask({ path: '/readyz' })).code).toBe(200);
  });
});
