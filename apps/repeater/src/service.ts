import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import type { Logger, Metrics } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import type { Config } from './config.ts';
import { Repeater } from './repeater.ts';

const SECRET_EVERY_MS = 60_000;

/** The repeater of one process: begins when NATS is there, and ends with everything given back. */
export class RepeaterService {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #stop = new AbortController();
  #starting: Promise<void> | undefined;
  #hub: KubeClient | undefined;
  #connection: LatticeConnection | undefined;
  #repeater: Repeater | undefined;

  constructor(config: Config, logger: Logger, metrics: Metrics) {
    this.#config = config;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** Why it cannot do its work now; undefined when it can. */
  get failure(): string | undefined {
    return this.#repeater === undefined ? 'NATS was not reached yet' : this.#repeater.failure;
  }

  /** Throws KubeconfigError; does not wait for NATS, which may come later. */
  start(): void {
    const { hubKubeconfig } = this.#config;
    const source = hubKubeconfig === undefined ? ({ inCluster: true } as const) : { file: hubKubeconfig };
    this.#hub = new KubeClient(loadKubeconfig(source), { userAgent: 'kasmcloud-repeater' });
    this.#starting = this.#begin(this.#hub).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#logger.error({ error }, 'repeater did not start');
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#starting;
    await this.#repeater?.close();
    await this.#connection?.close();
    await this.#hub?.close();
  }

  async #begin(hub: KubeClient): Promise<void> {
    const { natsUrl, natsCreds, natsDomain, heartbeatMs, pingMs, leaseMs } = this.#config;
    const connection = await connectLattice({
      servers: natsUrl,
      name: 'kasmcloud-repeater',
      timeoutMs: Infinity,
      signal: this.#stop.signal,
      logger: this.#logger,
      ...(natsCreds !== undefined && { credentials: { kind: 'file', path: natsCreds } }),
    });
    this.#connection = connection;
    this.#repeater = new Repeater({
      hub,
      connection,
      servers: natsUrl,
      domain: natsDomain,
      secretEveryMs: SECRET_EVERY_MS,
      heartbeatMs,
      pingMs,
      leaseMs,
      clock: systemClock,
      random: Math.random,
      logger: this.#logger,
      metrics: this.#metrics,
      identity: `${hostname()}-${randomUUID()}`,
    });
  }
}
