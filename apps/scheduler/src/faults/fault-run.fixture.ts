import { deepStrictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { labels, WasmCloudDistribution } from '@kasmcloud/kube-api';
import { eventually, LATTICE } from '../supercluster.fixture.ts';
import { Auditor } from './auditor.fixture.ts';
import { Calm } from './calm.fixture.ts';
import { FaultWorld } from './fault-world.fixture.ts';
import { befall, choose, faultsOf, type Fault } from './faults.fixture.ts';
import { PlainApi } from './plain-api.fixture.ts';
import { Seeded } from './seeded.fixture.ts';

const MEMBERS = ['eu-1', 'us-1', 'ap-1'];
const HOSTS = 3;
const NAMES = ['web', 'api', 'log'];
const REPLICAS = 6;
/** After every round of faults, everything must be as it should within this. */
const CALM_MS = 120_000;
const MOST_AT_ONCE = 4;
/** Of the hosts of a Distribution, how many may be without it during an update. */
const UNAVAILABLE = 0.5;

/** A supercluster of processes to which things happen, as a seed decides, and what was seen of it. */
export class FaultRun {
  readonly #world: FaultWorld;
  readonly #seed: number;
  readonly #auditor: Auditor;
  readonly #calm: Calm;
  readonly #hub: PlainApi;
  readonly #apis: ReadonlyMap<string, PlainApi>;
  readonly #wanted = new Map(NAMES.map((name) => [name, REPLICAS]));
  readonly #counts = new Map<string, number>();
  #rounds = 0;
  #probes = 0;
  #longestCalmMs = 0;
  coldStarts = 0;

  private constructor(world: FaultWorld, seed: number) {
    this.#world = world;
    this.#seed = seed;
    this.#hub = new PlainApi(world.hub.access);
    this.#apis = new Map([...world.members].map(([name, { server }]) => [name, new PlainApi(server.access)]));
    this.#auditor = new Auditor(this.#hub, this.#apis, UNAVAILABLE);
    this.#calm = new Calm(this.#hub, this.#apis);
  }

  static async start(seed: number): Promise<FaultRun> {
    const world = await FaultWorld.start({ members: MEMBERS, hosts: HOSTS });
    const run = new FaultRun(world, seed);
    await world.startScheduler();
    await world.startScheduler();
    for (const name of NAMES) await run.#create(name, REPLICAS);
    await eventually('calm before any fault', () => run.#calm.check(), CALM_MS);
    return run;
  }

  /** A few faults at once, and a change of what is wanted; then all is mended, and the world is looked at. Tells what it was. */
  async round(): Promise<string> {
    // A round's own chance: what one took longer than another time does not change the next.
    const chance = new Seeded(this.#seed * 1_000_003 + (this.#rounds += 1));
    const [world, auditor, apis] = [this.#world, this.#auditor, this.#apis];
    auditor.begin(this.#wanted);
    const faults = choose(faultsOf({ world, auditor, apis, chance }), chance, chance.whole(1, MOST_AT_ONCE));
    const told = faults.map(({ kind, target }) => `${kind} (${target})`).join(', ');
    for (const { kind } of faults) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const all = [...faults, this.#wish(chance)].map((fault) => ({
      fault,
      afterMs: chance.between(0, 800),
      lastsMs: chance.between(500, 6_000),
    }));
    await Promise.all(all.map(({ fault, afterMs, lastsMs }) => befall(fault, afterMs, lastsMs)));
    const calmMs = await this.#quiet(`after ${told}`);
    return `round ${this.#rounds}, calm after ${Math.round(calmMs)} ms: ${told}`;
  }

  /** All schedulers are killed at once: the next ones, who remember nothing, find nothing to change. */
  async coldStart(): Promise<void> {
    const before = await this.#calm.fingerprint();
    await Promise.all([...this.#world.schedulers].map((program) => this.#world.killScheduler(program)));
    await this.#world.startScheduler();
    await this.#world.startScheduler();
    // What is asked for now is placed by the first plan of the new leader, or a later one.
    const name = `probe-${(this.#probes += 1)}`;
    await this.#create(name, 1);
    await eventually('a plan after a cold start', () => this.#calm.check(), CALM_MS);
    await this.#world.client.delete(WasmCloudDistribution, name, LATTICE);
    const changed = async (): Promise<void> => deepStrictEqual(await this.#calm.fingerprint(), before);
    await eventually('the world is as before a cold start', changed, CALM_MS);
    this.coldStarts += 1;
  }

  get faults(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get budgetViolations(): readonly string[] {
    return this.#auditor.budgetViolations;
  }

  get olderWrites(): readonly string[] {
    return this.#auditor.olderWrites;
  }

  /** Calls within a member that a fault between members has reached. */
  get wrongCalls(): readonly string[] {
    return this.#world.leaves.wrongCalls;
  }

  /** What a report tells. */
  get summary(): object {
    const { judged, budgetViolations, olderWrites } = this.#auditor;
    return {
      faults: this.faults,
      byKind: Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      coldStarts: this.coldStarts,
      longestCalmMs: Math.round(this.#longestCalmMs),
      changesJudged: judged,
      budgetViolations: budgetViolations.length,
      olderWrites: olderWrites.length,
      calls: this.#world.leaves.calls,
      wrongCalls: this.wrongCalls.length,
    };
  }

  async close(): Promise<void> {
    await this.#auditor.close();
    for (const api of [this.#hub, ...this.#apis.values()]) api.close();
    await this.#world.close();
  }

  async #quiet(when: string): Promise<number> {
    const since = performance.now();
    try {
      await eventually(`calm ${when}`, () => this.#staysCalm(), CALM_MS);
    } catch (cause) {
      const { orphans, doubles } = await this.#calm.wrongs();
      throw new Error(`${when}: orphans ${orphans.join(', ') || 'none'}, doubles ${doubles.join(', ') || 'none'}`, {
        cause,
      });
    }
    const calmMs = performance.now() - since;
    this.#longestCalmMs = Math.max(this.#longestCalmMs, calmMs);
    return calmMs;
  }

  /** Calm is what lasts: a consequence may still be on its way. */
  async #staysCalm(): Promise<void> {
    await this.#calm.check();
    await sleep(500);
    await this.#calm.check();
    await this.#world.leaves.check();
  }

  /** What people do meanwhile; a hub that stands still takes it later. */
  #wish(chance: Seeded): Fault {
    const name = chance.one(NAMES);
    const replicas = chance.whole(0, 11);
    const isScale = chance.next() < 0.5;
    const spec = isScale ? { replicas } : { actor: { image: `file:///${name}-${this.#rounds}.wasm` } };
    const begin = async (): Promise<void> => {
      if (isScale) {
        this.#wanted.set(name, replicas);
        this.#auditor.wish(name, replicas);
      }
      const options = { type: 'merge', timeoutMs: 60_000 } as const;
      await this.#world.client.patch(WasmCloudDistribution, name, LATTICE, { spec }, options);
    };
    return { kind: 'wish', target: name, begin };
  }

  async #create(name: string, replicas: number): Promise<void> {
    const spec = {
      actor: { id: name, image: `file:///${name}.wasm` },
      replicas,
      spread: [{ topologyKey: labels.cluster }],
      rollout: { maxUnavailable: `${UNAVAILABLE * 100}%` },
    };
    await this.#world.client.create(WasmCloudDistribution, { metadata: { name, namespace: LATTICE }, spec });
  }
}
