import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { LaunchedProgram, LaunchError } from './launched-program.ts';
import { startNats } from './nats-server.ts';
import { startRedis } from './redis-server.ts';

async function ask(port: number, line: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => socket.write(line));
  socket.once('data', (chunk) => resolve(chunk.toString()));
  socket.once('error', reject);
  const answer = await promise;
  socket.destroy();
  return answer;
}

test('nats-server serves with JetStream, restarts on its port, and is gone after close', async () => {
  const nats = await startNats({ domain: 'hub' });
  const before = nats.pid;
  expect(await ask(nats.port, '')).toContain('"domain":"hub"');
  await nats.stop('SIGKILL');
  await expect(ask(nats.port, '')).rejects.toThrow('ECONNREFUSED');
  await nats.restart();
  expect(await ask(nats.port, '')).toContain('"jetstream":true');
  expect(nats.pid).not.toBe(before);
  await nats.close();
  await expect(ask(nats.port, '')).rejects.toThrow('ECONNREFUSED');
});

test('nats-server takes further configuration', async () => {
  const nats = await startNats({ config: 'authorization { user: u, password: p }' });
  expect(await ask(nats.port, '')).toContain('"auth_required":true');
  await nats.close();
});

test('redis-server keeps its data over a restart', async () => {
  const redis = await startRedis();
  expect(await ask(redis.port, 'SET held yes\r\n')).toBe('+OK\r\n');
  await redis.stop();
  await redis.restart();
  expect(await ask(redis.port, 'GET held\r\n')).toContain('yes');
  await redis.close();
  await expect(ask(redis.port, 'PING\r\n')).rejects.toThrow('ECONNREFUSED');
});

test('a program that ends before it serves is told with its output', async () => {
  const start = LaunchedProgram.start({
    program: 'sh',
    args: ['-c', 'echo no such option; exit 1'],
    ready: () => Promise.resolve(false),
  });
  await expect(start).rejects.toThrow(LaunchError);
  await expect(start).rejects.toThrow('no such option');
});
