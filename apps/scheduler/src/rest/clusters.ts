import { WasmCloudCluster, type ClusterObject } from '@kasmcloud/kube-api';
import { RefusedError } from '../access/refused-error.ts';
import type { Members } from '../clusters/members.ts';
import { clusterLabels } from '../plan/facts.ts';
import type { Hub } from '../plan/hub.ts';
import type { ClusterReply } from './shapes.ts';

/** The members of the supercluster, as this scheduler sees them. */
export class Clusters {
  readonly #hub: Pick<Hub, 'clusters'>;
  readonly #members: Pick<Members, 'get' | 'reachOf'>;

  constructor(hub: Pick<Hub, 'clusters'>, members: Pick<Members, 'get' | 'reachOf'>) {
    this.#hub = hub;
    this.#members = members;
  }

  list(): { items: ClusterReply[] } {
    const items = this.#hub.clusters.list().map((cluster) => this.#reply(cluster));
    return { items: items.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  get(name: string): ClusterReply {
    const cluster = this.#hub.clusters.get(name);
    if (cluster === undefined) throw new RefusedError('notFound', `there is no ${WasmCloudCluster.kind} ${name}`);
    return this.#reply(cluster);
  }

  #reply(cluster: ClusterObject): ClusterReply {
    const { metadata, spec, status } = cluster;
    return {
      name: metadata.name,
      ...(spec.region !== undefined && { region: spec.region }),
      ...(spec.zone !== undefined && { zone: spec.zone }),
      labels: clusterLabels(cluster),
      unschedulable: spec.unschedulable === true,
      reach: this.#members.get(metadata.name) === undefined ? 'Joining' : this.#members.reachOf(metadata.name),
      status: status ?? {},
    };
  }
}
