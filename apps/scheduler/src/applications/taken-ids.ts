import { labels, type ApplicationObject, type DistributionObject } from '@kasmcloud/kube-api';
import type { Index, Store } from '@kasmcloud/kube';
import { componentId } from '@kasmcloud/oam';
import type { Manifest } from './manifest.ts';

/** An id of the lattice that something else has already, and whose it is. */
export interface TakenId {
  readonly id: string;
  /** Name of the other Application; of the Distribution when no Application made it. */
  readonly owner: string;
}

export interface TakenIdsOptions {
  readonly applications: Store<ApplicationObject>;
  readonly distributions: Store<DistributionObject>;
  /** Milliseconds that only grow. */
  readonly steady: () => number;
}

/** What was written from here and the stores may not show yet. */
interface Written {
  readonly version: string | undefined;
  readonly ids: readonly string[];
  readonly at: number;
}

/** By then a watch has told, or is broken and begins anew. */
const SHOWN_WITHIN_MS = 30_000;

/** Which ids of each lattice Applications and Distributions have: found by the id, however many of them there are. */
export class TakenIds {
  readonly #options: TakenIdsOptions;
  /** By `namespace/id`. */
  readonly #applications: Index<ApplicationObject>;
  readonly #distributions: Index<DistributionObject>;
  /** By key of the Application. */
  readonly #written = new Map<string, Written>();

  constructor(options: TakenIdsOptions) {
    this.#options = options;
    this.#applications = options.applications.index(({ metadata, spec }) =>
      idsOf(metadata.name, spec).map((id) => `${metadata.namespace}/${id}`),
    );
    this.#distributions = options.distributions.index(({ metadata, spec }) => {
      const { id } = spec.actor ?? spec.provider ?? {};
      return id === undefined ? [] : [`${metadata.namespace}/${id}`];
    });
  }

  /** The first id of a manifest that another Application, or a Distribution written by hand, uses in the same lattice. */
  async find(namespace: string, manifest: Manifest): Promise<TakenId | undefined> {
    const { applications, distributions } = this.#options;
    await Promise.all([applications.synced, distributions.synced]);
    this.#forgetShown();
    const { name } = manifest.metadata;
    for (const id of idsOf(name, manifest.spec)) {
      const owner = this.#ownersOf(namespace, id).find((one) => one !== name);
      if (owner !== undefined) return { id, owner };
    }
    return undefined;
  }

  /** An Application was written from here: what it runs counts before any watch tells of it. */
  wrote({ metadata, spec }: ApplicationObject): void {
    const written = { version: metadata.resourceVersion, ids: idsOf(metadata.name, spec), at: this.#options.steady() };
    this.#written.set(`${metadata.namespace}/${metadata.name}`, written);
  }

  /** An Application was deleted from here. */
  deleted(namespace: string, name: string): void {
    this.#written.delete(`${namespace}/${name}`);
  }

  #ownersOf(namespace: string, id: string): string[] {
    const key = `${namespace}/${id}`;
    const written = [...this.#written].filter(([of, { ids }]) => of.startsWith(`${namespace}/`) && ids.includes(id));
    return [
      ...written.map(([of]) => of.slice(namespace.length + 1)),
      ...this.#applications
        .get(key)
        .map(({ metadata }) => metadata.name)
        .filter((name) => !this.#written.has(`${namespace}/${name}`)),
      ...this.#distributions.get(key).map(({ metadata }) => metadata.labels?.[labels.application] ?? metadata.name),
    ];
  }

  #forgetShown(): void {
    const { applications, steady } = this.#options;
    for (const [key, { version, at }] of this.#written) {
      const isShown = applications.get(key)?.metadata.resourceVersion === version;
      if (isShown || steady() - at > SHOWN_WITHIN_MS) this.#written.delete(key);
    }
  }
}

/** Ids of what an Application runs itself; what others share with it is theirs. */
const idsOf = (application: string, { components }: ApplicationObject['spec']): string[] =>
  components
    .filter(({ properties }) => typeof properties['image'] === 'string')
    .map(({ name, properties: { id } }) => componentId(application, name, typeof id === 'string' ? id : undefined));
