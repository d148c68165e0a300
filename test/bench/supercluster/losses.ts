/** Hosts fall silent one after another, then a whole cluster goes: from when it counts as lost until all of it runs elsewhere. */
import { setTimeout as sleep } from 'node:timers/promises';
import { annotations, builtin, SYSTEM_NAMESPACE, WasmCloudHost } from '@kasmcloud/kube-api';
import type { Lease } from '@kasmcloud/kube';
import { resting } from './cold-start.ts';
import { apiLimit } from './limit.ts';
import type { Observer } from './observer.ts';
import { writesMade, writesNeeded, written } from './wish.ts';
import { temper, type BenchWorld } from './world.ts';

/** Of one another, so that one host is replaced before the next is found lost. */
const APART_MS = 3_500;
const WITHIN_MS = 90_000;

export interface HostsLost {
  /** Milliseconds for each replica of each lost host, from when its Lease had run out until it was Ready elsewhere. */
  readonly replacedMs: readonly number[];
  /** Requests that wrote what the scheduler writes, status apart. */
  readonly writes: number;
  /** The least that lead from each host's loss to the next one: two of them may change the same decision, one after the other. */
  readonly needed: number;
}

/** Has hosts fall silent, one after another and in one member after another, and waits until all is quiet again. */
export async function loseHosts(
  world: BenchWorld,
  observer: Observer,
  hosts: number,
  replicas: number,
): Promise<HostsLost> {
  const { hub, members, servers } = world;
  const made = await writesMade(servers);
  const before = await written(members, hub);
  let decided = await written([hub], hub);
  let needed = 0;
  const see = async (): Promise<void> => {
    const now = await written([hub], hub);
    needed += writesNeeded(decided, now);
    decided = now;
  };
  const gone = new Set<string>();
  const samples: Promise<number[]>[] = [];
  for (let index = 0; index < hosts; index++) {
    const member = members[index % members.length];
    if (member === undefined) break;
    const place = [...observer.places()].find((one) => one.startsWith(`${member.name}/`) && !gone.has(one));
    if (place === undefined) break;
    gone.add(place);
    const lostBefore = new Set(gone);
    samples.push(
      loseHost(world, observer, { place, gone: lostBefore, replicas }).then(async (ms) => {
        await see();
        return ms;
      }),
    );
    await sleep(APART_MS);
  }
  const replacedMs = (await Promise.all(samples)).flat();
  await resting(world);
  await see();
  needed += writesNeeded(before, await written(members, hub));
  return { replacedMs, writes: (await writesMade(servers)) - made, needed };
}

/** `gone`: this place and those that were lost before it. */
async function loseHost(
  world: BenchWorld,
  observer: Observer,
  { place, gone, replicas }: { readonly place: string; readonly gone: ReadonlySet<string>; readonly replicas: number },
): Promise<number[]> {
  const [cluster = '', host = ''] = place.split('/');
  const member = world.members.find(({ name }) => name === cluster);
  if (member === undefined) throw new TypeError(`no member ${cluster}`);
  const distributions = observer.on(place);
  const patch = { metadata: { annotations: { [annotations.hollow]: 'Silent' } } };
  await member.client.patch(WasmCloudHost, host, undefined, patch, { type: 'merge' });
  // A renewal that was under way ends.
  await sleep(1_000);
  const lease = await member.client.get<Lease>(builtin.Lease, host, SYSTEM_NAMESPACE);
  const renewedAt = Date.parse(lease.spec?.renewTime ?? '') - performance.timeOrigin;
  const lostAt = renewedAt + 1_000 * Math.max(temper.leaseS, temper.hostLostAfterS);
  const isCounted = (one: string): boolean => !gone.has(one);
  return Promise.all(
    distributions.map(async (name) => {
      const at = await observer.when(
        `${name} is replaced`,
        () => observer.readyOf(name, isCounted) >= replicas,
        WITHIN_MS,
      );
      return at - lostAt;
    }),
  );
}

export interface ClusterLost {
  /** Milliseconds from when the last member counts as lost until everything that ran there is Ready elsewhere. */
  readonly replacedMs: number;
  /** That ran there. */
  readonly replicas: number;
}

/** Kills the last member's API server and its hosts, and waits until all that ran there is Ready elsewhere. */
export async function loseCluster(
  world: BenchWorld,
  observer: Observer,
  { distributions, replicas }: { readonly distributions: number; readonly replicas: number },
): Promise<ClusterLost> {
  const member = world.members.at(-1);
  if (member === undefined) throw new TypeError('no member');
  const names = Array.from({ length: distributions }, (_, index) => `app-${index}`);
  const isCounted = (place: string): boolean => !place.startsWith(`${member.name}/`);
  const standing = names.reduce((sum, name) => sum + observer.readyOf(name, isCounted), 0);
  const lostAt = performance.now() + temper.clusterLostAfterS * 1_000;
  await Promise.all([member.kill(), world.hollow.get(member.name)?.stop('SIGKILL')]);
  const left = new Set(names);
  const at = await observer.when(
    'the cluster is replaced',
    () => {
      for (const name of left) {
        if (observer.readyOf(name, isCounted) < replicas) return false;
        left.delete(name);
      }
      return true;
    },
    WITHIN_MS,
  );
  return { replacedMs: at - lostAt, replicas: distributions * replicas - standing };
}

/**
 * What the API servers that are left can do: bare clients make the writes of as many replicas on them, while neither the
 * scheduler nor a host is there any more. Replicas per second.
 */
export async function limitOfLoss(world: BenchWorld, distributions: number, lost: number): Promise<number> {
  await world.stopAll();
  const wish = { distributions, replicas: Math.ceil(lost / distributions), hosts: world.options.hostsPerMember };
  const { perSecond } = await apiLimit(world.hub, world.members.slice(0, -1), wish);
  return perSecond;
}
