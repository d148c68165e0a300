import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startApiServer } from '../api-server.ts';

test('closing ends a connection that is still in its TLS handshake', { timeout: 20_000 }, async () => {
  const server = await startApiServer();
  const client = connect(server.port, '127.0.0.1');
  const ended = once(client, 'close');
  await once(client, 'connect');
  // An answer to a later connection: the earlier one was accepted by then.
  await fetch(`http://127.0.0.1:${server.port}`).catch(() => undefined);
  await server.close();
  await ended;
  expect(client.destroyed).toBe(true);
});
