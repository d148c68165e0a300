import { setTimeout as sleep } from 'node:timers/promises';
import { coldStart, costs, prepare, resting, spentBy } from './cold-start.ts';
import { limitOfLoss, loseCluster, loseHosts } from './losses.ts';
import { Observer } from './observer.ts';
import { leaveBehind, rebuild } from './rebuild.ts';
import { quantile, row, type Row } from './rows.ts';
import type { ServerKind } from './servers.ts';
import { allWrites } from './wish.ts';
import { BenchWorld, type Wish } from './world.ts';

const MEMBERS = 3;
/** On 3 × 300 hosts 20,000 replicas. */
const WISH: Wish = { distributions: 200, replicas: 100, shape: 'plain' };
const HOSTS = 300;
const HOSTS_LOST = 12;
const RESYNC_S = 20;
/** What a scheduler does by itself. */
const USUAL_RESYNC_S = 60;

/** Cold start, rest, a resync that changes nothing, lost hosts, a lost cluster: one after another in one supercluster. */
export async function full(kind: ServerKind, assets = ''): Promise<Row[]> {
  await using world = await BenchWorld.start({ kind, assets, durable: true, members: MEMBERS, hostsPerMember: HOSTS });
  const limit = await prepare(world, WISH, { KASMCLOUD_RESYNC: `${RESYNC_S}s` });
  const spent = await spentBy(world);
  await using observer = new Observer(world.members);
  const cold = await coldStart(world, observer, WISH);
  const verified = cold.isWhole;
  const rows = [
    row('cold-start-replicas-per-s', cold.perSecond, '/s', { baseline: limit.perSecond, verified }),
    row('cold-start-objects', cold.objects, 'Actors', { verified }),
    row('cold-start-vs-api-limit', cold.perSecond / limit.perSecond, '×', { verified }),
    row('cold-start-writes', cold.writes, 'writes', { baseline: limit.writes, verified }),
    row('commit-to-steady-ms', cold.steadyMs, 'ms', { verified }),
    row('write-ratio', cold.ratio, '×', { verified }),
    row('cold-start-status-writes', cold.statuses, 'writes', { verified }),
    ...(await costs(world, { since: spent })),
    row('noop-writes', await noopWrites(world), 'writes', { verified }),
  ];
  const { replacedMs, writes, needed } = await loseHosts(world, observer, HOSTS_LOST, WISH.replicas);
  rows.push(
    row('host-lost-replaced-p50-ms', quantile(replacedMs, 0.5), 'ms'),
    row('host-lost-replaced-p99-ms', quantile(replacedMs, 0.99), 'ms'),
    row('host-lost-replicas', replacedMs.length, 'replicas'),
    row('host-lost-write-ratio', writes / needed, '×'),
  );
  const lost = await loseCluster(world, observer, WISH);
  const perSecond = (1_000 * lost.replicas) / lost.replacedMs;
  const limitPerSecond = await limitOfLoss(world, WISH.distributions, lost.replicas);
  rows.push(
    row('cluster-lost-replaced-ms', lost.replacedMs, 'ms', { baseline: (1_000 * lost.replicas) / limitPerSecond }),
    row('cluster-lost-replicas', lost.replicas, 'replicas'),
    row('cluster-lost-vs-api-limit', perSecond / limitPerSecond, '×'),
  );
  return rows;
}

/** Writes while everything is looked at again, twice. */
async function noopWrites(world: BenchWorld, resyncS = RESYNC_S, withinMs?: number): Promise<number> {
  await resting(world, withinMs);
  const before = await allWrites(world.servers);
  await sleep(2.2 * resyncS * 1_000);
  return (await allWrites(world.servers)) - before;
}

/** The same number of replicas, several to an Actor. */
export async function grouped(kind: ServerKind, assets = ''): Promise<Row[]> {
  await using world = await BenchWorld.start({ kind, assets, durable: true, members: MEMBERS, hostsPerMember: HOSTS });
  await prepare(world, WISH);
  await using observer = new Observer(world.members);
  const cold = await coldStart(world, observer, { ...WISH, shape: 'grouped' });
  const verified = cold.isWhole;
  return [
    row('grouped-cold-start-replicas-per-s', cold.perSecond, '/s', { verified }),
    row('grouped-cold-start-objects', cold.objects, 'Actors', { verified }),
    row('grouped-write-ratio', cold.ratio, '×', { verified }),
  ];
}

/** A cold start of 4,000 replicas on a hundred hosts, and on a thousand. */
export async function growth(kind: ServerKind, assets = ''): Promise<Row[]> {
  const rows: Row[] = [];
  for (const hosts of [100, 1_000]) {
    const hostsPerMember = Math.round(hosts / MEMBERS);
    await using world = await BenchWorld.start({ kind, assets, durable: true, members: MEMBERS, hostsPerMember });
    const wish = { ...WISH, distributions: 40 };
    const limit = await prepare(world, wish);
    const spent = await spentBy(world);
    await using observer = new Observer(world.members);
    const cold = await coldStart(world, observer, wish);
    const verified = cold.isWhole;
    rows.push(
      row(`cold-start-replicas-per-s-${hosts}-hosts`, cold.perSecond, '/s', { baseline: limit.perSecond, verified }),
      ...(await costs(world, { since: spent, suffix: `-${hosts}-hosts` })),
    );
  }
  return rows;
}

/** Kept in memory: only the scheduler is looked at. */
export async function rebuilt(kind: ServerKind, assets = ''): Promise<Row[]> {
  const standing = { distributions: 1_000, perMember: 34, hosts: 330 };
  await using world = await BenchWorld.start({ kind, assets, durable: false, members: MEMBERS, hostsPerMember: 1 });
  await leaveBehind(world, standing);
  const { ms, rssMb, isQuiet } = await rebuild(world);
  return [
    row('rebuild-100k-ms', ms, 'ms', { verified: isQuiet }),
    row('rebuild-100k-actors', standing.distributions * standing.perMember * MEMBERS, 'Actors'),
    row('rebuild-100k-rss-mb', rssMb, 'MB', { verified: isQuiet }),
  ];
}

const MANY = Number(process.env['KASMCLOUD_BENCH_MANY'] ?? 10_000);

/** Ten thousand Distributions of one replica: what a resync of them all writes. Only when it is asked for: it takes many minutes. */
export async function resync(kind: ServerKind, assets = ''): Promise<Row[]> {
  await using world = await BenchWorld.start({ kind, assets, durable: false, members: MEMBERS, hostsPerMember: 30 });
  await prepare(world, WISH, { KASMCLOUD_RESYNC: `${USUAL_RESYNC_S}s` });
  const spent = await spentBy(world);
  await using observer = new Observer(world.members);
  await world.declare({ distributions: MANY, replicas: 1, shape: 'plain' });
  await observer.when('every replica is Ready', () => observer.total >= MANY, RESYNC_WITHIN_MS);
  const verified = observer.total === MANY;
  const noop = await noopWrites(world, USUAL_RESYNC_S, RESYNC_WITHIN_MS);
  return [
    row('noop-writes-10k-distributions', noop, 'writes', { verified }),
    ...(await costs(world, { since: spent, suffix: '-10k-distributions' })),
  ];
}

const RESYNC_WITHIN_MS = 1_200_000;
