import {
  labels,
  PODS_HOST,
  typeMeta,
  WasmCloudActor,
  WasmCloudCluster,
  WasmCloudDistribution,
  WasmCloudHost,
  WasmCloudPlacement,
  WasmCloudProvider,
  type ActorObject,
  type PlacementObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import type { FieldPath, ManifestDocument } from '@kasmcloud/manifest';
import { DEFAULT_NAMESPACE } from '../input/applications.ts';
import type { Located } from '../input/objects.ts';
import { positionText, type Findings } from '../input/problems.ts';
import type { ActorInput, PlacementInput, ProviderInput } from '../input/schemas.ts';
import { plainMetadata, type Inventory } from './inventory.ts';
import type { Wish } from './wishes.ts';

/** An Actor or Provider of the input, with the cluster in which it is. */
export interface Workload {
  readonly cluster: string;
  readonly object: ActorObject | ProviderObject;
  readonly instances: number;
  /** Key of the Distribution that made it, if that is in the input. */
  readonly owner: string | undefined;
}

/** Reads what runs and what was decided, each object held against the clusters and hosts that there are. */
export class StandingReader {
  readonly #inventory: Inventory;
  readonly #wishes: ReadonlyMap<string, Wish>;
  readonly #findings: Findings;
  readonly #written = new Map<string, ManifestDocument>();

  constructor(inventory: Inventory, wishes: ReadonlyMap<string, Wish>, findings: Findings) {
    this.#inventory = inventory;
    this.#wishes = wishes;
    this.#findings = findings;
  }

  placement({ object, document }: Located<PlacementInput>): PlacementObject | undefined {
    const { metadata, spec, status } = object;
    const { namespace = DEFAULT_NAMESPACE } = metadata;
    if (!this.#hasCluster(spec.cluster, document, ['spec', 'cluster'])) return undefined;
    const key = `${namespace}/${spec.distribution}`;
    if (!this.#isFirst(`placement of ${key} in ${spec.cluster}`, document)) return undefined;
    const seen = new Set<string>();
    for (const [index, { host }] of spec.hosts.entries()) {
      const path = ['spec', 'hosts', index, 'host'];
      if (seen.has(host)) this.#findings.error(document, path, `host ${host} is there twice`);
      seen.add(host);
      this.#noteHost(spec.cluster, host, document, path);
    }
    if (!this.#wishes.has(key)) {
      const message = `there is no ${WasmCloudDistribution.kind} ${key} in the input: this placement is passed over`;
      this.#findings.note(document, ['spec', 'distribution'], message);
    }
    return {
      ...typeMeta(WasmCloudPlacement),
      metadata: { ...plainMetadata(metadata), namespace },
      spec: { ...spec, epoch: spec.epoch ?? 0, revision: spec.revision ?? '' },
      status: {
        failures: (status?.failures ?? []).map(({ host, revision }) => ({ ...unsaid, host, revision })),
      },
    };
  }

  actor(one: Located<ActorInput>): (Workload & { object: ActorObject }) | undefined {
    const { metadata, spec } = one.object;
    const found = this.#workload(one, WasmCloudActor.kind);
    const { hostName, instances } = spec;
    return (
      found && {
        ...found,
        instances,
        object: {
          ...typeMeta(WasmCloudActor),
          metadata: plainMetadata(metadata),
          spec: { hostName, instances, id: '', image: '' },
        },
      }
    );
  }

  provider(one: Located<ProviderInput>): (Workload & { object: ProviderObject }) | undefined {
    const { metadata, spec } = one.object;
    const found = this.#workload(one, WasmCloudProvider.kind);
    return (
      found && {
        ...found,
        instances: 1,
        object: {
          ...typeMeta(WasmCloudProvider),
          metadata: plainMetadata(metadata),
          spec: { hostName: spec.hostName ?? '', id: '', image: '' },
        },
      }
    );
  }

  #workload(
    { object, document }: Located<ActorInput | ProviderInput>,
    kind: string,
  ): Pick<Workload, 'cluster' | 'owner'> | undefined {
    const { name, namespace = DEFAULT_NAMESPACE, labels: own, deletionTimestamp } = object.metadata;
    if (deletionTimestamp !== undefined) return undefined;
    const distribution = own?.[labels.distribution];
    const key = distribution === undefined ? undefined : `${namespace}/${distribution}`;
    const owner = key !== undefined && this.#wishes.has(key) ? key : undefined;
    const { hostName } = object.spec;
    // In pods of its own it takes no room of a host.
    if (hostName === undefined) return undefined;
    const cluster = this.#clusterOf(object, hostName, document, owner !== undefined);
    if (cluster === undefined || !this.#isFirst(`${kind} ${namespace}/${name} in ${cluster}`, document))
      return undefined;
    if (owner !== undefined) this.#noteHost(cluster, hostName, document, ['spec', 'hostName']);
    else if (key !== undefined) {
      const message = `there is no ${WasmCloudDistribution.kind} ${key} in the input: it only takes room`;
      this.#findings.note(document, ['metadata', 'labels', labels.distribution], message);
    }
    return { cluster, owner };
  }

  /** The cluster that its label names, else that of the only host of its name. */
  #clusterOf(
    { metadata }: ActorInput | ProviderInput,
    hostName: string,
    document: ManifestDocument,
    isNeeded: boolean,
  ): string | undefined {
    const label = metadata.labels?.[labels.cluster];
    const field = ['metadata', 'labels', labels.cluster];
    if (label !== undefined) return this.#hasCluster(label, document, field) ? label : undefined;
    const clusters = this.#inventory.clustersOf(hostName);
    if (clusters.length > 1) {
      const message = `missing: ${clusters.length} clusters have a host ${hostName}`;
      this.#findings.error(document, field, message);
    } else if (clusters.length === 0 && isNeeded) {
      const message = `there is no ${WasmCloudHost.kind} ${hostName} in the input, and no label says in which cluster it was`;
      this.#findings.error(document, ['spec', 'hostName'], message);
    }
    return clusters.length > 1 ? undefined : clusters[0];
  }

  #hasCluster(cluster: string, document: ManifestDocument, field: FieldPath): boolean {
    const there = this.#inventory.clusters.has(cluster);
    if (!there) this.#findings.error(document, field, `there is no ${WasmCloudCluster.kind} ${cluster} in the input`);
    return there;
  }

  /** A host that is gone is told, and what it ran is replaced. */
  #noteHost(cluster: string, host: string, document: ManifestDocument, field: FieldPath): void {
    if (host === PODS_HOST || this.#inventory.hosts.has(`${cluster}/${host}`)) return;
    if (this.#inventory.clusters.get(cluster)?.reach === 'Unreachable') return;
    const message = `there is no ${WasmCloudHost.kind} ${host} in cluster ${cluster}: it counts as lost`;
    this.#findings.note(document, field, message);
  }

  #isFirst(what: string, document: ManifestDocument): boolean {
    const other = this.#written.get(what);
    if (other === undefined) this.#written.set(what, document);
    else this.#findings.error(document, ['metadata', 'name'], `${what} is already at ${positionText(other)}`);
    return other === undefined;
  }
}

/** What a plan does not read of a failure. */
const unsaid = { reason: '', message: '', time: '' } as const;
