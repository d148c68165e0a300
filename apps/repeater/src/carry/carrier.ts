import {
  annotations,
  builtin,
  isConditionTrue,
  conditionTypes,
  WasmCloudActor,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { KubeClient } from '@kasmcloud/kube';
import { NoRespondersError, NotConnectedError, RequestTimeoutError, type LatticeConnection } from '@kasmcloud/lattice';
import {
  backoffMs,
  done,
  requeueAfter,
  runController,
  WorkQueue,
  type Clock,
  type Random,
  type Result,
} from '@kasmcloud/reconcile';
import { allEventsSubject, decodeEvent, WireError, type HostEvent, type HostInventory } from '@kasmcloud/wire';
import { hostNameOf } from '../legacy/host-object.ts';
import { isObserved } from '../legacy/observed.ts';
import type { Member } from '../members/member.ts';
import { Adoptions } from './adoptions.ts';
import { Commands, HostRefusedError } from './command.ts';
import { carryLabels } from './labels.ts';
import { report } from './report.ts';
import { nextStep, runningOf, type Attempt, type Running, type Step } from './step.ts';
import { wantedOf, workKey, type Wanted } from './wanted.ts';

export interface CarrierOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  /** Config is declared on the hub. */
  readonly hub: KubeClient;
  readonly members: () => readonly Member[];
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: (error: unknown) => void;
}

/** A legacy host, and the member that it belongs to. */
interface LegacyHost {
  readonly id: string;
  readonly member: Member;
  readonly object: HostObject;
}

/** One look at one host. */
interface Look {
  readonly host: LegacyHost;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly running: ReadonlyMap<string, Running>;
  readonly signal: AbortSignal;
}

const BACKOFF = { baseMs: 1_000, maxMs: 60_000, jitter: 0.2 };
const WORKERS = 16;
/** Changes of one moment are looked at together. */
const GATHER_MS = 50;

/**
 * Makes true on the legacy hosts of one lattice what Kubernetes wants there: compares each host's inventory with the
 * Actors, Providers and labels that name the host, sends the difference as commands, and tells the objects how it goes.
 * What others started there is left alone. A host that does not answer is not judged: its Lease is.
 */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #commands: Commands;
  readonly #adoptions = new Adoptions();
  /** By host name, then by kind and id. */
  readonly #attempts = new Map<string, Map<string, Attempt>>();
  readonly #failures = new Map<string, number>();
  /** Inventories that came with heartbeats, by host name, each good for one look. */
  readonly #heard = new Map<string, HostInventory>();
  /** What counts of each host's object, as it was when it was last looked at. */
  readonly #marks = new Map<string, string>();
  #queue: WorkQueue | undefined;
  #cancelGather: (() => void) | undefined;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#commands = new Commands(options);
  }

  /** What Kubernetes wants of a host may be different. */
  changed(hostName: string): void {
    if (this.#find(hostName) === undefined) return;
    this.#heard.delete(hostName);
    this.#queue?.add(hostName);
  }

  /** The object of a host may be different from before. */
  hostChanged(hostName: string): void {
    if (this.#queue !== undefined) this.#compare(hostName);
  }

  /** All hosts may be different from before. */
  hostsChanged(): void {
    if (this.#queue === undefined || this.#cancelGather !== undefined) return;
    this.#cancelGather = this.#options.clock.after(GATHER_MS, () => {
      this.#cancelGather = undefined;
      this.#compareHosts();
    });
  }

  /** Carries until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { lattice, connection, clock, random, onError } = this.#options;
    const queue = new WorkQueue({ clock, random, signal, backoff: BACKOFF });
    this.#queue = queue;
    const events = connection.subscribe(allEventsSubject(lattice), ({ data }) => this.#hear(data));
    const back = connection.onStatus((status) => {
      if (status === 'connected') for (const name of this.#all()) this.changed(name);
    });
    this.#compareHosts();
    await runController({
      name: `legacy-work-${lattice}`,
      queue,
      clock,
      signal,
      workers: WORKERS,
      reconcile: async (name) => this.#look(name, signal),
      onError: (_, error) => onError(error),
    });
    events.close();
    back();
    this.#queue = undefined;
    this.#cancelGather?.();
    this.#marks.clear();
    this.#adoptions.clear();
    this.#attempts.clear();
    this.#failures.clear();
    this.#heard.clear();
  }

  #compareHosts(): void {
    for (const name of new Set([...this.#all(), ...this.#marks.keys()])) this.#compare(name);
  }

  /** Looks at a host whose labels are others than before, or that is Ready or not. */
  #compare(name: string): void {
    const { object } = this.#find(name) ?? {};
    if (object === undefined) {
      this.#marks.delete(name);
      return;
    }
    const { metadata, status } = object;
    const own = metadata.annotations?.[annotations.hostLabels];
    const mark = JSON.stringify([metadata.uid, metadata.labels, own, isReady(object), status?.startedAt]);
    if (this.#marks.get(name) === mark) return;
    this.#marks.set(name, mark);
    this.changed(name);
  }

  #all(): string[] {
    const { lattice, members } = this.#options;
    return members().flatMap((member) => member.legacyHosts(lattice).map(({ metadata }) => metadata.name));
  }

  #hear(data: Uint8Array): void {
    let event;
    try {
      event = decodeEvent(data);
    } catch (error) {
      // The observer counts and tells of what cannot be read.
      if (error instanceof WireError) return;
      throw error;
    }
    if (event.name === 'other') return;
    const name = hostNameOf(event.source);
    if (this.#find(name) === undefined) return;
    if (event.name === 'host_heartbeat') this.#heard.set(name, event.data);
    else this.#heard.delete(name);
    if (event.name === 'host_started') this.#attempts.delete(name);
    this.#note(name, event);
    this.#queue?.add(name);
  }

  /** What a host says against a command ends the wait for it. */
  #note(name: string, event: HostEvent): void {
    if (event.name === 'component_scale_failed')
      this.#failed(name, workKey('component', event.data.component_id), event.data.error);
    if (event.name === 'provider_start_failed')
      this.#failed(name, workKey('provider', event.data.provider_id), event.data.error);
  }

  #failed(name: string, work: string, error: string): void {
    const { clock, random } = this.#options;
    const attempts = this.#attempts.get(name);
    const attempt = attempts?.get(work);
    // Commands of others fail, too.
    if (attempts === undefined || attempt === undefined || attempt.error !== undefined) return;
    const key = `${name} ${work}`;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    attempts.set(work, { ...attempt, error, againAt: clock.steady() + backoffMs(BACKOFF, failures, random) });
  }

  async #look(name: string, signal: AbortSignal): Promise<Result> {
    const host = this.#find(name);
    if (host === undefined || !isReady(host.object)) return done;
    const { member, id } = host;
    const { lattice } = this.#options;
    const actors = member.actorsOn(lattice, name);
    const providers = member.providersOn(lattice, name);
    const wanted = wantedOf(actors.filter(isWish), providers.filter(isWish));
    const inventory = await this.#inventory(name, id, wanted, signal);
    if (inventory === undefined) return done;
    const found = runningOf(inventory);
    // Before anything else: should we end here, what is taken over is known as ours.
    await this.#adoptions.note(member, host.object, { wanted, running: found }, signal);
    const running = this.#adoptions.mark(host.object, found, [...actors, ...providers]);
    const look: Look = { host, wanted, running, signal };
    await this.#label(host, inventory.labels, signal);
    const waits: number[] = [];
    for (const work of new Set([...wanted.keys(), ...look.running.keys()])) {
      const ms = await this.#carry(look, work);
      if (ms !== undefined) waits.push(ms);
    }
    this.#tidy(name, look);
    return waits.length === 0 ? done : requeueAfter(Math.min(...waits));
  }

  async #label(host: LegacyHost, reported: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    try {
      await carryLabels(host, reported, { commands: this.#commands, signal });
    } catch (error) {
      // What runs there does not wait for a label that the host will not have.
      if (!(error instanceof HostRefusedError)) throw error;
      this.#options.onError(error);
    }
  }

  /** Undefined when there is nothing to ask for, or nobody to ask. */
  async #inventory(
    name: string,
    id: string,
    wanted: ReadonlyMap<string, Wanted>,
    signal: AbortSignal,
  ): Promise<HostInventory | undefined> {
    const heard = this.#heard.get(name);
    this.#heard.delete(name);
    if (heard !== undefined) return heard;
    try {
      return await this.#commands.inventory(id, signal);
    } catch (error) {
      const isAway =
        error instanceof NoRespondersError ||
        error instanceof RequestTimeoutError ||
        error instanceof NotConnectedError;
      // Its next heartbeat is the next look; with something to do we do not wait for that.
      if (isAway && wanted.size === 0) return undefined;
      throw error;
    }
  }

  /** Takes the next step about one id; resolves with when to look again, in milliseconds, if that is not for events to say. */
  async #carry(look: Look, work: string): Promise<number | undefined> {
    const { host, signal } = look;
    const name = host.object.metadata.name;
    const wanted = look.wanted.get(work);
    const running = look.running.get(work);
    if (wanted === undefined && !(await this.#isOrphan(host, running, signal))) return undefined;
    const attempts = this.#attempts.get(name) ?? new Map<string, Attempt>();
    this.#attempts.set(name, attempts);
    const { clock } = this.#options;
    let step = nextStep(wanted, running, attempts.get(work), clock.steady());
    if (step.kind === 'overdue') this.#failed(name, work, 'the host has not carried out the command in time');
    if (step.kind === 'start' || step.kind === 'scale' || step.kind === 'stop') {
      attempts.set(work, { aim: step.aim, sentAt: clock.steady() });
      await this.#send(look, step.kind, { work, wanted, running });
    }
    if (step.kind === 'settled') {
      attempts.delete(work);
      this.#failures.delete(`${name} ${work}`);
    } else step = nextStep(wanted, running, attempts.get(work), clock.steady());
    if (wanted !== undefined && !isScaling(step, wanted, running))
      await report(host.member.client, wanted, { step, running }, { now: clock.now(), signal });
    return step.kind === 'wait' ? step.ms : undefined;
  }

  async #send(
    { host, signal }: Look,
    kind: 'start' | 'scale' | 'stop',
    { work, wanted, running }: { work: string; wanted: Wanted | undefined; running: Running | undefined },
  ): Promise<void> {
    try {
      if (kind === 'stop') {
        if (running !== undefined) await this.#commands.stop(host.id, running, signal);
      } else if (wanted !== undefined) {
        const config = await this.#configNames(wanted, signal);
        await this.#commands.run(host.id, wanted, config, signal);
      }
    } catch (error) {
      if (!(error instanceof HostRefusedError)) {
        // Whether it arrived is not known: the next look asks the host.
        this.#attempts.get(host.object.metadata.name)?.delete(work);
        throw error;
      }
      this.#failed(host.object.metadata.name, work, error.message);
    }
  }

  /** What the lattice calls the config that is named. */
  async #configNames({ config, secrets }: Wanted, signal: AbortSignal): Promise<string[]> {
    const { hub, lattice } = this.#options;
    if (secrets.length > 0)
      throw new HostRefusedError(
        `Secrets do not reach wasmCloud hosts: they take them from a secrets backend, and not ${secrets.join(', ')} from Kubernetes`,
      );
    const found = config.map(async (name) => {
      const object = await hub.find(builtin.ConfigMap, name, lattice, { signal });
      return object?.metadata.annotations?.[annotations.latticeName] ?? name;
    });
    return Promise.all(found);
  }

  /**
   * Whether something that was started for Kubernetes is wanted by nobody there. The API server itself is asked: what is
   * not in a store may be there all the same.
   */
  async #isOrphan({ member, object }: LegacyHost, running: Running | undefined, signal: AbortSignal): Promise<boolean> {
    if (running?.object === undefined) return false;
    const kind = running.kind === 'component' ? WasmCloudActor : WasmCloudProvider;
    const { items } = await member.client.list<ActorObject | ProviderObject>(kind, {
      namespace: this.#options.lattice,
      fieldSelector: `spec.hostName=${object.metadata.name}`,
      signal,
    });
    return !items.some((one) => one.spec.id === running.id && isWish(one));
  }

  /** Forgets what concerns nothing any more. */
  #tidy(name: string, { wanted, running }: Look): void {
    const attempts = this.#attempts.get(name);
    for (const work of attempts?.keys() ?? [])
      if (!wanted.has(work) && !running.has(work)) {
        attempts?.delete(work);
        this.#failures.delete(`${name} ${work}`);
      }
    if (attempts?.size === 0) this.#attempts.delete(name);
  }

  #find(name: string): LegacyHost | undefined {
    const { lattice, members } = this.#options;
    for (const member of members()) {
      const object = member.hosts.get(name);
      const { runtime, hostId, lattice: its } = object?.status ?? {};
      if (object !== undefined && runtime === 'wasmcloud' && hostId !== undefined && its === lattice)
        return { id: hostId, member, object };
    }
    return undefined;
  }
}

const isReady = ({ status }: HostObject): boolean => isConditionTrue(status?.conditions, conditionTypes.ready);

/** Somebody wants it; the rest was only seen. */
const isWish = (object: ActorObject | ProviderObject): boolean =>
  !isObserved(object) && object.metadata.deletionTimestamp === undefined;

/** What runs goes on running while its room changes: nobody need hear of that before it is done, or has failed. */
const isScaling = (step: Step, wanted: Wanted, running: Running | undefined): boolean =>
  step.kind === 'wait' &&
  step.error === undefined &&
  running !== undefined &&
  (running.content ?? wanted.content) === wanted.content &&
  running.image === wanted.image;
