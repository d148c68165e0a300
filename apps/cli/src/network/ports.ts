import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** Below the ports that systems give to outgoing connections: one of those must not sit on a port while its server restarts. */
const FIRST = 20_000;
const COUNT = 10_000;
const BLOCK = 16;

/**
 * A free port of 127.0.0.1 for each name: the one in `preferred` where it is free, so that addresses stay the same over
 * restarts, else one of a block that follows from `owner`, so that two owners that start at once do not meet.
 * All are held until all are chosen, so no two names get the same.
 */
export async function choosePorts(
  owner: string,
  names: readonly string[],
  preferred: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const held = new Map<string, Server>();
  try {
    // First, so that who needs another port does not get one that somebody else had.
    for (const name of names) {
      const wish = preferred.get(name);
      const server = wish === undefined ? undefined : await tryListen(wish, LOOPBACK);
      if (server !== undefined) held.set(name, server);
    }
    const candidates = portsOf(owner);
    for (const name of names) {
      if (held.has(name)) continue;
      const server = await firstFree(candidates);
      if (server === undefined) throw new Error(`no port of ${LOOPBACK} is free for ${name}`);
      held.set(name, server);
    }
    return new Map([...held].map(([name, server]) => [name, portOf(server)]));
  } finally {
    await Promise.all([...held.values()].map(close));
  }
}

/** Every port of the range once, from the owner's block on. */
function* portsOf(owner: string): Generator<number, void, undefined> {
  const block = createHash('sha256').update(owner).digest().readUInt32BE() % (COUNT / BLOCK);
  for (let n = 0; n < COUNT; n++) yield FIRST + ((block * BLOCK + n) % COUNT);
}

async function firstFree(candidates: Iterator<number, void>): Promise<Server | undefined> {
  for (let next = candidates.next(); next.done !== true; next = candidates.next()) {
    const server = await tryListen(next.value, LOOPBACK);
    if (server !== undefined) return server;
  }
  return undefined;
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
