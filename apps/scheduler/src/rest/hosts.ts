import {
  conditionTypes,
  isConditionTrue,
  keyOf,
  labels,
  WasmCloudActor,
  WasmCloudCluster,
  type ActorObject,
  type ClusterObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { Host } from '@kasmcloud/placement';
import { RefusedError } from '../access/refused-error.ts';
import type { Member } from '../clusters/member.ts';
import type { Members } from '../clusters/members.ts';
import { toHosts } from '../plan/facts.ts';
import type { Hub } from '../plan/hub.ts';
import type { Call } from './admission.ts';
import type { HostReply, RunningReply } from './shapes.ts';

/** Every host of every member, and what runs there. */
export class Hosts {
  readonly #hub: Pick<Hub, 'clusters'>;
  readonly #members: Pick<Members, 'get'>;

  constructor(hub: Pick<Hub, 'clusters'>, members: Pick<Members, 'get'>) {
    this.#hub = hub;
    this.#members = members;
  }

  /** What runs is told by name only of namespaces whose actors the caller may list; the counts are of everything. */
  async list(call: Call, cluster: string | undefined): Promise<{ items: HostReply[] }> {
    if (cluster !== undefined && this.#hub.clusters.get(cluster) === undefined)
      throw new RefusedError('notFound', `there is no ${WasmCloudCluster.kind} ${cluster}`);
    const seen = this.#hub.clusters
      .list()
      .filter(({ metadata }) => cluster === undefined || metadata.name === cluster)
      .flatMap((one) => this.#hostsOf(one));
    const visible = await visibleNamespaces(call, seen);
    const items = seen.map((host) => ({
      ...host,
      running: host.running.filter(({ namespace }) => visible.has(namespace)),
    }));
    return { items: items.toSorted((a, b) => (`${a.cluster}/${a.name}` < `${b.cluster}/${b.name}` ? -1 : 1)) };
  }

  #hostsOf(cluster: ClusterObject): HostReply[] {
    const member = this.#members.get(cluster.metadata.name);
    if (member === undefined) return [];
    const runs = Map.groupBy(runningIn(member), ({ host }) => host);
    return toHosts({ ...member.facts(cluster), runsPods: false }).map((host) => {
      const running = (runs.get(host.name) ?? []).map(({ entry }) => entry);
      return hostReply(host, member, running);
    });
  }
}

function hostReply(host: Host, member: Member, running: RunningReply[]): HostReply {
  const { status, spec } = member.hosts.get(host.name) ?? { spec: {} };
  const { hostId, runtime, version, friendlyName, startedAt, allocatable } = status ?? {};
  const count = (kind: RunningReply['kind']): number => running.filter((one) => one.kind === kind).length;
  return {
    name: host.name,
    cluster: host.cluster,
    liveness: host.state,
    unschedulable: spec.unschedulable === true,
    labels: { ...host.labels },
    lattices: [...host.lattices],
    interfaces: [...host.interfaces],
    allocatable: allocatable ?? {},
    status: {
      ...(hostId !== undefined && { hostId }),
      ...(runtime !== undefined && { runtime }),
      ...(version !== undefined && { version }),
      ...(friendlyName !== undefined && { friendlyName }),
      ...(startedAt !== undefined && { startedAt }),
    },
    used: {
      actors: count('actor'),
      providers: count('provider'),
      instances: running.reduce((sum, { instances }) => sum + instances, 0),
    },
    running,
  };
}

interface Run {
  readonly host: string;
  readonly entry: RunningReply;
}

function runningIn({ actors, providers }: Pick<Member, 'actors' | 'providers'>): Run[] {
  return [
    ...actors.list().map((actor) => run('actor', actor, actor.spec.instances, actor.spec.hostName)),
    ...providers.list().map((provider) => run('provider', provider, 1, provider.spec.hostName)),
  ].toSorted((a, b) => (keyOf({ metadata: a.entry }) < keyOf({ metadata: b.entry }) ? -1 : 1));
}

function run(
  kind: RunningReply['kind'],
  { metadata, status }: ActorObject | ProviderObject,
  instances: number,
  host: string,
): Run {
  const distribution = metadata.labels?.[labels.distribution];
  return {
    host,
    entry: {
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      ...(distribution !== undefined && { distribution }),
      instances,
      ready: isConditionTrue(status?.conditions, conditionTypes.ready),
    },
  };
}

async function visibleNamespaces({ caller, signal }: Call, hosts: readonly HostReply[]): Promise<ReadonlySet<string>> {
  const all = new Set(hosts.flatMap(({ running }) => running.map(({ namespace }) => namespace)));
  const right = { verb: 'list', kind: WasmCloudActor } as const;
  if (all.size === 0 || (await caller.may(right, signal))) return all;
  const answers = await Promise.all(
    [...all].map(async (namespace) => ((await caller.may({ ...right, namespace }, signal)) ? [namespace] : [])),
  );
  return new Set(answers.flat());
}
