import { createHash } from 'node:crypto';
import { close, tryListen } from './ports.ts';

/**
 * Loopback addresses of its own for each host of an instance, 127.a.b.1, .2 and on, where a and b follow from the state
 * folder: two instances side by side do not meet. Undefined where the system has only 127.0.0.1, as macOS does.
 */
export async function hostAddresses(stateFolder: string, count: number): Promise<readonly string[] | undefined> {
  const [first = 0, second = 0] = createHash('sha256').update(stateFolder).digest();
  // 127.0.x.x is left to the system, 127.255.x.x to broadcasts.
  const prefix = `127.${1 + (first % 254)}.${second}`;
  const addresses = Array.from({ length: count }, (_, index) => `${prefix}.${index + 1}`);
  for (const address of addresses) {
    const server = await tryListen(0, address);
    if (server === undefined) return undefined;
    await close(server);
  }
  return addresses;
}
