import { once } from 'node:events';
import { type Socket, connect as openTcp } from 'node:net';
import { type TLSSocket, connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestCluster } from './harness.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await TestCluster.start({ requestTimeouts: { headersMs: 500, requestMs: 1000 } });
});
afterEach(() => cluster.close());

const configMaps = '/api/v1/namespaces/default/configmaps';

async function open({ server }: TestCluster = cluster): Promise<TLSSocket> {
  const { caPem, port } = server;
  const socket = connect({ port, host: '127.0.0.1', ca: caPem });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

async function textUntilClosed(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

test('thousands of connections that say nothing keep nobody from an answer', async () => {
  const patient = await TestCluster.start();
  const idle: Socket[] = await Promise.all(Array.from({ length: 200 }, () => open(patient)));
  for (let index = 0; index < 2000; index++) idle.push(openTcp({ port: patient.server.port, host: '127.0.0.1' }));
  await Promise.all(idle.slice(200).map((socket) => once(socket, 'connect')));
  const asked = await Promise.all(
    Array.from({ length: 20 }, async (_, index) =>
      patient.ask({
        method: 'POST',
        path: configMaps,
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${index}` } },
      }),
    ),
  );
  expect(asked.map(({ code }) => code)).toEqual(Array.from({ length: 20 }, () => 201));
  expect(idle.filter((socket) => socket.destroyed)).toEqual([]);
  for (const socket of idle) socket.destroy();
  await patient.close();
}, 120_000);

test('a body that does not come ends the connection, and stores nothing', async () => {
  const slow = await Promise.all(Array.from({ length: 20 }, () => open()));
  const ended = slow.map(async (socket, index) => {
    socket.write(
      `POST ${configMaps} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cluster.server.adminToken}\r\n` +
        `content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s${index}"`,
    );
    return textUntilClosed(socket);
  });
  expect((await cluster.ask({ path: configMaps })).code).toBe(200);
  for (const text of await Promise.all(ended)) expect(text).toMatch(/^HTTP\/1\.1 408 /);
  const { body } = await cluster.ask({ path: `${configMaps}?fieldSelector=metadata.name=s1` });
  expect(body['items']).toEqual([]);
}, 120_000);

test('headers that do not end are not waited for', async () => {
  const socket = await open();
  socket.write('GET /readyz HTTP/1.1\r\nhost: x\r\nx-slow: ');
  expect(await textUntilClosed(socket)).toMatch(/^HTTP\/1\.1 408 /);
}, 60_000);

test.each([
  ['a length', { 'content-length': String(4 * 1024 * 1024) }, ''],
  [
    'chunks',
    { 'transfer-encoding': 'chunked' },
    `${(4 * 1024 * 1024).toString(16)}\r\n${'x'.repeat(4 * 1024 * 1024)}\r\n0\r\n\r\n`,
  ],
])('a body that is too large by %s is refused with 413', async (_by, headers, content) => {
  const socket = await open();
  const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`);
  const answered = once(socket, 'data');
  socket.write(
    `POST ${configMaps} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cluster.server.adminToken}\r\n` +
      `content-type: application/json\r\n${lines.join('')}\r\n${content}`,
  );
  const [chunk] = (await answered) as [Buffer];
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 413 [^]*"reason":"RequestEntityTooLarge"/);
  socket.destroy();
});

test.each([
  ['POST', configMaps, 'text/plain', 415],
  ['POST', configMaps, 'application/merge-patch+json', 415],
  ['PUT', `${configMaps}/x`, 'multipart/form-data', 415],
  ['PATCH', `${configMaps}/x`, 'application/json', 415],
  ['PATCH', `${configMaps}/x`, 'text/plain', 415],
  ['DELETE', `${configMaps}/x`, 'text/plain', 415],
])('%s %s as %s is answered with %i', async (method, path, type, code) => {
  const answer = await cluster.ask({ method, path, type, body: '{}' });
  expect(answer.body).toMatchObject({ code, reason: 'UnsupportedMediaType' });
});
