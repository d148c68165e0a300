/** wasmCloud 1.x hosts as NATS sees them, by the thousand, with nothing behind them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectLattice, type LatticeConnection } from '@kasmcloud/lattice';
import {
  controlSubject,
  ctlOk,
  encodeEvent,
  encodeJson,
  eventSubject,
  humanUptime,
  type Host,
  type HostEvent,
  type HostInventory,
} from '@kasmcloud/wire';

export const COMPONENTS = 20;
export const HEARTBEAT_S = 30;
const TICK_MS = 100;

interface SimulatedHost {
  readonly id: string;
  readonly lattice: string;
  readonly index: number;
  readonly startedAt: number;
  /** How often each of its components may run at once. */
  readonly instances: number[];
}

export class Fleet implements AsyncDisposable {
  readonly hosts: readonly SimulatedHost[];
  /** Sent so far. */
  heartbeats = 0;
  readonly #connection: LatticeConnection;
  readonly #stop = new AbortController();
  readonly #beating: Promise<void>;

  private constructor(connection: LatticeConnection, hosts: readonly SimulatedHost[]) {
    this.#connection = connection;
    this.hosts = hosts;
    for (const [lattice, inside] of Map.groupBy(hosts, (one) => one.lattice))
      connection.subscribe(controlSubject.hostPing(lattice), ({ reply = '' }) => {
        for (const host of inside) connection.publish(reply, encodeJson(ctlOk(describe(host))));
      });
    for (const host of hosts)
      connection.subscribe(controlSubject.hostGet(host.lattice, host.id), ({ reply = '' }) =>
        connection.publish(reply, encodeJson(ctlOk(inventoryOf(host)))),
      );
    this.#beating = this.#beat();
  }

  /** `sizes`: how many hosts there are in each lattice. */
  static async start(natsUrl: string, sizes: readonly number[]): Promise<Fleet> {
    const connection = await connectLattice({ servers: natsUrl, name: 'fleet' });
    const lattices = sizes.flatMap((size, index) => Array.from({ length: size }, () => latticeName(index)));
    const all = lattices.map((lattice, index) => ({
      id: idOf(index),
      lattice,
      index,
      startedAt: Date.now() - 60_000,
      instances: Array.from({ length: COMPONENTS }, () => 10),
    }));
    return new Fleet(connection, all);
  }

  /** A component of a host gets another number of instances; the host tells it. */
  scale(host: SimulatedHost, component: number, instances: number): void {
    host.instances[component] = instances;
    this.#publish(host.lattice, {
      name: 'component_scaled',
      id: '1',
      source: host.id,
      data: {
        annotations: {},
        host_id: host.id,
        image_ref: imageOf(component),
        max_instances: instances,
        component_id: componentOf(component),
      },
    });
  }

  async #beat(): Promise<void> {
    const { signal } = this.#stop;
    const perTick = this.hosts.length / ((HEARTBEAT_S * 1_000) / TICK_MS);
    const startedAt = performance.now();
    for (let sent = 0; !signal.aborted; await sleep(TICK_MS)) {
      const due = Math.floor(((performance.now() - startedAt) / TICK_MS) * perTick);
      for (; sent < due; sent++) {
        const host = this.hosts[sent % this.hosts.length];
        if (host === undefined) break;
        this.#publish(host.lattice, { name: 'host_heartbeat', id: '1', source: host.id, data: inventoryOf(host) });
        this.heartbeats++;
      }
    }
  }

  #publish(lattice: string, event: HostEvent): void {
    const payload = encodeEvent({ ...event, time: new Date().toISOString() });
    this.#connection.publish(eventSubject(lattice, event.name), payload);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    await this.#connection.close();
  }
}

export const latticeName = (index: number): string => `lattice-${index}`;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const idOf = (index: number): string => {
  const digits = [index >> 15, index >> 10, index >> 5, index].map((digit) => ALPHABET[digit & 31]).join('');
  return `N${'A'.repeat(51)}${digits}`;
};

export const componentOf = (component: number): string => `component-${component}`;
const imageOf = (component: number): string => `ghcr.io/bench/component-${component}:0.1.0`;

const labelsOf = ({ index }: SimulatedHost): Record<string, string> => ({
  'hostcore.arch': 'x86_64',
  'hostcore.os': 'linux',
  'hostcore.osfamily': 'unix',
  zone: `zone-${index % 3}`,
});

function describe(host: SimulatedHost): Host {
  const uptime = Math.floor((Date.now() - host.startedAt) / 1_000);
  return {
    id: host.id,
    lattice: host.lattice,
    friendly_name: `silent-moon-${host.index}`,
    version: '1.9.2',
    labels: labelsOf(host),
    uptime_human: humanUptime(uptime),
    uptime_seconds: uptime,
  };
}

function inventoryOf(host: SimulatedHost): HostInventory {
  const { id, friendly_name, labels, uptime_seconds } = describe(host);
  return {
    host_id: id,
    friendly_name,
    labels,
    version: '1.9.2',
    uptime_human: humanUptime(uptime_seconds),
    uptime_seconds,
    components: host.instances.map((instances, component) => ({
      id: componentOf(component),
      image_ref: imageOf(component),
      annotations: { 'wasmcloud.dev/managed-by': 'wadm' },
      revision: 0,
      max_instances: instances,
      limits: null,
    })),
    providers: [],
  };
}
