import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@kasmcloud/observe';
import {
  connect,
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type ConnectionOptions,
} from '@nats-io/transport-node';
import { LatticeConnection } from './connection.ts';
import { NotConnectedError } from './error.ts';

/** How the NATS server is told who we are. Files are read anew at every start. */
export type LatticeCredentials =
  | { readonly kind: 'file'; readonly path: string }
  /** The content of such a file. */
  | { readonly kind: 'creds'; readonly text: string }
  | { readonly kind: 'nkey'; readonly seed: string }
  | { readonly kind: 'jwt'; readonly jwt: string; readonly seed: string }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'user'; readonly user: string; readonly password: string };

export interface LatticeOptions {
  /** URLs, such as `nats://127.0.0.1:4222`. */
  readonly servers: string | readonly string[];
  /** What the server lists this connection as. */
  readonly name: string;
  readonly credentials?: LatticeCredentials;
  /** How long the first connection may take, all attempts together. Default 30,000; Infinity waits for ever. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
}

const ATTEMPT_MS = 5_000;
const RETRY_MS = 250;
const SLOWEST_RETRY_MS = 5_000;

/** Connects, and from then on stays connected: a lost server is tried again for ever, with jitter. */
export const connectLattice = async (options: LatticeOptions): Promise<LatticeConnection> => {
  const { timeoutMs = 30_000, signal, logger } = options;
  const settings: ConnectionOptions = {
    servers: typeof options.servers === 'string' ? options.servers : [...options.servers],
    name: options.name,
    ...(options.credentials === undefined ? {} : { authenticator: await authenticator(options.credentials) }),
    timeout: ATTEMPT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: RETRY_MS,
    // Without this a server that refuses twice while its accounts are being reloaded would end us.
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    maxPingOut: 2,
  };
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(waitMs * 2, SLOWEST_RETRY_MS)) {
    signal?.throwIfAborted();
    try {
      return new LatticeConnection(await connect(settings), logger);
    } catch (error) {
      if (performance.now() + waitMs > deadline)
        throw new NotConnectedError(`No NATS server of ${String(options.servers)} could be reached.`, { cause: error });
      logger?.warn({ error, servers: options.servers }, 'nats is not reachable yet');
    }
    await sleep(waitMs * (0.5 + Math.random() / 2), undefined, signal === undefined ? {} : { signal });
  }
};

const authenticator = async (credentials: LatticeCredentials): Promise<Authenticator> => {
  switch (credentials.kind) {
    case 'file':
      return credsAuthenticator(await readFile(credentials.path));
    case 'creds':
      return credsAuthenticator(new TextEncoder().encode(credentials.text));
    case 'nkey':
      return nkeyAuthenticator(new TextEncoder().encode(credentials.seed));
    case 'jwt':
      return jwtAuthenticator(credentials.jwt, new TextEncoder().encode(credentials.seed));
    case 'token':
      return tokenAuthenticator(credentials.token);
    case 'user':
      return usernamePasswordAuthenticator(credentials.user, credentials.password);
  }
};
