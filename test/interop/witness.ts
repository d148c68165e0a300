import type { LatticeConnection } from '@kasmcloud/lattice';
import { allEventsSubject, decodeEvent } from '@kasmcloud/wire';

/** What the events of a lattice tell of its components: who was started, who was stopped, and how many ran at once. */
export class Witness {
  /** Ids of components, once for each start. */
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  /** By id: the most instances over all hosts at one time. */
  readonly most = new Map<string, number>();
  /** By id and host. */
  readonly #running = new Map<string, Map<string, number>>();
  readonly #end: { close(): void };

  constructor(connection: LatticeConnection, lattice: string) {
    this.#end = connection.subscribe(allEventsSubject(lattice), ({ data }) => {
      const event = decodeEvent(data);
      if (event.name !== 'component_scaled') return;
      this.#scaled(event.data.component_id, event.source, event.data.max_instances);
    });
  }

  /** Instances of an id by host. */
  hostsOf(id: string): Record<string, number> {
    return Object.fromEntries([...(this.#running.get(id) ?? [])].filter(([, count]) => count > 0));
  }

  close(): void {
    this.#end.close();
  }

  #scaled(id: string, host: string, count: number): void {
    const hosts = this.#running.get(id) ?? new Map<string, number>();
    this.#running.set(id, hosts);
    const before = hosts.get(host) ?? 0;
    hosts.set(host, count);
    if (before === 0 && count > 0) this.started.push(id);
    if (before > 0 && count === 0) this.stopped.push(id);
    const all = [...hosts.values()].reduce((sum, one) => sum + one, 0);
    this.most.set(id, Math.max(all, this.most.get(id) ?? 0));
  }
}
