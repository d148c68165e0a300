import { deepStrictEqual } from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  labels,
  WasmCloudActor,
  WasmCloudDistribution,
  WasmCloudPlacement,
  type ActorObject,
  type DistributionObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { eventually, LATTICE, Supercluster } from '../supercluster.fixture.ts';

const MEMBERS = ['eu-1', 'us-1', 'ap-1'];
const HOSTS = ['h1', 'h2', 'h3'];
const NAMES = ['web', 'api', 'log'];
/** After every round of faults, everything must be as it should within this. */
const CALM_MS = 120_000;

/** Numbers from 0 to 1, the same for the same seed (mulberry32, public domain). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Fault {
  readonly what: string;
  /** When it is undone, among those of a round. */
  readonly order: number;
  readonly begin: () => Promise<void>;
  /** Undone before the world is looked at; some faults leave nothing to undo. */
  readonly end?: () => Promise<void>;
}

/** A supercluster to which things happen, in an order that a seed decides. */
export class FaultRun {
  readonly #world: Supercluster;
  readonly #random: () => number;
  #image = 1;
  faults = 0;

  private constructor(world: Supercluster, seed: number) {
    this.#world = world;
    this.#random = randomFrom(seed);
  }

  static async start(seed: number): Promise<FaultRun> {
    const world = await Supercluster.start(
      Object.fromEntries(MEMBERS.map((name) => [name, { region: name.slice(0, 2), hosts: HOSTS.length }])),
    );
    const run = new FaultRun(world, seed);
    await world.scheduler();
    await world.scheduler();
    for (const name of NAMES) await run.#create(name);
    return run;
  }

  async close(): Promise<void> {
    await this.#world.close();
  }

  /** A few faults at once, and a change of what is wanted; then everything is mended and looked at. */
  async round(): Promise<void> {
    const faults = this.#some(this.#all(), 1 + Math.floor(this.#random() * 3));
    const told = faults.map(({ what }) => what).join(', ');
    await Promise.all(faults.map(({ begin }) => begin()));
    await this.#wish();
    await sleep(500 + this.#random() * 2_500);
    // Members first: a host can only come back to one that answers.
    for (const { end } of faults.toSorted((a, b) => a.order - b.order)) await end?.();
    this.faults += faults.length;
    await eventually(`calm after fault ${this.faults} (${told})`, () => this.#isCalm(), CALM_MS);
  }

  #all(): Fault[] {
    const world = this.#world;
    const member = this.#one(MEMBERS);
    const host = `${this.#one(MEMBERS)}-${this.#one(HOSTS)}`;
    const faults: Omit<Fault, 'order'>[] = [
      { what: `${member} is cut off`, begin: () => world.cut(member), end: () => world.mend(member) },
      { what: 'the leader stops', begin: () => world.stopFirst(), end: async () => void (await world.scheduler()) },
      { what: 'Redis is killed', begin: () => world.redis.stop('SIGKILL'), end: () => world.redis.restart() },
      { what: 'Redis is emptied', begin: () => flush(world.redis.port) },
      {
        what: `${host} dies`,
        begin: async () => world.kill(host),
        end: () => world.host(host.slice(0, 4), host),
      },
      { what: `somebody deletes in ${member}`, begin: () => this.#vandalize(member) },
    ];
    return faults.map((fault, order) => ({ ...fault, order }));
  }

  /** What people do meanwhile. */
  async #wish(): Promise<void> {
    const name = this.#one(NAMES);
    const image = `file:///${name}-${(this.#image += 1)}.wasm`;
    const spec = this.#random() < 0.5 ? { replicas: Math.floor(this.#random() * 12) } : { actor: { image } };
    await this.#world.hub.client.patch(WasmCloudDistribution, name, LATTICE, { spec }, { type: 'merge' });
  }

  async #create(name: string): Promise<void> {
    const spec = {
      actor: { id: name, image: `file:///${name}.wasm` },
      replicas: 6,
      spread: [{ topologyKey: labels.cluster }],
      rollout: { maxUnavailable: '50%' },
    };
    await this.#world.hub.client.create(WasmCloudDistribution, { metadata: { name, namespace: LATTICE }, spec });
  }

  async #vandalize(member: string): Promise<void> {
    try {
      const client = this.#world.member(member);
      const { items } = await client.list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
      for (const { metadata } of this.#some(items, 2)) await client.delete(WasmCloudActor, metadata.name, LATTICE);
    } catch {
      // It may be cut off in the same round.
    }
  }

  /** Every replica is decided once, stands once where it is decided, as it is wanted, and nothing else stands. */
  async #isCalm(): Promise<void> {
    const { client } = this.#world.hub;
    const { items: placements } = await client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
    for (const name of NAMES) {
      const { spec, status } = await client.get<DistributionObject>(WasmCloudDistribution, name, LATTICE);
      const own = placements.filter((one) => one.spec.distribution === name);
      deepStrictEqual(await this.#standing(name), decidedIn(own, spec.actor?.image ?? ''));
      const decided = own.flatMap((one) => one.spec.hosts).reduce((sum, { replicas }) => sum + replicas, 0);
      const { readyReplicas, unplaced, rollout } = status ?? {};
      const replicas = spec.replicas ?? 0;
      deepStrictEqual([decided, readyReplicas, unplaced, rollout?.phase], [replicas, replicas, [], 'Complete']);
    }
  }

  /** What stands in the members, as sorted text; two Actors on one host are two lines. */
  async #standing(name: string): Promise<string[]> {
    const lists = await Promise.all(
      MEMBERS.map(async (member) => {
        const labelSelector = `${labels.distribution}=${name}`;
        const selection = { namespace: LATTICE, labelSelector };
        const { items } = await this.#world.member(member).list<ActorObject>(WasmCloudActor, selection);
        return items.map(({ spec }) => `${member}/${spec.hostName} ${spec.instances} ${spec.image}`);
      }),
    );
    return lists.flat().toSorted((a, b) => (a < b ? -1 : 1));
  }

  #one<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.#random() * list.length)];
    if (found === undefined) throw new RangeError('nothing to choose from');
    return found;
  }

  #some<T>(list: readonly T[], most: number): T[] {
    return list
      .map((one) => ({ one, at: this.#random() }))
      .toSorted((a, b) => a.at - b.at)
      .slice(0, most)
      .map(({ one }) => one);
  }
}

const decidedIn = (placements: readonly PlacementObject[], image: string): string[] =>
  placements
    .flatMap(({ spec }) =>
      spec.hosts.map(({ host, replicas, leaving = 0 }) => `${spec.cluster}/${host} ${replicas + leaving} ${image}`),
    )
    .toSorted((a, b) => (a < b ? -1 : 1));

/** What an operator does with `redis-cli flushall`; a Redis that is away has nothing to empty. */
export async function flush(port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1', () => socket.write('FLUSHALL\r\n'));
  socket.setTimeout(5_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.once('data', () => socket.destroy());
  socket.once('close', () => resolve());
  await promise;
}
