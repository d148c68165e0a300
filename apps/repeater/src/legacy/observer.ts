import { labels } from '@kasmcloud/kube-api';
import type { LatticeConnection, LatticeMessage } from '@kasmcloud/lattice';
import { done, requeueAfter, runController, WorkQueue, type Clock, type Random } from '@kasmcloud/reconcile';
import {
  allEventsSubject,
  controlSubject,
  decodeEvent,
  decodeInventoryReply,
  decodePingReply,
  RUNTIME_LABEL,
  WireError,
  type HostEvent,
  type OtherEvent,
} from '@kasmcloud/wire';
import type { Member } from '../members/member.ts';
import type { Complaints } from './complaints.ts';
import {
  isHostId,
  sightingOfHeartbeat,
  sightingOfPing,
  sightingOfStart,
  type Moment,
  type Sighting,
} from './sighting.ts';
import { writeHost } from './write-host.ts';

export interface ObserverOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  readonly clock: Clock;
  readonly random: Random;
  readonly pingMs: number;
  /** Whether resources drive the host of this id. */
  readonly isOurs: (hostId: string) => boolean;
  /** The member that a host belongs to which names this cluster, or none. */
  readonly home: (cluster: string | undefined) => Member | undefined;
  readonly complaints: Complaints;
  readonly onError: (error: unknown) => void;
}

/** More hosts than this do not join one lattice: each costs Kubernetes writes every few seconds. */
const MAX_HOSTS = 1_000;
const FORGET_MS = 600_000;
const REQUEST_MS = 2_000;
/** Until a member is there that the host can belong to. */
const HOMELESS_RETRY_MS = 5_000;

/** Watches one lattice for hosts that only NATS knows, and makes each a WasmCloudHost with a Lease. */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #sightings = new Map<string, Sighting>();
  /** Hosts whose inventory may be old. */
  readonly #stale = new Set<string>();

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Legacy hosts that gave a sign of life in the last ten minutes. */
  get size(): number {
    return this.#sightings.size;
  }

  /** Watches until the signal aborts, then waits for the writes under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { lattice, connection, clock, random, onError } = this.#options;
    const queue = new WorkQueue({ clock, random, signal, backoff: { baseMs: 500, maxMs: 15_000, jitter: 0.2 } });
    const events = connection.subscribe(allEventsSubject(lattice), (message) => {
      const seen = this.#takeEvent(message);
      if (seen !== undefined) queue.add(seen);
    });
    const writing = runController({
      name: `legacy-hosts-${lattice}`,
      queue,
      clock,
      signal,
      workers: 8,
      reconcile: async (id) => ((await this.#write(id, signal)) ? done : requeueAfter(HOMELESS_RETRY_MS)),
      onError: (_, error) => onError(error),
    });
    while (!signal.aborted) {
      for (const seen of await this.#ping(signal)) queue.add(seen);
      this.#forget();
      await clock.sleep(this.#options.pingMs, signal);
    }
    events.close();
    await writing;
  }

  async #ping(signal: AbortSignal): Promise<string[]> {
    const { lattice, connection, pingMs, onError } = this.#options;
    const waitMs = Math.min(REQUEST_MS, pingMs / 2);
    try {
      const answers = await connection.scatter(controlSubject.hostPing(lattice), new Uint8Array(0), { waitMs, signal });
      return answers.flatMap((message) => this.#takePing(message) ?? []);
    } catch (error) {
      if (!signal.aborted) onError(error);
      return [];
    }
  }

  #takePing({ data }: LatticeMessage): string | undefined {
    return this.#usable('ping', 'host.ping', () => {
      const { success, response: host } = decodePingReply(data);
      if (!success || host === undefined || host.lattice !== this.#options.lattice) return undefined;
      const before = this.#sightings.get(host.id);
      // An answer that was on its way while the host stopped is no sign of life.
      if (before?.stopped === true) return undefined;
      return this.#remember(sightingOfPing(host, this.#options.lattice, before, this.#moment()));
    });
  }

  #takeEvent({ subject, data }: LatticeMessage): string | undefined {
    return this.#usable('event', subject, () => this.#sighted(decodeEvent(data)));
  }

  /** Undefined for what shows no legacy host, or cannot be read. */
  #usable(kind: string, source: string, take: () => string | undefined): string | undefined {
    try {
      return take();
    } catch (error) {
      this.#options.complaints.add(kind, error instanceof WireError ? `${source} ${error.what}` : source, error);
      return undefined;
    }
  }

  #sighted(event: HostEvent | OtherEvent): string | undefined {
    const { lattice } = this.#options;
    const moment = this.#moment();
    const { source } = event;
    const before = this.#sightings.get(source);
    switch (event.name) {
      case 'host_heartbeat':
        return this.#remember(sightingOfHeartbeat(source, event.data, lattice, moment));
      case 'host_started':
        return this.#remember(sightingOfStart(source, event.data, lattice, moment));
      case 'host_stopped':
        return before && this.#remember({ ...before, stopped: true, seenAt: moment.steady });
      case 'component_scaled':
      case 'provider_started':
      case 'provider_stopped':
        if (before === undefined) return undefined;
        this.#stale.add(source);
        return this.#remember({ ...before, seenAt: moment.steady });
      default:
        return before && this.#remember({ ...before, seenAt: moment.steady });
    }
  }

  #remember(sighting: Sighting): string | undefined {
    const { id } = sighting;
    if (RUNTIME_LABEL in sighting.labels || this.#options.isOurs(id)) return undefined;
    if (!isHostId(id)) throw new WireError('host', 'id', `"${id.slice(0, 64)}" is not the public key of a host`);
    if (!this.#sightings.has(id) && this.#sightings.size >= MAX_HOSTS)
      throw new RangeError(`more than ${MAX_HOSTS} hosts in lattice ${sighting.lattice}`);
    if (sighting.inventory === undefined) this.#stale.add(id);
    this.#sightings.set(id, sighting);
    return id;
  }

  /** False while no member is there to write it in. */
  async #write(id: string, signal: AbortSignal): Promise<boolean> {
    const { clock, home, isOurs } = this.#options;
    if (isOurs(id)) this.#sightings.delete(id);
    if (this.#stale.delete(id)) await this.#refresh(id, signal);
    const sighting = this.#sightings.get(id);
    if (sighting === undefined) return true;
    const member = home(sighting.labels[labels.cluster]);
    if (member === undefined) return false;
    await writeHost(member, sighting, { now: clock.now(), signal });
    return true;
  }

  /** Asks the host what it runs. One that does not answer will be heard again, or not. */
  async #refresh(id: string, signal: AbortSignal): Promise<void> {
    const { lattice, connection, complaints } = this.#options;
    try {
      const subject = controlSubject.hostGet(lattice, id);
      const { data } = await connection.request(subject, new Uint8Array(0), { timeoutMs: REQUEST_MS, signal });
      const { response: inventory } = decodeInventoryReply(data);
      const sighting = this.#sightings.get(id);
      if (inventory !== undefined && sighting !== undefined) this.#sightings.set(id, { ...sighting, inventory });
    } catch (error) {
      if (!signal.aborted) complaints.add('inventory', id, error);
    }
  }

  #forget(): void {
    const oldest = this.#options.clock.steady() - FORGET_MS;
    for (const [id, { seenAt }] of this.#sightings) {
      if (seenAt < oldest) this.#sightings.delete(id);
    }
  }

  #moment(): Moment {
    const { clock } = this.#options;
    return { now: clock.now(), steady: clock.steady() };
  }
}
