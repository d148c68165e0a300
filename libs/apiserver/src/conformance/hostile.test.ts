import { connect } from 'node:tls';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { corpus } from './corpus.ts';
import { faultOf, fuzz } from './fuzz.ts';
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

const seed = 20_260_101;
const runs = 2000;

describe('hostile input', () => {
  test('every request of the corpus is answered as it is', async () => {
    for (const { method, path, type, body } of corpus) {
      const asked = { method, path, ...(method === 'GET' ? {} : { type, body: JSON.stringify(body) }) };
      expect(faultOf(asked, await cluster.ask(asked))).toBeUndefined();
    }
  });

  test('any request is answered, and every refusal is a Status', { timeout: 120_000 }, async () => {
    const target = await TestCluster.start();
    await fuzz(target, runs, seed);
    expect((await target.ask({ path: '/readyz' })).text).toBe('ok');
    await target.close();
  });

  test('any document sent as a custom resource is stored or refused, never half', async () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('POST', 'PATCH', 'PUT'),
        fc.constantFrom(
          'application/json',
          'application/yaml',
          'application/merge-patch+json',
          'application/apply-patch+yaml',
        ),
        value,
        value,
        async (verb, contentType, spec, metadata) => {
          const document = { ...crontab('fuzzed'), spec, ...(verb === 'POST' ? { metadata } : {}) };
          const asked = {
            method: verb,
            path: verb === 'POST' ? crontabPath : `${crontabPath}/fuzzed?fieldManager=fuzz`,
            type: contentType,
            body: JSON.stringify(document),
          };
          expect(faultOf(asked, await cluster.ask(asked))).toBeUndefined();
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
