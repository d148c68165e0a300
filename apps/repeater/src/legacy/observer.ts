import { setImmediate as othersFirst } from 'node:timers/promises';
import type { LatticeConnection, LatticeMessage } from '@kasmcloud/lattice';
import {
  done,
  requeueAfter,
  runController,
  WorkQueue,
  type Clock,
  type Random,
  type Result,
} from '@kasmcloud/reconcile';
import {
  allEventsSubject,
  controlSubject,
  decodeEvent,
  decodeInventoryReply,
  decodePingReply,
  isHostId,
  RUNTIME_LABEL,
  WireError,
  type HostEvent,
  type OtherEvent,
} from '@kasmcloud/wire';
import type { Complaints } from './complaints.ts';
import { hostNameOf } from './host-object.ts';
import type { Recorder } from './recorder.ts';
import {
  amongRivals,
  isSameRun,
  settled,
  sightingOfHeartbeat,
  sightingOfPing,
  sightingOfStart,
  stoppedSighting,
  type Moment,
  type Sighting,
} from './sighting.ts';

export interface ObserverOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  readonly clock: Clock;
  readonly random: Random;
  readonly pingMs: number;
  /** Whether resources drive the host of this id. */
  readonly isOurs: (hostId: string) => boolean;
  readonly recorder: Pick<Recorder, 'record' | 'isRecorded' | 'renew' | 'disturb' | 'forget'>;
  readonly complaints: Complaints;
  readonly onError: (error: unknown) => void;
}

interface Known {
  readonly sighting: Sighting;
  /** Of the last sign of life, on the clock's steady scale. */
  readonly seenAt: number;
}

/** More hosts than this do not join one lattice: each costs Kubernetes a write every few seconds. */
const MAX_HOSTS = 1_000;
const FORGET_MS = 600_000;
const REQUEST_MS = 2_000;
/** Until what stands in the way of writing a host may be over: no member for it, another of its name. */
const RETRY_MS = 5_000;
/** An answer that was on its way while the host stopped is no sign of life; one that comes later is. */
const STOP_MS = 5_000;
const WRITERS = 16;
const RENEWERS = 8;
/** Answers to a ping that are read in one go. */
const ANSWERS_AT_ONCE = 50;
const SILENT_PINGS = 3;

/** Watches one lattice for hosts that only NATS knows, and has them recorded. */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #known = new Map<string, Known>();
  /** Hosts whose inventory may be old. */
  readonly #stale = new Set<string>();
  /** Hosts of which something may have to be written. */
  #queue: WorkQueue | undefined;
  /** Hosts of which nothing is new, except that they live. */
  #alive: WorkQueue | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Legacy hosts that gave a sign of life in the last ten minutes. */
  get size(): number {
    return this.#known.size;
  }

  /** What Kubernetes has on a host is different from before. */
  placeChanged(hostName: string): void {
    const id = hostName.toUpperCase();
    if (!this.#known.has(id)) return;
    this.#options.recorder.disturb(id);
    this.#queue?.add(id);
  }

  /** Watches until the signal aborts, then waits for the writes under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { lattice, connection, clock, random, onError } = this.#options;
    const options = { clock, random, signal, backoff: { baseMs: 500, maxMs: 15_000, jitter: 0.2 } };
    const queue = new WorkQueue(options);
    const alive = new WorkQueue(options);
    this.#queue = queue;
    this.#alive = alive;
    const events = connection.subscribe(allEventsSubject(lattice), (message) => this.#noted(this.#takeEvent(message)));
    const common = { clock, signal, onError: (_: string, error: unknown): void => onError(error) };
    const working = [
      runController({
        ...common,
        name: `legacy-hosts-${lattice}`,
        queue,
        workers: WRITERS,
        reconcile: async (id) => this.#write(id, signal),
      }),
      runController({
        ...common,
        name: `legacy-leases-${lattice}`,
        queue: alive,
        workers: RENEWERS,
        reconcile: async (id) => this.#renew(id, signal),
      }),
    ];
    // Lattices that were taken on together do not all answer together for ever.
    let pauseMs = this.#options.pingMs * random();
    while (!signal.aborted) {
      const startedAt = clock.steady();
      await this.#ping(signal);
      this.#forget();
      await clock.sleep(Math.max(0, pauseMs - (clock.steady() - startedAt)), signal);
      pauseMs = this.#options.pingMs;
    }
    events.close();
    await Promise.all(working);
    for (const id of this.#known.keys()) this.#options.recorder.forget(id);
  }

  /** A host was heard: what is new of it is written, or else its Lease renewed. */
  #noted(id: string | undefined): void {
    const known = id === undefined ? undefined : this.#known.get(id);
    if (id === undefined || known === undefined) return;
    const isNew = this.#stale.has(id) || !this.#options.recorder.isRecorded(known.sighting);
    (isNew ? this.#queue : this.#alive)?.add(id);
  }

  async #ping(signal: AbortSignal): Promise<void> {
    const { lattice, connection, pingMs, onError } = this.#options;
    const waitMs = Math.min(REQUEST_MS, pingMs / 2);
    try {
      const messages = await connection.scatter(controlSubject.hostPing(lattice), new Uint8Array(0), {
        waitMs,
        signal,
      });
      const answers: Sighting[] = [];
      for (const [read, message] of messages.entries()) {
        if (read % ANSWERS_AT_ONCE === 0) await othersFirst();
        answers.push(...this.#takePing(message));
      }
      const byHost = Map.groupBy(answers, ({ id }) => id);
      for (const [id, ofOne] of byHost) this.#noted(this.#usable('ping', id, () => this.#answered(ofOne)));
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
  }

  #takePing({ data }: LatticeMessage): Sighting[] {
    const seen = this.#usable('ping', 'host.ping', () => {
      const { success, response: host } = decodePingReply(data);
      const { lattice } = this.#options;
      if (!success || host === undefined || host.lattice !== lattice) return undefined;
      return sightingOfPing(host, lattice, this.#known.get(host.id)?.sighting, this.#moment());
    });
    return seen === undefined ? [] : [seen];
  }

  /** What one id answered to one ping, once or, where several hosts have it, several times. */
  #answered(answers: readonly Sighting[]): string | undefined {
    const [{ id } = { id: '' }] = answers;
    const before = this.#known.get(id);
    const moment = this.#moment();
    if (before?.sighting.stopped === true && moment.steady - before.seenAt < STOP_MS) return undefined;
    const chosen = amongRivals(answers, before?.sighting);
    return chosen && this.#remember(chosen, moment);
  }

  #takeEvent({ subject, data }: LatticeMessage): string | undefined {
    return this.#usable('event', subject, () => this.#sighted(decodeEvent(data)));
  }

  /** Undefined for what shows no legacy host, or cannot be read. */
  #usable<T>(kind: string, source: string, take: () => T | undefined): T | undefined {
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
    const before = this.#known.get(source)?.sighting;
    switch (event.name) {
      case 'host_heartbeat': {
        const seen = sightingOfHeartbeat(source, event.data, lattice, before, moment);
        // Of two hosts with one id, one is believed.
        const isRival = before !== undefined && before.rivals.length > 0 && !isSameRun(seen, before);
        return this.#remember(isRival ? before : seen, moment);
      }
      case 'host_started':
        return this.#remember(sightingOfStart(source, event.data, lattice, moment), moment);
      case 'host_stopped':
        return before && this.#remember(stoppedSighting(before), moment);
      case 'labels_changed':
        return before && this.#remember({ ...before, labels: event.data.labels }, moment);
      case 'component_scaled':
      case 'provider_started':
      case 'provider_stopped':
        if (before === undefined) return undefined;
        this.#stale.add(source);
        return this.#remember(before, moment);
      case 'component_scale_failed':
      case 'provider_start_failed':
      case 'health_check_passed':
      case 'health_check_failed':
      case 'health_check_status':
      case 'linkdef_set':
      case 'linkdef_set_failed':
      case 'linkdef_deleted':
      case 'config_set':
      case 'config_deleted':
      case 'other':
        return before && this.#remember(before, moment);
    }
  }

  #remember(sighting: Sighting, { steady }: Moment): string | undefined {
    const { id, lattice } = sighting;
    if (RUNTIME_LABEL in sighting.labels || this.#options.isOurs(id)) return undefined;
    if (!isHostId(id)) throw new WireError('host', 'id', `"${id.slice(0, 64)}" is not the public key of a host`);
    if (!this.#known.has(id) && this.#known.size >= MAX_HOSTS)
      throw new RangeError(`more than ${MAX_HOSTS} hosts in lattice ${lattice}`);
    const before = this.#known.get(id)?.sighting;
    const isSameInventory = sighting.inventory === before?.inventory && before !== undefined;
    // Another run of the host has not what the one before had, unless it says so itself.
    if (sighting.inventory === undefined || (isSameInventory && !isSameRun(sighting, before))) this.#stale.add(id);
    this.#known.set(id, { sighting: settled(before, sighting), seenAt: steady });
    return id;
  }

  async #write(id: string, signal: AbortSignal): Promise<Result> {
    const { isOurs, recorder, complaints } = this.#options;
    if (isOurs(id)) this.#drop(id);
    const isFresh = !this.#stale.delete(id) || (await this.#refresh(id, signal));
    const known = this.#known.get(id);
    // What somebody in Kubernetes changes is no sign of life: of a host that is silent nothing is told before it is heard.
    if (known === undefined || this.#isSilent(known)) return done;
    const { sighting, seenAt } = known;
    const recorded = await recorder.record(sighting, seenAt, signal);
    switch (recorded.kind) {
      case 'written':
        return isFresh ? done : requeueAfter(RETRY_MS);
      case 'homeless':
        return requeueAfter(RETRY_MS);
      case 'taken':
        complaints.add('host', id, new RangeError(`host ${hostNameOf(id)} is known already as ${recorded.by}`));
        return requeueAfter(RETRY_MS);
    }
  }

  async #renew(id: string, signal: AbortSignal): Promise<Result> {
    const known = this.#known.get(id);
    if (known === undefined || this.#isSilent(known)) return done;
    await this.#options.recorder.renew(known.sighting, known.seenAt, signal);
    return done;
  }

  /** Asks the host what it runs. One that does not answer is asked again while it gives signs of life. */
  async #refresh(id: string, signal: AbortSignal): Promise<boolean> {
    const { lattice, connection, complaints } = this.#options;
    if (this.#known.get(id)?.sighting.stopped === true) return true;
    try {
      const subject = controlSubject.hostGet(lattice, id);
      const { data } = await connection.request(subject, new Uint8Array(0), { timeoutMs: REQUEST_MS, signal });
      const { response: inventory } = decodeInventoryReply(data);
      const known = this.#known.get(id);
      if (inventory === undefined || known === undefined || known.sighting.stopped) return true;
      const { components, providers } = inventory;
      const sighting = settled(known.sighting, { ...known.sighting, inventory: { components, providers } });
      this.#known.set(id, { ...known, sighting });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      complaints.add('inventory', id, error);
      if (this.#known.has(id)) this.#stale.add(id);
      return false;
    }
  }

  /** Whether it has missed several pings; its goodbye is told all the same. */
  #isSilent({ sighting, seenAt }: Known): boolean {
    const { clock, pingMs } = this.#options;
    return !sighting.stopped && clock.steady() - seenAt > SILENT_PINGS * pingMs;
  }

  #forget(): void {
    const oldest = this.#options.clock.steady() - FORGET_MS;
    for (const [id, { seenAt }] of this.#known) if (seenAt < oldest) this.#drop(id);
  }

  #drop(id: string): void {
    this.#known.delete(id);
    this.#stale.delete(id);
    this.#options.recorder.forget(id);
  }

  #moment(): Moment {
    const { clock } = this.#options;
    return { now: clock.now(), steady: clock.steady() };
  }
}
