import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTORS, type Auditor } from './auditor.fixture.ts';
import { memberOf, type FaultWorld } from './fault-world.fixture.ts';
import type { PlainApi } from './plain-api.fixture.ts';
import { Seeded } from './seeded.fixture.ts';

/** Something that can go wrong, with all that is needed to make it so and to mend it. */
export interface Fault {
  /** What of, for the count. */
  readonly kind: string;
  /** What it befalls: of two faults in one round, not the same. */
  readonly target: string;
  readonly begin: () => Promise<void>;
  readonly end?: () => Promise<void>;
}

interface Parts {
  readonly world: FaultWorld;
  readonly auditor: Auditor;
  readonly apis: ReadonlyMap<string, PlainApi>;
  readonly chance: Seeded;
}

/** One fault of every kind, each with a target by chance. */
export function faultsOf(parts: Parts): Fault[] {
  return [schedulerFaults, redisFaults, serverFaults, leafFaults, hostFaults].flatMap((faults) => faults(parts));
}

function schedulerFaults({ world }: Parts): Fault[] {
  const { leader } = world;
  const other = [...world.schedulers].find((one) => one !== leader);
  const again = async (): Promise<void> => void (await world.startScheduler());
  return [
    { who: 'leader', program: leader },
    { who: 'second scheduler', program: other },
  ].flatMap(({ who, program }) =>
    program === undefined
      ? []
      : [
          { kind: `${who} killed`, target: who, begin: async () => world.killScheduler(program), end: again },
          { kind: `${who} paused`, target: who, begin: async () => program.pause(), end: async () => program.resume() },
        ],
  );
}

function redisFaults({ world: { redis } }: Parts): Fault[] {
  return [
    {
      kind: 'Redis killed',
      target: 'redis',
      begin: async () => redis.stop('SIGKILL'),
      end: async () => redis.restart(),
    },
    { kind: 'Redis paused', target: 'redis', begin: async () => redis.pause(), end: async () => redis.resume() },
    { kind: 'Redis emptied', target: 'redis', begin: async () => flush(redis.port) },
  ];
}

function serverFaults({ world, auditor, apis, chance }: Parts): Fault[] {
  const victims = new Seeded(chance.whole(0, 2 ** 31));
  const name = chance.one([...world.members.keys()]);
  const { server, line } = world.member(name);
  return [
    { kind: 'member killed', target: name, begin: async () => server.kill(), end: async () => server.restart() },
    { kind: 'member paused', target: name, begin: async () => server.pause(), end: async () => server.resume() },
    { kind: 'member cut off', target: name, begin: async () => line.cut(), end: async () => line.mend() },
    { kind: 'line to a member stalled', target: name, begin: async () => line.stall(), end: async () => line.mend() },
    { kind: 'hub paused', target: 'hub', begin: async () => world.hub.pause(), end: async () => world.hub.resume() },
    {
      kind: 'Actors deleted by hand',
      target: name,
      begin: async () => {
        const api = apis.get(name);
        if (api === undefined) return;
        const { items } = await api.list(ACTORS);
        for (const { metadata } of victims.some(items, 2)) {
          auditor.vandalizes(name, metadata.name);
          await api.remove(ACTORS, metadata.name);
        }
      },
    },
  ];
}

function leafFaults({ world: { leaves, members }, chance }: Parts): Fault[] {
  const name = chance.one([...members.keys()]);
  const target = `leaf of ${name}`;
  const line = leaves.line(name);
  return [
    { kind: 'leaf link cut', target, begin: async () => leaves.cut(name), end: async () => line.mend() },
    { kind: 'leaf link stalled', target, begin: async () => line.stall(), end: async () => line.mend() },
  ];
}

function hostFaults({ world, auditor, chance }: Parts): Fault[] {
  const name = chance.one([...world.hosts.keys()]);
  // One whose API server is away as well could not come back.
  const target = memberOf(name);
  return [
    {
      kind: 'host killed',
      target,
      begin: async () => {
        auditor.died(name);
        await world.hosts.get(name)?.kill();
      },
      end: async () => {
        await world.startHost(name);
        auditor.lives(name);
      },
    },
    {
      kind: 'host paused',
      target,
      begin: async () => {
        auditor.died(name);
        world.hosts.get(name)?.pause();
      },
      end: async () => {
        world.hosts.get(name)?.resume();
        auditor.lives(name);
      },
    },
  ];
}

/** So many at the most, each of another target, the same for the same chance. */
export function choose(faults: readonly Fault[], chance: Seeded, most: number): Fault[] {
  const chosen = new Map<string, Fault>();
  for (const fault of chance.some(faults, faults.length))
    if (chosen.size < most && !chosen.has(fault.target)) chosen.set(fault.target, fault);
  return [...chosen.values()];
}

/** Begins after a while, lasts a while, and is mended. */
export async function befall({ begin, end }: Fault, afterMs: number, lastsMs: number): Promise<void> {
  await sleep(afterMs);
  await begin();
  await sleep(lastsMs);
  await end?.();
}

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
