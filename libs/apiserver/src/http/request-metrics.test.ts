import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from 'node:https';
import { startApiServer, type RunningApiServer } from '../api-server.ts';

let server: RunningApiServer;
beforeAll(async () => {
  server = await startApiServer({ controllers: [] });
});
afterAll(() => server.close());

async function ask(method: string, path: string, body?: object, type = 'application/json', token = server.adminToken) {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | undefined; text: string }>();
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const sent = request(`${server.url}${path}`, { method, headers, ca: server.caPem, agent: false }, (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString()));
    response.on('end', () => resolve({ code: response.statusCode, text }));
  });
  sent.on('error', reject);
  sent.end(body && JSON.stringify(body));
  return promise;
}

const told = async (labels: string): Promise<number> => {
  const { text } = await ask('GET', '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`apiserver_request_total{${labels}} `));
  return Number(line?.split(' ').at(-1) ?? 0);
};

const maps = '/api/v1/namespaces/default/configmaps';
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
const labels = (verb: string, code: number): string =>
  `code="${code}",group="",resource="configmaps",subresource="",verb="${verb}",version="v1"`;

test('writes and reads are counted by verb, resource and answer', async () => {
  await ask('POST', maps, map);
  await ask('POST', maps, map);
  await ask('PATCH', `${maps}/a?fieldManager=t`, map, 'application/apply-patch+yaml');
  await ask('PATCH', `${maps}/a`, { data: { k: 'v' } }, 'application/merge-patch+json');
  await ask('GET', maps);
  expect(await told(labels('POST', 201))).toBe(1);
  expect(await told(labels('POST', 409))).toBe(1);
  expect(await told(labels('APPLY', 200))).toBe(1);
  expect(await told(labels('PATCH', 200))).toBe(1);
  expect(await told(labels('LIST', 200))).toBe(1);
});

test('only those who may read the metrics get them', async () => {
  expect((await ask('GET', '/metrics', undefined, undefined, 'nobody')).code).toBe(401);
});

test('paths of a client cannot add lines of their own', async () => {
  await ask('GET', '/api/v1/na%22me%0Ax');
  const { text } = await ask('GET', '/metrics');
  expect(text.split('\n').filter((line) => !/^(#|apiserver_request_total\{[^\n]*\} \d+$|$)/.test(line))).toEqual([]);
  expect(text).not.toContain('na"me');
});
