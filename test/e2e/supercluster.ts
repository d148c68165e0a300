import {
  conditionTypes,
  isConditionTrue,
  labels,
  WasmCloudActor,
  WasmCloudPlacement,
  type ActorObject,
  type PlacementObject,
} from '@kasmcloud/kube-api';
import { KubeClient, loadKubeconfig } from '@kasmcloud/kube';
import type { State } from './kasm.ts';

const COMPONENT = 'hello-http-hello';

/** Replicas by host. */
export type Replicas = Readonly<Record<string, number>>;

export const totalOf = (replicas: Replicas): number => Object.values(replicas).reduce((sum, count) => sum + count, 0);

/** What the API servers of an instance say about the component of the demo. */
export class Supercluster {
  readonly #hub: KubeClient;
  readonly #members: readonly KubeClient[];

  constructor({ clusters }: State) {
    const [hub, ...members] = clusters.map(({ kubeconfig }) => new KubeClient(loadKubeconfig({ file: kubeconfig })));
    if (hub === undefined) throw new TypeError('state.json names no cluster');
    this.#hub = hub;
    this.#members = members;
  }

  /** Where the planner wants it. */
  async placed(): Promise<Replicas> {
    const { items } = await this.#hub.list<PlacementObject>(WasmCloudPlacement);
    const hosts = items.filter(({ spec }) => spec.distribution === COMPONENT).flatMap(({ spec }) => spec.hosts);
    return Object.fromEntries(
      hosts.filter(({ replicas }) => replicas > 0).map(({ host, replicas }) => [host, replicas]),
    );
  }

  /** Where it runs. Throws for an Actor that is not ready, and for a second one on one host: a double. */
  async running(): Promise<Replicas> {
    const lists = await Promise.all(this.#members.map(async (member) => member.list<ActorObject>(WasmCloudActor)));
    const replicas: Record<string, number> = {};
    for (const { metadata, spec, status } of lists.flatMap(({ items }) => items)) {
      if (metadata.labels?.[labels.distribution] !== COMPONENT) continue;
      if (!isConditionTrue(status?.conditions, conditionTypes.ready)) throw new Error(`${metadata.name} is not ready`);
      if (replicas[spec.hostName] !== undefined) throw new Error(`two actors of ${COMPONENT} on ${spec.hostName}`);
      replicas[spec.hostName] = spec.instances;
    }
    return replicas;
  }

  async close(): Promise<void> {
    await Promise.all([this.#hub, ...this.#members].map(async (client) => client.close()));
  }
}
