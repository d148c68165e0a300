import { createServer, type Server } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * A free port of 127.0.0.1 for each name; the one in `preferred` where it is free, so that addresses stay the same over
 * restarts. All are held until all are chosen, so no two names get the same.
 */
export async function choosePorts(
  names: readonly string[],
  preferred: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const held: Server[] = [];
  const ports = new Map<string, number>();
  try {
    for (const name of names) {
      const wish = preferred.get(name) ?? 0;
      const server = (await tryListen(wish, LOOPBACK)) ?? (await tryListen(0, LOOPBACK));
      if (server === undefined) throw new Error(`no port of ${LOOPBACK} is free for ${name}`);
      held.push(server);
      ports.set(name, portOf(server));
    }
    return ports;
  } finally {
    await Promise.all(held.map(close));
  }
}

/** A server that listens there, or undefined when the address cannot be had. */
export async function tryListen(port: number, host: string): Promise<Server | undefined> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<Server | undefined>();
  server.once('error', () => resolve(undefined));
  server.listen(port, host, () => resolve(server));
  return promise;
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a listening TCP server has no port');
  return address.port;
}

export async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}
