import {
  builtin,
  labels,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudHost,
  WasmCloudLink,
  WasmCloudProvider,
} from '@kasmcloud/kube-api';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import { createMetrics, silentLogger, type Metrics } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import {
  startNats,
  startTestApiServer,
  type NatsOptions,
  type NatsServer,
  type TestApiServer,
} from '@kasmcloud/testing';
import { Repeater } from './repeater.ts';

export const LATTICE = 'shop';

/** `nkey('A')`: an id as hosts have them. */
export const nkey = (letter: string): string => `N${letter.repeat(55)}`;

export interface Started {
  readonly repeater: Repeater;
  readonly metrics: Metrics;
  close(): Promise<void>;
}

/** A NATS server, a hub that is a member, another member `eu`, and repeaters over them. */
export class RepeaterWorld {
  readonly nats: NatsServer;
  readonly hub: TestApiServer;
  readonly eu: TestApiServer;
  /** As a person with a tool on NATS has it. */
  readonly tool: LatticeConnection;
  readonly #started = new Set<{ close(): Promise<void> }>();

  private constructor(nats: NatsServer, hub: TestApiServer, eu: TestApiServer, tool: LatticeConnection) {
    this.nats = nats;
    this.hub = hub;
    this.eu = eu;
    this.tool = tool;
  }

  static async start(options: NatsOptions = {}): Promise<RepeaterWorld> {
    const [nats, hub, eu] = await Promise.all([
      startNats(options),
      startTestApiServer({ clusterName: 'hub' }),
      startTestApiServer({ clusterName: 'eu' }),
    ]);
    const tool = await connectLattice({ servers: nats.url, name: 'tool' });
    for (const cluster of [hub, eu]) {
      await cluster.namespace(SYSTEM_NAMESPACE);
      await cluster.namespace(LATTICE, { [labels.lattice]: '' });
    }
    const kubeconfig = Buffer.from(eu.kubeconfig()).toString('base64');
    await hub.client.create(builtin.Secret, {
      metadata: { name: 'eu', namespace: SYSTEM_NAMESPACE },
      data: { kubeconfig },
    });
    await hub.client.create(WasmCloudCluster, { metadata: { name: 'hub' }, spec: { inCluster: true } });
    const kubeconfigSecret = { name: 'eu' };
    await hub.client.create(WasmCloudCluster, { metadata: { name: 'eu' }, spec: { kubeconfigSecret } });
    return new RepeaterWorld(nats, hub, eu, tool);
  }

  async startRepeater(identity = 'solo', servers = this.nats.url): Promise<Started> {
    const connection = await connectLattice({ servers, name: identity });
    const metrics = createMetrics();
    const repeater = new Repeater({
      hub: this.hub.client,
      connection,
      servers,
      domain: undefined,
      secretEveryMs: 300,
      identity,
      metrics,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      heartbeatMs: 200,
      pingMs: 200,
      leaseMs: 10_000,
    });
    const started = {
      repeater,
      metrics,
      close: async () => {
        this.#started.delete(started);
        await repeater.close();
        await connection.close();
      },
    };
    this.#started.add(started);
    return started;
  }

  /** Ended with the repeaters. */
  alsoClose(one: { close(): void }): void {
    this.#started.add({ close: async () => one.close() });
  }

  async stopRepeaters(): Promise<void> {
    for (const one of this.#started) await one.close();
    this.#started.clear();
  }

  /** Ends the repeaters, and takes away what tests made. */
  async clean(): Promise<void> {
    await this.stopRepeaters();
    for (const { client } of [this.hub, this.eu]) {
      for (const kind of [WasmCloudActor, WasmCloudProvider, WasmCloudLink, WasmCloudHost]) {
        const { items } = await client.list(kind);
        for (const { metadata } of items) await client.delete(kind, metadata.name, metadata.namespace);
      }
      const { items } = await client.list(builtin.ConfigMap, { namespace: LATTICE, labelSelector: labels.config });
      for (const { metadata } of items) await client.delete(builtin.ConfigMap, metadata.name, LATTICE);
    }
  }

  async close(): Promise<void> {
    await this.tool.close();
    await Promise.all([this.nats.close(), this.hub.close(), this.eu.close()]);
  }
}
