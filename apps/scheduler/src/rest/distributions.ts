import { labels, WasmCloudDistribution, type DistributionObject, type PlacementObject } from '@kasmcloud/kube-api';
import { RefusedError } from '../access/refused-error.ts';
import type { Hub } from '../plan/hub.ts';
import type { DistributionReply } from './shapes.ts';

/** Distributions with what was decided for them. */
export class Distributions {
  readonly #hub: Pick<Hub, 'distributions' | 'placements'>;

  constructor(hub: Pick<Hub, 'distributions' | 'placements'>) {
    this.#hub = hub;
  }

  list(namespace: string): { items: DistributionReply[] } {
    const found = this.#hub.distributions.list().filter(({ metadata }) => metadata.namespace === namespace);
    const items = found.map((distribution) => this.#reply(distribution));
    return { items: items.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  get(namespace: string, name: string): DistributionReply {
    const found = this.#hub.distributions.get(`${namespace}/${name}`);
    if (found === undefined) {
      const message = `there is no ${WasmCloudDistribution.kind} ${name} in namespace ${namespace}`;
      throw new RefusedError('notFound', message);
    }
    return this.#reply(found);
  }

  #reply({ metadata, spec, status }: DistributionObject): DistributionReply {
    const { name, namespace = '' } = metadata;
    const application = metadata.labels?.[labels.application];
    const own = this.#hub.placements
      .list()
      .filter((placement) => placement.metadata.namespace === namespace && placement.spec.distribution === name);
    return {
      namespace,
      name,
      ...(application !== undefined && { application }),
      spec,
      status: status ?? {},
      placements: own.map(placementReply).toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1)),
    };
  }
}

function placementReply({ spec, status }: PlacementObject): DistributionReply['placements'][number] {
  const { cluster, epoch, revision, hosts } = spec;
  return {
    cluster,
    epoch,
    revision,
    ...(status?.appliedEpoch !== undefined && { appliedEpoch: status.appliedEpoch }),
    hosts,
    ...(status?.failures !== undefined && { failures: status.failures }),
  };
}
