import {
  Application,
  conditionTypes,
  findCondition,
  GitSource,
  isConditionTrue,
  labels,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
  type ActorObject,
  type ApplicationObject,
  type ClusterObject,
  type Condition,
  type DistributionObject,
  type GitSourceObject,
  type HostObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import type { Instance, Member } from '../up/instance.ts';
import { LATTICE } from '../up/seed.ts';

/** Names in `examples/hello`. */
export const APPLICATION = 'hello';
export const SOURCE = 'demo';

/** How many replicas of the component each host has, by host name. */
export type Replicas = ReadonlyMap<string, number>;

export const totalOf = (replicas: Replicas): number => [...replicas.values()].reduce((sum, count) => sum + count, 0);

/** `eu-1-host-1 2, us-1-host-1 2`. */
export const describeReplicas = (replicas: Replicas): string =>
  [...replicas.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, count]) => `${host} ${count}`)
    .join(', ') || 'nowhere';

/** What the story sees of the supercluster: only what anybody with `kubectl` and `curl` could see. */
export class World {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  /** Members that the scheduler has reached, by name. */
  async readyClusters(signal: AbortSignal): Promise<string[]> {
    const { items } = await this.#instance.hub.list<ClusterObject>(WasmCloudCluster, { signal });
    return items.filter(({ status }) => isReady(status?.conditions)).map(({ metadata }) => metadata.name);
  }

  /** Hosts of all members that say they are ready, by name. */
  async readyHosts(signal: AbortSignal): Promise<string[]> {
    const lists = await this.#ofMembers(async ({ client }) => client.list<HostObject>(WasmCloudHost, { signal }));
    return lists
      .flatMap(({ items }) => items)
      .filter(({ status }) => isReady(status?.conditions))
      .map(({ metadata }) => metadata.name);
  }

  async source(signal: AbortSignal): Promise<GitSourceObject> {
    return this.#instance.hub.get<GitSourceObject>(GitSource, SOURCE, LATTICE, { signal });
  }

  async application(signal: AbortSignal): Promise<ApplicationObject> {
    return this.#instance.hub.get<ApplicationObject>(Application, APPLICATION, LATTICE, { signal });
  }

  /** Where the planner has decided that the component runs. */
  async placed(signal: AbortSignal): Promise<Replicas> {
    const names = new Set((await this.#components(signal)).map(({ metadata }) => metadata.name));
    const { items } = await this.#instance.hub.list<PlacementObject>(WasmCloudPlacement, {
      namespace: LATTICE,
      signal,
    });
    const replicas = new Map<string, number>();
    for (const { spec } of items) {
      if (!names.has(spec.distribution)) continue;
      for (const { host, replicas: count } of spec.hosts) if (count > 0) replicas.set(host, count);
    }
    return replicas;
  }

  /** Where the component runs and is ready, out of the members themselves. */
  async running(signal: AbortSignal): Promise<Replicas> {
    const names = new Set((await this.#components(signal)).map(({ metadata }) => metadata.name));
    const lists = await this.#ofMembers(async ({ client }) =>
      client.list<ActorObject>(WasmCloudActor, { namespace: LATTICE, signal }),
    );
    const replicas = new Map<string, number>();
    for (const { metadata, spec, status } of lists.flatMap(({ items }) => items)) {
      if (!names.has(metadata.labels?.[labels.distribution] ?? '') || !isReady(status?.conditions)) continue;
      replicas.set(spec.hostName, (replicas.get(spec.hostName) ?? 0) + (spec.instances ?? 1));
    }
    return replicas;
  }

  /** The text that the application answers with through the front door of a member. Throws when it is not HTTP 200. */
  async answer({ name, url }: Member, signal: AbortSignal): Promise<string> {
    const either = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const response = await fetch(url, { signal: either, headers: { connection: 'close' } });
    const text = (await response.text()).trim();
    if (response.status !== 200) throw new Error(`${name} answers ${response.status}: ${text.slice(0, 200)}`);
    return text;
  }

  /** The distributions of the application that run components, not providers. */
  async #components(signal: AbortSignal): Promise<DistributionObject[]> {
    const selection = { namespace: LATTICE, labelSelector: `${labels.application}=${APPLICATION}` };
    const { items } = await this.#instance.hub.list<DistributionObject>(WasmCloudDistribution, {
      ...selection,
      signal,
    });
    return items.filter(({ spec }) => spec.actor !== undefined);
  }

  async #ofMembers<T>(read: (member: Member) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#instance.members.map(read));
  }
}

export const isReady = (conditions: readonly Condition[] | undefined): boolean =>
  isConditionTrue(conditions, conditionTypes.ready);

/** `Ready=False BadManifest: …`, or that there is no condition yet. */
export function describeReady(conditions: readonly Condition[] | undefined): string {
  const ready = findCondition(conditions, conditionTypes.ready);
  return ready === undefined ? 'no Ready condition yet' : `Ready=${ready.status} ${ready.reason}: ${ready.message}`;
}
