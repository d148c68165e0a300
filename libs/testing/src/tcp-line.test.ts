import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layTcpLine, type TcpLine } from './tcp-line.ts';

let echo: Server;
let line: TcpLine;
let client: Socket;
let heard = '';
beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  line = await layTcpLine(address !== null && typeof address === 'object' ? address.port : 0);
  client = await dial();
});
afterEach(async () => {
  client.destroy();
  await line.close();
  echo.close();
});

async function dial(): Promise<Socket> {
  heard = '';
  const socket = connect(line.port, '127.0.0.1');
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (text: string) => (heard += text));
  await once(socket, 'connect');
  return socket;
}

const says = async (text: string): Promise<void> => {
  client.write(text);
  await expect.poll(() => heard).toContain(text);
};

test('what is said on a stalled line arrives when it is mended', async () => {
  await says('one');
  line.stall();
  client.write('two');
  const late = await dial();
  late.write('three');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard).toBe('');
  line.mend();
  await expect.poll(() => heard.length).toBe('twothree'.length);
  late.destroy();
});

test('a cut line ends its connections and takes none before it is mended', async () => {
  await says('one');
  line.cut();
  await once(client, 'close');
  client = await dial();
  if (!client.destroyed) await once(client, 'close');
  expect(client.destroyed).toBe(true);
  line.mend();
  client = await dial();
  await says('two');
});
