import { labels, type DistributionSpec } from '@kasmcloud/kube-api';
import { hostPorts, type ListeningLink } from '@kasmcloud/placement';
import { DEFAULT_NAMESPACE, type PlannedApplication } from '../input/applications.ts';
import type { InputObjects } from '../input/objects.ts';

/** Which host ports providers take, out of the links and ConfigMaps of the input and of its Applications. */
export class Listening {
  readonly #links: ListeningLink[];
  /** Data by `namespace/name`. */
  readonly #configs = new Map<string, Readonly<Record<string, string>>>();

  constructor(objects: InputObjects, applications: readonly PlannedApplication[]) {
    for (const { object } of objects.configMaps)
      this.#configs.set(`${object.metadata.namespace ?? DEFAULT_NAMESPACE}/${object.metadata.name}`, object.data ?? {});
    for (const { namespace, configMaps } of applications)
      for (const { name, data } of configMaps) this.#configs.set(`${namespace}/${name}`, data);
    // An Application speaks for its links: those that the input has of it may be of an earlier version.
    const speakers = new Set(applications.map(({ namespace, name }) => `${namespace}/${name}`));
    this.#links = [
      ...objects.links.flatMap(({ object: { metadata, spec } }) => {
        const { namespace = DEFAULT_NAMESPACE, labels: own } = metadata;
        if (spec.source === undefined || speakers.has(`${namespace}/${own?.[labels.application]}`)) return [];
        return [{ namespace, source: spec.source, sourceConfig: spec.sourceConfig ?? [] }];
      }),
      ...applications.flatMap(({ namespace, links }) =>
        links.map(({ spec: { source, sourceConfig = [] } }) => ({ namespace, source, sourceConfig })),
      ),
    ];
  }

  portsOf(namespace: string, { provider }: DistributionSpec): string[] {
    if (provider === undefined) return [];
    return hostPorts({ id: provider.id, namespace }, this.#links, (name) => this.#configs.get(`${namespace}/${name}`));
  }
}
