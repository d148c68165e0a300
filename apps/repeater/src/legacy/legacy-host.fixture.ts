import type { LatticeConnection } from '@kasmcloud/lattice';
import {
  controlSubject,
  ctlOk,
  encodeEvent,
  encodeJson,
  eventSubject,
  type Host,
  type HostEvent,
  type HostInventory,
} from '@kasmcloud/wire';
import { LATTICE } from '../world.fixture.ts';

export interface LegacyTraits {
  readonly labels?: Record<string, string>;
  readonly friendlyName?: string;
  readonly uptimeSeconds?: number;
  readonly lattice?: string;
}

/** A wasmCloud 1.x host as the lattice hears it: scripted, with nothing behind it. */
export class LegacyHost {
  readonly id: string;
  readonly #connection: LatticeConnection;
  readonly #lattice: string;
  readonly #friendlyName: string;
  readonly #startedAt: number;
  #labels: Record<string, string>;
  readonly #subscriptions: { close(): void }[];
  inventory: Pick<HostInventory, 'components' | 'providers'> = { components: [], providers: [] };

  constructor(connection: LatticeConnection, id: string, traits: LegacyTraits = {}) {
    this.#connection = connection;
    this.id = id;
    this.#labels = { 'hostcore.os': 'linux', 'hostcore.arch': 'x86_64', ...traits.labels };
    this.#lattice = traits.lattice ?? LATTICE;
    this.#friendlyName = traits.friendlyName ?? 'silent-moon-4242';
    this.#startedAt = Date.now() - (traits.uptimeSeconds ?? 64) * 1_000;
    this.#subscriptions = [
      connection.subscribe(controlSubject.hostPing(this.#lattice), ({ reply = '' }) =>
        connection.publish(reply, encodeJson(ctlOk(this.#host()))),
      ),
      connection.subscribe(controlSubject.hostGet(this.#lattice, id), ({ reply = '' }) =>
        connection.publish(reply, encodeJson(ctlOk(this.#inventory()))),
      ),
    ];
  }

  relabel(labels: Record<string, string>): void {
    this.#labels = labels;
    this.#publish({ name: 'labels_changed', id: '1', source: this.id, data: { host_id: this.id, labels } });
  }

  beat(): void {
    this.#publish({ name: 'host_heartbeat', id: '1', source: this.id, data: this.#inventory() });
  }

  scale(component: string, max: number): void {
    const described = {
      id: component,
      image_ref: 'old:1',
      annotations: { 'wasmcloud.dev/managed-by': 'wadm' },
      revision: 0,
      max_instances: max,
      limits: null,
    };
    const others = this.inventory.components.filter(({ id }) => id !== component);
    this.inventory = { ...this.inventory, components: max === 0 ? others : [...others, described] };
    const data = { annotations: {}, host_id: this.id, image_ref: 'old:1', max_instances: max, component_id: component };
    this.#publish({ name: 'component_scaled', id: '1', source: this.id, data });
  }

  startProvider(id: string): void {
    const described = { id, image_ref: 'http:1', revision: 0, annotations: {} };
    this.inventory = { ...this.inventory, providers: [...this.inventory.providers, described] };
    const data = { host_id: this.id, image_ref: 'http:1', provider_id: id, annotations: {} };
    this.#publish({ name: 'provider_started', id: '1', source: this.id, data });
  }

  stop(): void {
    this.silence();
    this.#publish({ name: 'host_stopped', id: '1', source: this.id, data: { labels: this.#labels } });
  }

  silence(): void {
    for (const one of this.#subscriptions) one.close();
  }

  #publish(event: HostEvent): void {
    this.#connection.publish(
      eventSubject(this.#lattice, event.name),
      encodeEvent({ ...event, time: '2026-01-01T00:00:00Z' }),
    );
  }

  #host(): Host {
    const uptime = Math.floor((Date.now() - this.#startedAt) / 1_000);
    const about = { friendly_name: this.#friendlyName, version: '1.9.2', uptime_seconds: uptime };
    return { id: this.id, lattice: this.#lattice, labels: this.#labels, ...about };
  }

  #inventory(): HostInventory {
    const about = { ...this.#host(), uptime_human: '1m 4s', version: '1.9.2' };
    return { ...this.inventory, host_id: this.id, ...about };
  }
}
