import {
  builtin,
  labels,
  providerSelectors,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type Kind,
  type KubeObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type Index, type KubeClient } from '@kasmcloud/kube';
import type { Clock, Random } from '@kasmcloud/reconcile';
import { idOfOurs, type MemberView } from '../speak/inventory.ts';

export interface MemberOptions {
  readonly name: string;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: (error: unknown) => void;
  readonly onChange: (change: Change) => void;
}

/** What is not what it was. */
export type Change =
  /** Which lattices there are, or which members. */
  | { readonly kind: 'lattices' }
  /** A host that resources drive. */
  | { readonly kind: 'ourHost' }
  /** A host that only NATS knows. */
  | ({ readonly kind: 'legacyHost' } & Place)
  /** What runs, or is to run, on a host. */
  | ({ readonly kind: 'work' } & Place);

/** One host, in one lattice. */
export interface Place {
  readonly lattice: string;
  readonly hostName: string;
}

/** In which lattice a legacy host is; undefined for a host of ours, or before it was told. */
const legacyLatticeOf = ({ status }: HostObject): string | undefined =>
  status?.runtime === 'wasmcloud' ? status.lattice : undefined;

const listed = (value: string | undefined): string[] => (value === undefined ? [] : [value]);

/** Whom a changed host concerns. There are many legacy hosts, and each is of one lattice: no other looks at it. */
function hostChanges(hostName: string, before: HostObject | undefined, after: HostObject | undefined): Change[] {
  const sides = [before, after].filter((one) => one !== undefined);
  const lattices = new Set(sides.flatMap((one) => listed(legacyLatticeOf(one))));
  return [
    ...(sides.some((one) => idOfOurs(one) !== undefined) ? [{ kind: 'ourHost' as const }] : []),
    ...Array.from(lattices, (lattice) => ({ kind: 'legacyHost' as const, lattice, hostName })),
  ];
}

const placeOf = ({ metadata, spec }: ActorObject | ProviderObject): Place => ({
  lattice: metadata.namespace ?? '',
  hostName: spec.hostName,
});

/** Finds what runs on one host in one lattice. */
const placeKeys = (object: ActorObject | ProviderObject): string[] => {
  const { lattice, hostName } = placeOf(object);
  return [`${lattice}/${hostName}`];
};

/** Finds what has one id in one lattice. */
const idOf = ({ metadata, spec }: ActorObject | ProviderObject): string[] => [`${metadata.namespace ?? ''}/${spec.id}`];

/** One member cluster: its hosts, what runs on them, and its lattices, kept current. */
export class Member implements MemberView {
  readonly name: string;
  readonly client: KubeClient;
  readonly hosts: Store<HostObject>;
  readonly #actors: Store<ActorObject>;
  readonly #providers: Store<ProviderObject>;
  readonly #namespaces: Store<KubeObject>;
  readonly #actorsByPlace: Index<ActorObject>;
  readonly #providersByPlace: Index<ProviderObject>;
  readonly #actorsById: Index<ActorObject>;
  readonly #providersById: Index<ProviderObject>;
  /** By the id that lattices know. */
  readonly #ours: Index<HostObject>;
  readonly #legacyByLattice: Index<HostObject>;

  constructor(options: MemberOptions) {
    this.name = options.name;
    this.client = options.client;
    this.hosts = openStore(options, WasmCloudHost);
    this.#actors = openStore(options, WasmCloudActor);
    this.#providers = openStore(options, WasmCloudProvider, { fieldSelector: providerSelectors.onHosts });
    this.#namespaces = openStore(options, builtin.Namespace, { labelSelector: labels.lattice });
    this.#actorsByPlace = this.#actors.index(placeKeys);
    this.#providersByPlace = this.#providers.index(placeKeys);
    this.#actorsById = this.#actors.index(idOf);
    this.#providersById = this.#providers.index(idOf);
    this.#ours = this.hosts.index((host) => listed(idOfOurs(host)));
    this.#legacyByLattice = this.hosts.index((host) => listed(legacyLatticeOf(host)));
    this.#namespaces.onChange(() => options.onChange({ kind: 'lattices' }));
    this.hosts.onChange((hostName, before, after) => {
      for (const change of hostChanges(hostName, before, after)) options.onChange(change);
    });
    for (const store of [this.#actors, this.#providers])
      store.onChange((_, before, after) => {
        const object = after ?? before;
        if (object !== undefined) options.onChange({ kind: 'work', ...placeOf(object) });
      });
  }

  /** Resolves when everything was read once. */
  async synced(): Promise<void> {
    await Promise.all(this.#stores.map(async (store) => store.synced));
  }

  /** False until everything was read once: what is not seen before that may be there all the same. */
  get hasSynced(): boolean {
    return this.#stores.every((store) => store.hasSynced);
  }

  get lattices(): string[] {
    return [...this.#namespaces.keys()];
  }

  /** Whether a namespace of this cluster is that lattice. */
  hasLattice(lattice: string): boolean {
    return this.#namespaces.get(lattice) !== undefined;
  }

  get ourHosts(): readonly HostObject[] {
    return [...this.#ours.values()].flatMap((id) => this.#ours.get(id));
  }

  /** The host that resources drive and lattices know by this id. */
  findOurs(id: string): HostObject | undefined {
    return this.#ours.get(id)[0];
  }

  /** Hosts of the lattice that only NATS knows. */
  legacyHosts(lattice: string): readonly HostObject[] {
    return this.#legacyByLattice.get(lattice);
  }

  actorsOn(lattice: string, hostName: string): readonly ActorObject[] {
    return this.#actorsByPlace.get(`${lattice}/${hostName}`);
  }

  providersOn(lattice: string, hostName: string): readonly ProviderObject[] {
    return this.#providersByPlace.get(`${lattice}/${hostName}`);
  }

  /** Every Actor and Provider of one id in one lattice. */
  workloadsOf(lattice: string, id: string): readonly (ActorObject | ProviderObject)[] {
    const key = `${lattice}/${id}`;
    return [...this.#actorsById.get(key), ...this.#providersById.get(key)];
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map(async (store) => store.close()));
  }

  get #stores(): readonly Store<KubeObject>[] {
    return [this.hosts, this.#actors, this.#providers, this.#namespaces];
  }
}

const openStore = <T extends KubeObject>(
  options: MemberOptions,
  kind: Kind,
  selection: { readonly labelSelector?: string; readonly fieldSelector?: string } = {},
): Store<T> =>
  new Store<T>({
    client: options.client,
    clock: options.clock,
    random: options.random,
    onError: options.onError,
    kind,
    // The API server has checked the object against the schema that T was made from.
    keep: (object) => withoutManagedFields(object as T),
    ...selection,
  });
