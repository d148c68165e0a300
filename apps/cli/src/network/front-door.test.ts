import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FrontDoor, type Target } from './front-door.ts';

let door: FrontDoor;
const servers: { close: () => Promise<void> }[] = [];

beforeEach(async () => {
  door = await FrontDoor.open(0);
});
afterEach(async () => {
  await door.close();
  await Promise.all(servers.splice(0).map(({ close: end }) => end()));
});

async function host(name: string): Promise<Target & { end: () => Promise<void> }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.end(`${name} ${body}`));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const end = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((closed) => server.close(() => closed()));
  };
  servers.push({ close: end });
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port, end };
}

const ask = async (body = ''): Promise<{ status: number; text: string }> => {
  const init = { method: 'POST', body, headers: { connection: 'close' } };
  const response = await fetch(`http://127.0.0.1:${door.port}/`, { ...init, signal: AbortSignal.timeout(5_000) });
  return { status: response.status, text: await response.text() };
};

test('connections go to the targets in turn', async () => {
  door.lead([await host('a'), await host('b')]);
  const answers = [await ask(), await ask(), await ask(), await ask()].map(({ text }) => text.trim());
  expect(answers.toSorted()).toEqual(['a', 'a', 'b', 'b']);
});

test('a target that is gone costs no answer', async () => {
  const gone = await host('gone');
  await gone.end();
  door.lead([gone, await host('here')]);
  for (let n = 0; n < 4; n++) expect(await ask('x')).toEqual({ status: 200, text: 'here x' });
});

test('without a target that answers it says so', async () => {
  expect(await ask()).toEqual({ status: 503, text: 'no host of this cluster serves HTTP\n' });
});

test('a large body arrives whole', async () => {
  door.lead([await host('a')]);
  const body = 'x'.repeat(2_000_000);
  expect((await ask(body)).text).toBe(`a ${body}`);
});
