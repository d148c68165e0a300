/** What many legacy hosts cost a repeater and an API server while nothing changes, and how fast a change is seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { labels, WasmCloudActor, WasmCloudHost, type ActorObject, type HostObject } from '@kasmcloud/kube-api';
import { Store } from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';
import { usageOf, type Program } from '../supercluster/program.ts';
import { quantile, row, type Row } from '../supercluster/rows.ts';
import { until } from '../supercluster/world.ts';
import { COMPONENTS, componentOf, Fleet, HEARTBEAT_S, latticeName } from './fleet.ts';
import { told } from './progress.ts';
import { RepeaterWorld } from './world.ts';

/** One heartbeat of every host. */
const WINDOW_MS = HEARTBEAT_S * 1_000;
const QUIET_MS = 5_000;
const SHOWN_WITHIN_MS = 400_000;
/** Hosts of the first lattice: their events are timed. */
const TIMED_HOSTS = 100;
/** As many as one lattice takes. */
const HOSTS_PER_LATTICE = 1_000;
const EVENTS = 200;
const EVENT_EVERY_MS = 25;

export interface HostsCost {
  readonly cores: number;
  readonly rssMb: number;
  readonly rows: readonly Row[];
}

export interface Size {
  readonly hosts: number;
  /** Hosts that have Actors for what they run, those of the first lattice at least; what runs on the others is in their status. */
  readonly shown: number;
}

export async function hostsCost({ hosts, shown }: Size, name: string): Promise<HostsCost> {
  await using world = await RepeaterWorld.start();
  const withActors = [TIMED_HOSTS, ...latticeSizes(shown - TIMED_HOSTS)];
  const sizes = [...withActors, ...latticeSizes(hosts - Math.max(shown, TIMED_HOSTS))];
  const shownHosts = withActors.reduce((sum, size) => sum + size, 0);
  for (const index of sizes.keys())
    await world.addLattice(latticeName(index), index < withActors.length ? 'Workloads' : 'Hosts');
  await using fleet = await Fleet.start(world.nats.url, sizes);
  await using actors = new Actors(world);
  await using seen = new Hosts(world);
  const repeater = await world.startProgram('repeater');
  const startedAt = performance.now();
  const isShown = (): boolean => actors.size === shownHosts * COMPONENTS && seen.whole === hosts;
  using _progress = told(() => `${seen.whole} of ${hosts} hosts and ${actors.size} Actors are shown`);
  await until('what runs is shown', isShown, { everyMs: 500, withinMs: SHOWN_WITHIN_MS });
  await quiet(world);
  const shownS = (performance.now() - startedAt - QUIET_MS) / 1_000;
  const verified = isShown();
  const idle = await idleCost(world, fleet, repeater);
  const samples = await latencies(fleet, actors);
  return {
    cores: idle.cores,
    rssMb: idle.rssMb,
    rows: [
      row(`cpu-cores-${name}`, idle.cores, 'cores', { verified, goal: 'below 1' }),
      row(`api-server-cpu-cores-${name}`, idle.serverCores, 'cores', { verified }),
      row(`rss-mb-${name}`, idle.rssMb, 'MB', { verified }),
      row(`hosts-shown-s-${name}`, shownS, 's', { verified }),
      row(`lease-writes-per-s-${name}`, idle.leasesPerS, '/s', { verified, note: `${hosts / 10}/s are due` }),
      row(`writes-per-idle-heartbeat${name === '10k' ? '' : `-${name}`}`, idle.writesPerHeartbeat, 'writes', {
        verified,
        goal: '0',
      }),
      row(`event-to-resource-p50-ms${name === '10k' ? '' : `-${name}`}`, quantile(samples, 0.5), 'ms', {
        verified: samples.length === EVENTS,
        runs: samples.length,
      }),
      row(`event-to-resource-p99-ms${name === '10k' ? '' : `-${name}`}`, quantile(samples, 0.99), 'ms', {
        verified: samples.length === EVENTS,
        runs: samples.length,
      }),
    ],
  };
}

const latticeSizes = (hosts: number): number[] =>
  hosts <= 0 ? [] : [Math.min(hosts, HOSTS_PER_LATTICE), ...latticeSizes(hosts - HOSTS_PER_LATTICE)];

/** The observed Actors of all lattices, watched from outside. */
class Actors implements AsyncDisposable {
  readonly #store: Store<number>;
  readonly #waiting = new Map<string, { readonly instances: number; readonly tell: (at: number) => void }>();

  constructor({ hub }: RepeaterWorld) {
    this.#store = new Store<number>({
      client: hub.client,
      kind: WasmCloudActor,
      labelSelector: labels.observed,
      clock: systemClock,
      random: Math.random,
      onError: () => undefined,
      keep: (object) => {
        const { spec } = object as ActorObject;
        const wait = this.#waiting.get(`${spec.hostName}/${spec.id}`);
        if (wait?.instances === spec.instances) wait.tell(performance.now());
        return spec.instances;
      },
    });
  }

  get size(): number {
    return this.#store.size;
  }

  /** Resolves with `performance.now()` of the moment at which the Actor says so. */
  async shows(place: string, instances: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.set(place, { instances, tell: resolve });
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
  }
}

/** The hosts, watched from outside: a list of so many at each look would cost more than what is measured. */
class Hosts implements AsyncDisposable {
  /** Those that are shown with all that they run. */
  whole = 0;
  readonly #store: Store<boolean>;

  constructor({ hub }: RepeaterWorld) {
    this.#store = new Store<boolean>({
      client: hub.client,
      kind: WasmCloudHost,
      clock: systemClock,
      random: Math.random,
      onError: () => undefined,
      keep: (object) => (object as HostObject).status?.actors === COMPONENTS,
    });
    this.#store.onChange((_, before, after) => {
      this.whole += Number(after === true) - Number(before === true);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
  }
}

/** Nothing but Leases is written any more. */
async function quiet(world: RepeaterWorld): Promise<void> {
  for (let before = -1; ;) {
    const { others } = await world.writes();
    if (others === before) return;
    before = others;
    await sleep(QUIET_MS);
  }
}

async function idleCost(
  world: RepeaterWorld,
  fleet: Fleet,
  { pid }: Program,
): Promise<{ cores: number; serverCores: number; rssMb: number; leasesPerS: number; writesPerHeartbeat: number }> {
  const look = async () => ({
    at: performance.now(),
    beats: fleet.heartbeats,
    writes: await world.writes(),
    usage: await usageOf([pid]),
    server: await usageOf(world.hub.pids),
  });
  const before = await look();
  await sleep(WINDOW_MS);
  const after = await look();
  const seconds = (after.at - before.at) / 1_000;
  return {
    cores: (after.usage.cpuS - before.usage.cpuS) / seconds,
    serverCores: (after.server.cpuS - before.server.cpuS) / seconds,
    rssMb: after.usage.rssMb,
    leasesPerS: (after.writes.leases - before.writes.leases) / seconds,
    writesPerHeartbeat: (after.writes.others - before.writes.others) / (after.beats - before.beats),
  };
}

/** From the event of a host to the Actor that says the same, for an outside watcher, with all else going on. */
async function latencies(fleet: Fleet, actors: Actors): Promise<number[]> {
  const inside = fleet.hosts.slice(0, TIMED_HOSTS);
  const samples: Promise<number>[] = [];
  for (let event = 0; event < EVENTS; event++) {
    const host = inside[(event * 7) % inside.length];
    if (host === undefined) break;
    const component = event % COMPONENTS;
    const instances = 1_000 + event;
    const sentAt = performance.now();
    const place = `${host.id.toLowerCase()}/${componentOf(component)}`;
    samples.push(actors.shows(place, instances).then((at) => at - sentAt));
    fleet.scale(host, component, instances);
    await sleep(EVENT_EVERY_MS);
  }
  const allThere = new AbortController();
  const late = sleep(60_000, undefined, { signal: allThere.signal }).catch(() => undefined);
  const settled = await Promise.all(samples.map(async (sample) => Promise.race([sample, late])));
  allThere.abort();
  return settled.filter((ms) => ms !== undefined);
}
