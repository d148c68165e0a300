/** A scheduler that finds 100,000 Actors: from its start until its first plan of everything stands. */
import { createHash } from 'node:crypto';
import {
  builtin,
  fieldManagers,
  GROUP,
  labels,
  SYSTEM_NAMESPACE,
  VERSION,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudPlacement,
  type ActorObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { microTime } from '@kasmcloud/kube';
import { Observer } from './observer.ts';
import { usageOf } from './program.ts';
import type { ApiServer } from './servers.ts';
import { resting } from './cold-start.ts';
import { LATTICE, until, type BenchWorld } from './world.ts';
import { merge, post, remove, writeAll, type Chain } from './writer.ts';

export interface Rebuilt {
  readonly ms: number;
  readonly rssMb: number;
  /** Whether it left what stands where it stands. */
  readonly isQuiet: boolean;
}

export interface Standing {
  readonly distributions: number;
  /** Of each, in each member: so many hosts run one. */
  readonly perMember: number;
  /** In each member. */
  readonly hosts: number;
}

const base = `/apis/${GROUP}/${VERSION}`;
const inLattice = `${base}/namespaces/${LATTICE}`;
const apiVersion = `${GROUP}/${VERSION}`;

/**
 * A supercluster in which much runs. A scheduler decides for one large host in each member; what it decided is then laid
 * out over many hosts with bare clients, as if it had been so all along. Nobody renews here: Leases last an hour.
 */
export async function leaveBehind(world: BenchWorld, standing: Standing): Promise<void> {
  const { distributions, perMember } = standing;
  const replicas = perMember * world.members.length;
  await world.startHosts({ hosts: 1, args: ['--allocatable', `instances=${distributions * perMember * 2}`] });
  await world.startScheduler();
  await world.joinMembers();
  await world.hostsJoined(1);
  await using observer = new Observer(world.members);
  await world.declare({ distributions, replicas, shape: 'plain' });
  await observer.when('one large host runs it', () => observer.total >= distributions * replicas);
  await resting(world);
  await world.stopAll();
  const { items } = await world.hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
  await writeAll(world.hub, decisions(items, standing));
  await Promise.all(world.members.map(async (member) => layOut(member, items, standing)));
}

/** Numbers of the hosts of a Distribution: the next ones in turn. The large host is number 1. */
const hostsOf = (distribution: string, { perMember, hosts }: Standing): number[] => {
  const index = Number(distribution.split('-')[1]);
  return Array.from({ length: perMember }, (_, replica) => ((index * perMember + replica) % hosts) + 2);
};

function* decisions(placements: readonly PlacementObject[], standing: Standing): Generator<Chain> {
  for (const { metadata, spec } of placements) {
    const hosts = hostsOf(spec.distribution, standing).map((host) => ({
      host: `${spec.cluster}-${host}`,
      replicas: 1,
    }));
    const path = `${inLattice}/${WasmCloudPlacement.plural}/${metadata.name}`;
    yield [merge(path, fieldManagers.planner, { spec: { hosts } })];
  }
}

async function layOut(member: ApiServer, placements: readonly PlacementObject[], standing: Standing): Promise<void> {
  const { items } = await member.client.list<ActorObject>(WasmCloudActor, { namespace: LATTICE });
  await writeAll(member, hosts(member.name, standing));
  await writeAll(
    member,
    items.map(({ metadata }) => [remove(`${inLattice}/${WasmCloudActor.plural}/${metadata.name}`)]),
  );
  await member.client.delete(WasmCloudHost, `${member.name}-1`);
  await writeAll(member, actors(items, placements, member.name, standing));
}

function* hosts(cluster: string, { hosts: count }: Standing): Generator<Chain> {
  for (let number = 2; number < count + 2; number++) {
    const name = `${cluster}-${number}`;
    const metadata = { name, namespace: SYSTEM_NAMESPACE };
    const lease = { holderIdentity: name, leaseDurationSeconds: 3_600, renewTime: microTime(Date.now()) };
    const { group, version, plural, kind } = builtin.Lease;
    yield [
      post(`${base}/${WasmCloudHost.plural}`, {
        apiVersion,
        kind: WasmCloudHost.kind,
        metadata: { name, labels: { [labels.cluster]: cluster } },
        spec: { lattices: ['*'] },
      }),
      post(`/apis/${group}/${version}/namespaces/${SYSTEM_NAMESPACE}/${plural}`, {
        apiVersion: `${group}/${version}`,
        kind,
        metadata,
        spec: lease,
      }),
    ];
  }
}

function* actors(
  before: readonly ActorObject[],
  placements: readonly PlacementObject[],
  cluster: string,
  standing: Standing,
): Generator<Chain> {
  const templates = new Map(before.map((actor) => [actor.metadata.labels?.[labels.distribution], actor]));
  for (const { spec: decided } of placements.filter(({ spec }) => spec.cluster === cluster)) {
    const template = templates.get(decided.distribution);
    if (template === undefined) throw new Error(`${decided.distribution} is not in ${cluster}`);
    for (const number of hostsOf(decided.distribution, standing)) {
      const hostName = `${cluster}-${number}`;
      const metadata = {
        name: actorName(decided.distribution, hostName),
        namespace: LATTICE,
        labels: template.metadata.labels,
      };
      const spec = { ...template.spec, hostName, instances: 1 };
      yield [post(`${inLattice}/${WasmCloudActor.plural}`, { apiVersion, kind: WasmCloudActor.kind, metadata, spec })];
    }
  }
}

/** As the scheduler names it. */
const actorName = (distribution: string, host: string): string =>
  `${distribution}-${createHash('sha256').update(`${distribution}/${host}`).digest('hex').slice(0, 10)}`;

/** Starts a scheduler beside all that, and stops it after its first plan. */
export async function rebuild(world: BenchWorld): Promise<Rebuilt> {
  const before = await hostsOfAll(world);
  const startedAt = performance.now();
  await world.startScheduler();
  // A plan that was made before every member was read in whole is not of everything.
  let early = 0;
  await until(
    'the first plan of everything stands',
    async () => {
      const { plans, members } = await world.progress().catch(() => ({ plans: 0, members: 0 }));
      if (members < world.members.length) early = plans;
      return members === world.members.length && plans > early;
    },
    { everyMs: 20 },
  );
  const ms = performance.now() - startedAt;
  const { peakMb } = await usageOf([world.scheduler?.pid ?? 0]);
  await world.scheduler?.stop();
  world.scheduler = undefined;
  return { ms, rssMb: peakMb, isQuiet: (await hostsOfAll(world)) === before };
}

/** Where everything is decided to be, as text. */
async function hostsOfAll({ hub }: BenchWorld): Promise<string> {
  const { items } = await hub.client.list<PlacementObject>(WasmCloudPlacement, { namespace: LATTICE });
  const places = items.map(({ metadata, spec }) => {
    const hosts = spec.hosts.map(({ host, replicas }) => `${host}=${replicas}`);
    return `${metadata.name}: ${hosts.toSorted().join(' ')}`;
  });
  return places.toSorted().join('\n');
}
