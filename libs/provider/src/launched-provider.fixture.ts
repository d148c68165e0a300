import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  createXKey,
  hostDataOf,
  type LatticeConnection,
  type ProviderWish,
  type SealingKeys,
} from '@kasmcloud/lattice';
import { decodeHealth, encodeHostData, providerSubject, type ProviderHealth } from '@kasmcloud/wire';

export const LATTICE = 'shop';
export const HOST = 'NDAPYYNPO2QYRGIGDOZOM3SC6UXMRRYAJZG3FBKPJ4Y5GPUTKQ3LAAAA';

export interface LaunchOptions {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly id: string;
  readonly natsUrl: string;
  readonly wish?: Partial<ProviderWish>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A provider started as a host starts it. */
export class LaunchedProvider {
  readonly keys: SealingKeys = { host: createXKey(), provider: createXKey() };
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  #printed = '';

  constructor({ command: [program, ...args], id, natsUrl, wish, env }: LaunchOptions) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#exited = once(this.#child, 'exit');
    const place = {
      hostId: HOST,
      lattice: LATTICE,
      id,
      instanceId: '1',
      natsUrl,
      callTimeoutMs: 5_000,
      logLevel: 'info',
    };
    const whole = { config: {}, secrets: {}, links: new Map(), ...wish };
    this.#child.stdin?.end(encodeHostData(hostDataOf(place, whole, this.keys)));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#printed += chunk.toString()));
    }
  }

  get printed(): string {
    return this.#printed;
  }

  /** Exit code, or the signal that ended it. */
  async exited(): Promise<unknown> {
    const [code, signal] = await this.#exited;
    return code ?? signal;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

/** Asks after health until there is an answer. */
export async function healthOf(connection: LatticeConnection, receiver: string): Promise<ProviderHealth> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      const subject = providerSubject.health(LATTICE, receiver);
      return decodeHealth((await connection.request(subject, new Uint8Array(), { timeoutMs: 2_000 })).data);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
