/** Two hosts as programs under everything at once: load, updates, actors that come and go, limit hits, and a crash. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActorSpec } from '@kasmcloud/kube-api';
import { connectLattice, invoke, invokeHttp, type LatticeConnection } from '@kasmcloud/lattice';
import { Agent, request } from 'undici';
import { firstAnswer, fixture, HELLO, image, Lattice, LATTICE } from '../../bench/host/lattice.ts';
import { watchUsage, type Flatness } from './flatness.ts';
import { drive, type Lane, type Tally } from './lane.ts';
import { writeVersions } from './versions.ts';

/** 200 actors: those that are asked and updated, those that come and go, and those that call others. */
const GREETED = 140;
const PASSING = 14;
const CALLERS = 10;
const TRAPPING = 3;
const SPINNING = 3;
const STORES = 4;
/** Greeters, on the host that spins and is killed. */
const CALLEES = 26;
/** How many of those that are asked have a port. */
const DOORS = 10;
const VERSIONS = 6;

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);
const actors = {
  greeted: numbered('hello', GREETED),
  passing: numbered('passing', PASSING),
  callers: numbered('front', CALLERS),
  trapping: numbered('trapping', TRAPPING),
  spinning: numbered('spinning', SPINNING),
  stores: numbered('hoard', STORES),
  callees: numbered('greeter', CALLEES),
};

type FuncType = Parameters<typeof invoke>[2];
const FAULTS = 'example:fixtures/faults@0.1.0';
const nothing: FuncType = { params: [] };
const grow: FuncType = { params: [{ name: 'pages', type: { kind: 'u32' } }], result: { kind: 'bool' } };

const GREETING = 'hello from steady';
const ANSWER_MS = 20_000;
const patience = { headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS };
/** A connection for each request: one that is kept may be closed by the server just when it is used again. */
const each = new Agent({ pipelining: 0 });

/** Kinds of requests, and what is done to the actors meanwhile. */
const laneNames = ['http', 'wrpc', 'calls', 'keyvalue', 'limits', 'updates', 'passing'] as const;
type LaneName = (typeof laneNames)[number];

export interface SoakReport {
  readonly lanes: Readonly<Record<LaneName, Tally>>;
  readonly usage: Flatness;
}

/** Runs for so long, and resolves when everything has ended. */
export async function soak(seconds: number): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kasm-soak-'));
  try {
    await using lattice = await Lattice.start();
    const versions = await writeVersions(image(HELLO), folder, VERSIONS);
    const steady = await lattice.host('steady');
    let rough = await lattice.host('rough');
    const doors = await deploy(lattice, versions);
    const nats = await connectLattice({ servers: lattice.nats.url, name: 'soak' });
    const over = new AbortController();
    const lanes = lanesOf(lattice, nats, doors, versions);
    const driving = Promise.all(laneNames.map(async (name) => [name, await drive(lanes[name], over.signal)] as const));
    const watching = watchUsage(steady, over.signal);
    // Should the test fail first, nobody asks what became of them.
    for (const promise of [driving, watching]) promise.catch(() => undefined);
    for (const share of [0.35, 0.35]) {
      await sleep(seconds * share * 1_000);
      await lattice.stop(rough, 'SIGKILL');
      rough = await lattice.host('rough');
    }
    await sleep(seconds * 300);
    over.abort();
    const tallies = Object.fromEntries(await driving) as Record<LaneName, Tally>;
    const usage = await watching;
    await nats.close();
    return { lanes: tallies, usage };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the actors and waits for them. Resolves with the ports of those that have one. */
async function deploy(lattice: Lattice, versions: readonly string[]): Promise<Doors> {
  const [first = ''] = versions;
  const many = async (names: readonly string[], host: string, spec: Partial<ActorSpec>): Promise<void> => {
    for (const name of names) await lattice.actor(name, host, { instances: 10, ...spec });
  };
  await many(actors.greeted, 'steady', { image: first });
  await many(actors.passing, 'steady', { image: first });
  await many(actors.callers, 'steady', { image: fixture('front') });
  await many(actors.stores, 'steady', { image: fixture('hoard') });
  await many(actors.trapping, 'steady', { image: fixture('faulty'), limits: { memory: '1Mi' } });
  await many(actors.spinning, 'rough', { image: fixture('faulty'), limits: { executionTime: '500ms' } });
  await many(actors.callees, 'rough', { image: fixture('greeter') });
  await lattice.provider('store', 'steady', 'wasmcloud+builtin://keyvalue-nats');
  for (const [index, caller] of actors.callers.entries()) {
    await lattice.link(caller, at(actors.callees, index), 'example:greet/greeter');
  }
  for (const store of actors.stores) await lattice.link(store, 'store', 'wasi:keyvalue/store');
  const open = (names: readonly string[]): Promise<number[]> =>
    Promise.all(names.map((name) => lattice.http(name, 'steady')));
  const greeted = await open(actors.greeted.slice(0, DOORS));
  const doors = { greeted, callers: await open(actors.callers), stores: await open(actors.stores) };
  const here = GREETED + PASSING + CALLERS + TRAPPING + STORES;
  await Promise.all([lattice.ready('steady', here), lattice.ready('rough', CALLEES + SPINNING)]);
  for (const [kind, ports] of Object.entries(doors))
    for (const port of ports)
      await firstAnswer(port, '/1', performance.now()).catch((cause: unknown) => {
        throw new Error(`no door of the ${kind} opens`, { cause });
      });
  return doors;
}

interface Doors {
  readonly greeted: readonly number[];
  readonly callers: readonly number[];
  readonly stores: readonly number[];
}

const at = <T>(all: readonly T[], turn: number): T => {
  const item = all[turn % all.length];
  if (item === undefined) throw new RangeError('an empty list has no items');
  return item;
};

function lanesOf(
  lattice: Lattice,
  nats: LatticeConnection,
  doors: Doors,
  versions: readonly string[],
): Record<LaneName, Lane> {
  const fault = (target: string, func: string, type: FuncType, args: readonly unknown[]): Promise<unknown> =>
    invoke(nats, { lattice: LATTICE, target, instance: FAULTS, func }, type, args, { timeoutMs: ANSWER_MS });
  return {
    http: { perSecond: 40, ask: (turn) => get(at(doors.greeted, turn), '/', GREETING) },
    wrpc: {
      perSecond: 40,
      ask: async (turn) => {
        const target = { lattice: LATTICE, target: at(actors.greeted, turn) };
        const asked = { method: 'GET', pathWithQuery: '/', scheme: 'http', authority: 'soak', headers: [] };
        const answer = await invokeHttp(nats, target, asked, { timeoutMs: ANSWER_MS });
        check(answer.status, await textOf(answer.body), GREETING);
      },
    },
    calls: { perSecond: 10, ask: (turn) => get(at(doors.callers, turn), '/Ada', 'Hello, Ada!') },
    keyvalue: { perSecond: 5, ask: (turn) => get(at(doors.stores, turn), '/2', '2') },
    limits: {
      perSecond: 1,
      ask: async (turn) => {
        const [trapping, spinning] = [at(actors.trapping, turn), at(actors.spinning, turn)];
        // A function without a result cannot tell its caller over wRPC that it failed.
        if (turn % 3 === 0) await fault(trapping, 'crash', nothing, []).catch(() => undefined);
        else if (turn % 3 === 1) await fault(spinning, 'spin', nothing, []).catch(() => undefined);
        else if ((await fault(trapping, 'grow', grow, [1_000])) !== false) throw new Error('it grew past its limit');
      },
    },
    updates: { perSecond: 4, ask: (turn) => lattice.setImage(at(actors.greeted, turn * 7), at(versions, turn + 1)) },
    passing: {
      perSecond: 1,
      ask: async (turn) => {
        const name = at(actors.passing, turn);
        await lattice.removeActor(name);
        await lattice.actor(name, 'steady', { instances: 10, image: at(versions, turn) });
      },
    },
  };
}

async function get(port: number, path: string, expected: string): Promise<void> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`, { dispatcher: each, ...patience });
  check(statusCode, await body.text(), expected);
}

function check(status: number, text: string, expected: string): void {
  if (status !== 200 || text.trim() !== expected) throw new Error(`answered ${status} ${text.trim().slice(0, 200)}`);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
