import { randomUUID } from 'node:crypto';
import type { LatticeConnection } from '@kasmcloud/lattice';
import type { Clock } from '@kasmcloud/reconcile';
import { encodeEvent, eventSubject } from '@kasmcloud/wire';
import { changesOf, healthEvent, type Told } from './changes.ts';
import { toInventory, type SpokenHost } from './inventory.ts';

export interface SpeakerOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** The hosts to speak for, by id, as they are now. */
  readonly hosts: () => ReadonlyMap<string, SpokenHost>;
  /** Other hosts are spoken for than before. */
  readonly onHosts: () => void;
  /** Told what could not be published; NATS may be away. */
  readonly onError: (error: unknown) => void;
}

/** Changes of one moment, such as a host with its actors, are looked at together. */
const GATHER_MS = 50;

/** Speaks in one lattice for the KasmCloud hosts that serve it: tells that they live, and what changes. */
export class Speaker {
  readonly #options: SpeakerOptions;
  /** What the lattice was told, by host id. */
  readonly #told = new Map<string, SpokenHost>();
  #cancelGather: (() => void) | undefined;
  #isSpeaking = false;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  /** The hosts as the lattice knows them, by id; those that are not alive are silent. */
  get hosts(): ReadonlyMap<string, SpokenHost> {
    return this.#told;
  }

  /** Speaks until the signal aborts. What is there at the beginning was told by whoever spoke before. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, heartbeatMs, onHosts } = this.#options;
    for (const [id, host] of this.#options.hosts()) if (host.alive) this.#told.set(id, host);
    this.#isSpeaking = true;
    onHosts();
    while (!signal.aborted) {
      this.#beat();
      await clock.sleep(heartbeatMs, signal);
    }
    this.#isSpeaking = false;
    this.#cancelGather?.();
  }

  /** Something about the hosts may be different. */
  changed(): void {
    if (!this.#isSpeaking || this.#cancelGather !== undefined) return;
    this.#cancelGather = this.#options.clock.after(GATHER_MS, () => {
      this.#cancelGather = undefined;
      this.#tellChanges();
    });
  }

  /** Publishes one event. */
  tell(told: Told): void {
    const { lattice, connection, clock, onError } = this.#options;
    const event = { ...told, id: randomUUID(), time: new Date(clock.now()).toISOString() };
    try {
      connection.publish(eventSubject(lattice, told.name), encodeEvent(event));
    } catch (error) {
      onError(error);
    }
  }

  #tellChanges(): void {
    const hosts = this.#options.hosts();
    const changes: Told[] = [];
    for (const id of new Set([...this.#told.keys(), ...hosts.keys()])) {
      const before = this.#told.get(id);
      const after = hosts.get(id);
      if (after?.alive === false) {
        if (before !== undefined) this.#told.set(id, { ...before, alive: false });
        continue;
      }
      if (after === undefined) this.#told.delete(id);
      else this.#told.set(id, after);
      changes.push(...changesOf(before, after));
    }
    // Whoever hears of a host may ask it at once.
    this.#options.onHosts();
    for (const change of changes) this.tell(change);
  }

  #beat(): void {
    const now = this.#options.clock.now();
    for (const host of this.#told.values()) {
      if (!host.alive) continue;
      this.tell({ name: 'host_heartbeat', source: host.id, data: toInventory(host, now) });
      for (const provider of host.providers.values()) this.tell(healthEvent('status', host.id, provider));
    }
  }
}
