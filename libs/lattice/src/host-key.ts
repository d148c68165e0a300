import { createServer, fromSeed } from '@nats-io/nkeys';

/** A host's identity on the lattice: an ed25519 key of nkey type "server", as wasmCloud hosts have. */
export interface HostKey {
  /** 56 characters, `N…`. */
  readonly publicKey: string;
  /** 58 characters, `SN…`; secret. */
  readonly seed: string;
}

/** The text is not the seed of a host key. It is not repeated: it is secret. */
export class HostKeyError extends Error {
  override readonly name = 'HostKeyError';
}

/** A new identity. */
export function createHostKey(): HostKey {
  const pair = createServer();
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}

/** The identity of a seed that was kept. @throws HostKeyError */
export function hostKeyFromSeed(seed: string): HostKey {
  const text = seed.trim();
  try {
    const publicKey = fromSeed(new TextEncoder().encode(text)).getPublicKey();
    if (publicKey.startsWith('N')) return { publicKey, seed: text };
  } catch (cause) {
    throw new HostKeyError('the seed of a host key has 58 characters and begins with SN', { cause });
  }
  throw new HostKeyError('this is the seed of another kind of nkey; one of a host begins with SN');
}
