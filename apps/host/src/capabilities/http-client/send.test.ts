import { HttpCodeError } from '@kasmcloud/lattice';
import { freePort, startScriptedServer } from '@kasmcloud/testing';
import type { ClientTimeouts } from '@kasmcloud/wasm';
import type { HttpRequest, HttpResponse } from '@kasmcloud/wrpc';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { AllowList } from './allow-list.ts';
import { HttpSender } from './send.ts';

const server = await startScriptedServer((response) => void response.end('pong'));
const sender = new HttpSender();
afterAll(async () => {
  sender.close();
  await server.close();
});
beforeEach(() => {
  server.answer = (response) => void response.end('pong');
});

const authority = new URL(server.url).host;
const none: ClientTimeouts = { connect: undefined, firstByte: undefined, betweenBytes: undefined };

const send = (
  request: Partial<HttpRequest>,
  allowed = authority,
  timeouts: Partial<ClientTimeouts> = {},
): ReturnType<HttpSender['send']> =>
  sender.send(
    { method: 'GET', scheme: 'http', authority, pathWithQuery: '/', headers: [], ...request },
    new AllowList(allowed, 'shop/link'),
    { ...none, ...timeouts },
    AbortSignal.timeout(20_000),
  );

const codeOf = async (sent: Promise<unknown>): Promise<string> => {
  try {
    await sent;
  } catch (error) {
    if (error instanceof HttpCodeError) return error.code.tag;
    throw error;
  }
  return 'no error';
};

const bodyOf = ({ body = chunks() }: HttpResponse): Promise<string> => text(body);

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

test.for(['GET', 'DELETE', 'POST', 'PUT', 'PATCH'])(
  '%s carries its body whole, and headers both ways',
  async (method) => {
    server.answer = (response) => void response.writeHead(201, { 'x-a': ['1', '2'], connection: 'close' }).end('made');
    const headers = [
      ['x-one', 'a'],
      ['X-One', 'b'],
      ['connection', 'upgrade'],
      ['host', 'elsewhere.test'],
    ] as const;
    const answer = await send({ method, headers, body: chunks('one ', 'two') });
    expect(await bodyOf(answer)).toBe('made');
    expect(answer.status).toBe(201);
    expect(answer.headers.filter(([name]) => name === 'x-a')).toEqual([
      ['x-a', '1'],
      ['x-a', '2'],
    ]);
    expect(answer.headers.map(([name]) => name)).not.toContain('connection');
    const seen = server.requests.at(-1);
    expect(seen).toMatchObject({ method, body: 'one two', headers: { 'x-one': 'a, b', host: authority } });
    expect(seen?.headers.connection).not.toBe('upgrade');
  },
);

test('an empty body is none', async () => {
  await send({ body: chunks() });
  expect(server.requests.at(-1)?.headers['transfer-encoding']).toBeUndefined();
  await send({ method: 'POST', body: chunks() });
  expect(server.requests.at(-1)?.body).toBe('');
});

test.for([
  ['longer', ['123456']],
  ['shorter', ['12']],
] as const)('a body %s than its content-length never becomes another request', async ([, parts]) => {
  const before = server.requests.length;
  const headers = [['content-length', '4']] as const;
  const code = await codeOf(send({ method: 'POST', headers, body: chunks(...parts) }));
  expect(code).toBe('HTTP-request-body-size');
  await send({});
  expect(server.requests.slice(before).filter(({ method }) => method === 'POST')).toEqual([]);
});

test('trailers come behind the body', async () => {
  server.answer = (response) => {
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('body');
    response.addTrailers({ 'x-sum': '7' });
    response.end();
  };
  const answer = await send({});
  expect(await bodyOf(answer)).toBe('body');
  expect(await answer.trailers).toEqual([['x-sum', '7']]);
});

test.for<[string, Partial<HttpRequest>, string]>([
  ['a host that is not allowed', { authority: 'other.test' }, 'HTTP-request-denied'],
  ['a tunnel', { method: 'CONNECT' }, 'HTTP-request-method-invalid'],
  ['a method that is none', { method: 'GET x' }, 'HTTP-protocol-error'],
  ['a header with a line break', { headers: [['x', 'a\r\nb: c']] }, 'HTTP-protocol-error'],
  ['no authority', { authority: undefined }, 'HTTP-request-URI-invalid'],
  ['a user in the authority', { authority: `u:p@${authority}` }, 'HTTP-request-URI-invalid'],
  ['a path that is none', { pathWithQuery: 'x' }, 'HTTP-request-URI-invalid'],
  ['a scheme that is none', { scheme: 'ftp' }, 'HTTP-protocol-error'],
  ['TLS where there is none', { scheme: 'https' }, 'TLS-protocol-error'],
])('%s is refused: %s', async ([, request, code]) => {
  expect(await codeOf(send(request))).toBe(code);
});

test('a host that only a wildcard allows may not be in a private network, by address or by name', async () => {
  const { port } = new URL(server.url);
  expect(await codeOf(send({}, '*'))).toBe('destination-IP-prohibited');
  expect(await codeOf(send({ authority: `localhost:${port}` }, '*'))).toBe('destination-IP-prohibited');
  expect(await codeOf(send({ authority: `localhost:${port}` }, `localhost:${port}`))).toBe('no error');
  // A connection that was allowed to one link is not there for another.
  expect(await codeOf(send({ authority: `localhost:${port}` }, '*'))).toBe('destination-IP-prohibited');
});

test('nobody there, no answer in time, and an answer that breaks off', async () => {
  const nobody = `127.0.0.1:${await freePort()}`;
  expect(await codeOf(send({ authority: nobody }, nobody))).toBe('connection-refused');
  server.answer = () => undefined;
  expect(await codeOf(send({}, authority, { firstByte: 50_000_000n }))).toBe('HTTP-response-timeout');
  server.answer = (response) => void response.destroy();
  expect(await codeOf(send({}))).toBe('connection-terminated');
  server.answer = (response) => void response.write('half');
  const stalled = await send({}, authority, { betweenBytes: 50_000_000n });
  await expect(bodyOf(stalled)).rejects.toThrow('connection-read-timeout');
  server.cut();
});
