/** From the commit of Distributions until everything is Ready and nothing is written any more. */
import { setTimeout as sleep } from 'node:timers/promises';
import { apiLimit, type Limit } from './limit.ts';
import { Observer } from './observer.ts';
import { folderMb, usageOf, type Usage } from './program.ts';
import { row, type Row } from './rows.ts';
import { allWrites, statusWrites, writesByResource, writesMade, writesNeeded, written } from './wish.ts';
import { until, type BenchWorld, type Wish } from './world.ts';

/** Nothing is written for so long: it has come to rest. */
const REST_MS = 3_000;

/**
 * Hosts and scheduler come up, and the API servers show what they can do before there is anything to do: as many writes
 * as the wish will need, since a server of a minute ago does half as many a second as one that is warm.
 */
export async function prepare(
  world: BenchWorld,
  wish: Pick<Wish, 'distributions' | 'replicas'>,
  env: Readonly<Record<string, string>> = {},
): Promise<Limit> {
  await world.startHosts();
  const limit = await apiLimit(world.hub, world.members, { ...wish, hosts: world.options.hostsPerMember });
  await world.startScheduler(env);
  await world.joinMembers();
  await world.hostsJoined();
  await resting(world);
  return limit;
}

export interface ColdStarted {
  readonly perSecond: number;
  readonly steadyMs: number;
  readonly objects: number;
  readonly ratio: number;
  readonly statuses: number;
  /** Of any kind but Leases and contacts, until everything is Ready. */
  readonly writes: number;
  readonly isWhole: boolean;
}

export async function coldStart(world: BenchWorld, observer: Observer, wish: Wish): Promise<ColdStarted> {
  const { distributions, replicas } = wish;
  const before = await written(world.servers, world.hub);
  const [made, told] = [await writesMade(world.servers), await statusWrites(world.servers)];
  const all = await allWrites(world.servers);
  const startedAt = performance.now();
  await world.declare(wish);
  const readyAt = await observer.when('every replica is Ready', () => observer.total >= distributions * replicas);
  const writes = (await allWrites(world.servers)) - all;
  const restedAt = await resting(world);
  const after = await written(world.servers, world.hub);
  // The Distributions themselves were written by us.
  const ours = (await writesMade(world.servers)) - made - distributions;
  return {
    perSecond: (1_000 * distributions * replicas) / (readyAt - startedAt),
    steadyMs: restedAt - startedAt,
    objects: observer.objects,
    ratio: ours / writesNeeded(before, after),
    statuses: (await statusWrites(world.servers)) - told,
    writes,
    isWhole: observer.total === distributions * replicas,
  };
}

/** Resolves with `performance.now()` of about the last write, once there was none for a while. */
export async function resting(world: BenchWorld, withinMs = 120_000): Promise<number> {
  let writes = await writesByResource(world.servers);
  let since = performance.now();
  let last: readonly string[] = [];
  const isQuiet = async (): Promise<boolean> => {
    await sleep(250);
    const now = await writesByResource(world.servers);
    const written = [...now].flatMap(([resource, count]) => (count === writes.get(resource) ? [] : [resource]));
    if (written.length > 0) [since, last] = [performance.now(), written];
    writes = now;
    return performance.now() - since > REST_MS;
  };
  try {
    await until('nothing is written any more', isQuiet, { withinMs });
  } catch (error) {
    throw new Error(`still written: ${last.join(', ')}`, { cause: error });
  }
  return since;
}

interface Spent {
  readonly scheduler: Usage;
  readonly servers: Usage;
}

/** What scheduler and API servers have taken of the machine so far. */
export async function spentBy(world: BenchWorld): Promise<Spent> {
  return {
    scheduler: await usageOf(world.scheduler === undefined ? [] : [world.scheduler.pid]),
    servers: await usageOf(world.servers.flatMap(({ pids }) => pids)),
  };
}

/** What they hold at the most, and the processor time that they have taken since. */
export async function costs(
  world: BenchWorld,
  { since, suffix = '' }: { readonly since: Spent; readonly suffix?: string },
): Promise<Row[]> {
  const { scheduler, servers } = await spentBy(world);
  const folders = world.servers.flatMap(({ dataFolder }) => dataFolder ?? []);
  const sizes = await Promise.all(folders.map(folderMb));
  const mb = sizes.reduce((sum, size) => sum + size, 0);
  return [
    row(`scheduler-rss-mb${suffix}`, scheduler.peakMb, 'MB'),
    row(`scheduler-cpu-s${suffix}`, scheduler.cpuS - since.scheduler.cpuS, 's'),
    row(`apiservers-rss-mb${suffix}`, servers.peakMb, 'MB'),
    row(`apiservers-cpu-s${suffix}`, servers.cpuS - since.servers.cpuS, 's'),
    ...(sizes.length === 0 ? [] : [row(`databases-mb${suffix}`, mb, 'MB')]),
  ];
}
