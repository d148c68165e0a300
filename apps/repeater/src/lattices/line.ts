import { createHash } from 'node:crypto';
import { builtin, latticeNatsSecret, SYSTEM_NAMESPACE, type KubeObject } from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { connectLattice, type LatticeConnection, type LatticeCredentials } from '@kasmcloud/lattice';
import type { Logger } from '@kasmcloud/observe';
import type { Clock } from '@kasmcloud/reconcile';

/** How one lattice is reached, for as long as it is. */
export interface Line {
  readonly connection: LatticeConnection;
  /** JetStream domain of the lattice's buckets. */
  readonly domain: string | undefined;
  /** Aborts when NATS has been away for a moment, or is to be reached otherwise. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

export interface LinesOptions {
  readonly hub: KubeClient;
  /** For lattices that have no Secret of their own. */
  readonly shared: LatticeConnection;
  /** Servers of `shared`, by commas: those of a Secret that names none. */
  readonly servers: string;
  /** JetStream domain of lattices whose Secret names none. */
  readonly domain: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often a lattice's Secret is read again. Default 60,000. */
  readonly secretEveryMs?: number;
}

/** A server that restarts is back sooner than this; who is away for longer speaks for nobody. */
const GRACE_MS = 2_000;
const RETRY_MS = 1_000;
const SLOWEST_RETRY_MS = 30_000;

/** Opens lines to lattices: over the connection that all share, or with the NATS credentials of the lattice's own Secret. */
export class Lines {
  readonly #options: LinesOptions;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** Tries until NATS is reached. @throws the signal's reason */
  async open(lattice: string, signal: AbortSignal): Promise<Line> {
    const { clock, logger } = this.#options;
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, SLOWEST_RETRY_MS)) {
      signal.throwIfAborted();
      try {
        return await this.#open(lattice, signal);
      } catch (error) {
        signal.throwIfAborted();
        logger.warn({ lattice, error }, 'lattice cannot be reached yet');
      }
      await clock.sleep(waitMs, signal);
    }
  }

  async #open(lattice: string, signal: AbortSignal): Promise<Line> {
    const { shared, servers, logger } = this.#options;
    const access = await this.#access(lattice, signal);
    const isShared = access.hash === NO_SECRET;
    const connection = isShared
      ? shared
      : await connectLattice({
          servers: (access.servers ?? servers).split(','),
          name: `kasmcloud-repeater ${lattice}`,
          timeoutMs: GRACE_MS,
          signal,
          logger,
          ...(access.credentials !== undefined && { credentials: access.credentials }),
        });
    await connection.connected({ timeoutMs: GRACE_MS, signal });
    const lost = new AbortController();
    const end = this.#follow(connection, lost);
    const watching = this.#watchSecret(lattice, access.hash, lost);
    return {
      connection,
      domain: access.domain ?? this.#options.domain,
      lost: lost.signal,
      close: async () => {
        end();
        lost.abort();
        await watching;
        if (!isShared) await connection.close();
      },
    };
  }

  /** Aborts when the connection has been away for longer than a moment. */
  #follow(connection: LatticeConnection, lost: AbortController): () => void {
    const { clock } = this.#options;
    let cancel: (() => void) | undefined;
    const end = connection.onStatus((status) => {
      cancel?.();
      cancel = status === 'connected' ? undefined : clock.after(GRACE_MS, () => lost.abort());
    });
    return () => {
      end();
      cancel?.();
    };
  }

  async #watchSecret(lattice: string, hash: string, lost: AbortController): Promise<void> {
    const { clock, logger, secretEveryMs = 60_000 } = this.#options;
    while (!lost.signal.aborted) {
      await clock.sleep(secretEveryMs, lost.signal);
      if (lost.signal.aborted) return;
      try {
        const now = await this.#access(lattice, lost.signal);
        if (now.hash !== hash) lost.abort();
      } catch (error) {
        if (!lost.signal.aborted) logger.warn({ lattice, error }, 'NATS credentials were not read again');
      }
    }
  }

  async #access(lattice: string, signal: AbortSignal): Promise<Access> {
    type Secret = KubeObject & { readonly data?: Record<string, string> };
    const secret = await this.#options.hub.find<Secret>(builtin.Secret, latticeNatsSecret(lattice), SYSTEM_NAMESPACE, {
      signal,
    });
    if (secret === undefined) return { hash: NO_SECRET };
    const text = (key: string): string | undefined => {
      const value = secret.data?.[key];
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8').trim();
    };
    const hash = createHash('sha256').update(JSON.stringify(secret.data)).digest('hex');
    return { hash, servers: text('servers'), domain: text('domain'), credentials: credentialsOf(text) };
  }
}

interface Access {
  readonly hash: string;
  readonly servers?: string | undefined;
  readonly domain?: string | undefined;
  readonly credentials?: LatticeCredentials | undefined;
}

const NO_SECRET = '';

function credentialsOf(text: (key: string) => string | undefined): LatticeCredentials | undefined {
  const [creds, seed, token, user, password] = ['creds', 'nkey', 'token', 'user', 'password'].map(text);
  if (creds !== undefined) return { kind: 'creds', text: creds };
  if (seed !== undefined) return { kind: 'nkey', seed };
  if (token !== undefined) return { kind: 'token', token };
  return user === undefined ? undefined : { kind: 'user', user, password: password ?? '' };
}
