import { randomUUID } from 'node:crypto';
import type { LatticeConnection, LatticeMessage, LatticeSubscription } from '@kasmcloud/lattice';
import type { Clock } from '@kasmcloud/reconcile';
import { controlSubject, ctlOk, encodeEvent, encodeJson, eventSubject, isInbox } from '@kasmcloud/wire';
import { changesOf, type Told } from './changes.ts';
import { toHost, toInventory, type SpokenHost } from './inventory.ts';

export interface SpeakerOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  /** The hosts to speak for, by id, as they are now. */
  readonly hosts: () => ReadonlyMap<string, SpokenHost>;
  /** Told what could not be published; NATS may be away. */
  readonly onError: (error: unknown) => void;
}

/** Changes of one moment, such as a host with its actors, are looked at together. */
const GATHER_MS = 50;

/** Speaks in one lattice for the KasmCloud hosts that serve it: answers who asks, and tells what changes. */
export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #inventories = new Map<string, LatticeSubscription>();
  /** What the lattice was told, by host id. */
  readonly #told = new Map<string, SpokenHost>();
  #cancelGather: (() => void) | undefined;
  #isSpeaking = false;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  /** Speaks until the signal aborts. What is there at the beginning was told by whoever spoke before. */
  async run(signal: AbortSignal): Promise<void> {
    const { lattice, connection, clock, heartbeatMs } = this.#options;
    for (const [id, host] of this.#options.hosts()) if (host.alive) this.#told.set(id, host);
    this.#isSpeaking = true;
    const pings = connection.subscribe(controlSubject.hostPing(lattice), (message) => this.#answerPing(message));
    this.#serveInventories();
    while (!signal.aborted) {
      this.#beat();
      await clock.sleep(heartbeatMs, signal);
    }
    this.#isSpeaking = false;
    this.#cancelGather?.();
    pings.close();
    for (const subscription of this.#inventories.values()) subscription.close();
    this.#inventories.clear();
  }

  /** Something about the hosts may be different. */
  changed(): void {
    if (!this.#isSpeaking || this.#cancelGather !== undefined) return;
    this.#cancelGather = this.#options.clock.after(GATHER_MS, () => {
      this.#cancelGather = undefined;
      this.#tellChanges();
    });
  }

  #tellChanges(): void {
    const hosts = this.#options.hosts();
    for (const id of new Set([...this.#told.keys(), ...hosts.keys()])) {
      const before = this.#told.get(id);
      const after = hosts.get(id);
      if (after?.alive === false) {
        if (before !== undefined) this.#told.set(id, { ...before, alive: false });
        continue;
      }
      if (after === undefined) this.#told.delete(id);
      else this.#told.set(id, after);
      for (const change of changesOf(before, after)) this.#tell(change);
    }
    this.#serveInventories();
  }

  #beat(): void {
    const now = this.#options.clock.now();
    for (const host of this.#living())
      this.#tell({ name: 'host_heartbeat', source: host.id, data: toInventory(host, now) });
  }

  #living(): SpokenHost[] {
    return [...this.#told.values()].filter(({ alive }) => alive);
  }

  #tell(told: Told): void {
    const { lattice, connection, clock } = this.#options;
    const event = { ...told, id: randomUUID(), time: new Date(clock.now()).toISOString() };
    this.#try(() => connection.publish(eventSubject(lattice, told.name), encodeEvent(event)));
  }

  #answerPing(message: LatticeMessage): void {
    const { lattice, clock } = this.#options;
    const now = clock.now();
    for (const host of this.#living()) this.#answer(message, ctlOk(toHost(host, lattice, now)));
  }

  // One subscription per host: a wildcard would make the server believe that somebody answers for every host.
  #serveInventories(): void {
    const { lattice, connection, clock } = this.#options;
    for (const [id, subscription] of this.#inventories) {
      if (this.#told.has(id)) continue;
      subscription.close();
      this.#inventories.delete(id);
    }
    for (const id of this.#told.keys()) {
      if (this.#inventories.has(id)) continue;
      const subscription = connection.subscribe(controlSubject.hostGet(lattice, id), (message) => {
        const host = this.#told.get(id);
        if (host?.alive === true) this.#answer(message, ctlOk(toInventory(host, clock.now())));
      });
      this.#inventories.set(id, subscription);
    }
  }

  #answer({ reply }: LatticeMessage, answer: object): void {
    // An asker must not be able to make us publish anywhere but to itself.
    if (reply === undefined || !isInbox(reply)) return;
    this.#try(() => this.#options.connection.publish(reply, encodeJson(answer)));
  }

  #try(publish: () => void): void {
    try {
      publish();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
