import {
  conditionTypes,
  labels,
  typeMeta,
  WasmCloudCluster,
  WasmCloudHost,
  type ClusterObject,
  type HostObject,
} from '@kasmcloud/kube-api';
import type { ManifestDocument } from '@kasmcloud/manifest';
import type { Cluster, Host } from '@kasmcloud/placement';
import { UserError } from '../../user-error.ts';
import type { InputObjects, Located } from '../input/objects.ts';
import { positionText, type Findings } from '../input/problems.ts';
import type { ClusterInput, HostInput } from '../input/schemas.ts';
import type { Loss } from './lost.ts';

export interface SeenCluster {
  readonly object: ClusterObject;
  readonly reach: Cluster['reach'];
}

export interface SeenHost {
  readonly object: HostObject;
  readonly cluster: string;
  readonly liveness: Host['state'];
}

/** The clusters and hosts of the input, with what `--lost` says about them. */
export class Inventory {
  readonly clusters = new Map<string, SeenCluster>();
  /** By `cluster/name`. */
  readonly hosts = new Map<string, SeenHost>();
  readonly #written = new Map<string, ManifestDocument>();
  readonly #clustersOf = new Map<string, string[]>();

  constructor(objects: InputObjects, findings: Findings) {
    for (const one of objects.clusters) this.#addCluster(one, findings);
    const serveAll = objects.hosts.every(({ object }) => object.spec.lattices === undefined);
    for (const one of objects.hosts) this.#addHost(one, serveAll, findings);
  }

  /** The clusters that have a host of this name. */
  clustersOf(host: string): readonly string[] {
    return this.#clustersOf.get(host) ?? [];
  }

  /** @throws {UserError} */
  lose(loss: Loss): void {
    if (loss.kind === 'Cluster') {
      const cluster = this.clusters.get(loss.name);
      if (cluster === undefined) throw new UserError(`--lost ${loss.text}: there is no such cluster in the input`);
      this.clusters.set(loss.name, { ...cluster, reach: 'Lost' });
      return;
    }
    const found = this.clustersOf(loss.name).filter((cluster) => cluster === (loss.cluster ?? cluster));
    if (found.length > 1) {
      const choices = found.map((cluster) => `host/${cluster}/${loss.name}`).toSorted();
      throw new UserError(`--lost ${loss.text}: which of ${choices.join(', ')}?`);
    }
    const path = `${found[0]}/${loss.name}`;
    const host = this.hosts.get(path);
    if (host === undefined) throw new UserError(`--lost ${loss.text}: there is no such host in the input`);
    this.hosts.set(path, { ...host, liveness: 'Lost' });
  }

  #addCluster({ object, document }: Located<ClusterInput>, findings: Findings): void {
    const { metadata, spec, status } = object;
    if (!this.#isFirst(`cluster ${metadata.name}`, document, findings)) return;
    const reachable = status?.conditions?.find(({ type }) => type === conditionTypes.reachable)?.status ?? 'True';
    this.clusters.set(metadata.name, {
      object: { ...typeMeta(WasmCloudCluster), metadata: plainMetadata(metadata), spec },
      reach: reachable === 'True' ? 'Reachable' : 'Unreachable',
    });
  }

  #addHost({ object, document }: Located<HostInput>, serveAll: boolean, findings: Findings): void {
    const { metadata, spec, status } = object;
    const cluster = metadata.labels?.[labels.cluster];
    const field = ['metadata', 'labels', labels.cluster];
    if (cluster === undefined)
      return findings.error(document, field, `missing: it says which cluster host ${metadata.name} belongs to`);
    if (!this.clusters.has(cluster))
      return findings.error(document, field, `there is no ${WasmCloudCluster.kind} ${cluster} in the input`);
    if (!this.#isFirst(`host ${cluster}/${metadata.name}`, document, findings)) return;
    this.#clustersOf.set(metadata.name, [...this.clustersOf(metadata.name), cluster]);
    const ready = status?.conditions?.find(({ type }) => type === conditionTypes.ready)?.status ?? 'True';
    this.hosts.set(`${cluster}/${metadata.name}`, {
      cluster,
      liveness: ready === 'True' ? 'Ready' : 'Suspect',
      object: {
        ...typeMeta(WasmCloudHost),
        metadata: plainMetadata(metadata),
        spec: serveAll ? { ...spec, lattices: ['*'] } : spec,
        status: {
          ...(status?.allocatable !== undefined && { allocatable: status.allocatable }),
          ...(status?.interfaces !== undefined && { interfaces: status.interfaces }),
        },
      },
    });
  }

  #isFirst(what: string, document: ManifestDocument, findings: Findings): boolean {
    const other = this.#written.get(what);
    if (other === undefined) this.#written.set(what, document);
    else findings.error(document, ['metadata', 'name'], `${what} is already at ${positionText(other)}`);
    return other === undefined;
  }
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels?: Record<string, string> | undefined;
  readonly annotations?: Record<string, string> | undefined;
  readonly deletionTimestamp?: string | undefined;
}

/** The metadata that a plan reads. */
export const plainMetadata = ({
  name,
  namespace,
  labels: own,
  annotations,
  deletionTimestamp,
}: Metadata): ClusterObject['metadata'] => ({
  name,
  ...(namespace !== undefined && { namespace }),
  ...(own !== undefined && { labels: own }),
  ...(annotations !== undefined && { annotations }),
  ...(deletionTimestamp !== undefined && { deletionTimestamp }),
});
