import {
  builtin,
  labels,
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
import type { MemberView } from '../speak/inventory.ts';

export interface MemberOptions {
  readonly name: string;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: (error: unknown) => void;
  /** A host, or something on one, or a lattice, is not what it was. */
  readonly onChange: () => void;
}

/** Finds what runs on one host in one lattice. */
const placeOf = ({ metadata, spec }: ActorObject | ProviderObject): string[] => [
  `${metadata.namespace ?? ''}/${spec.hostName}`,
];

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

  constructor(options: MemberOptions) {
    this.name = options.name;
    this.client = options.client;
    this.hosts = openStore(options, WasmCloudHost);
    this.#actors = openStore(options, WasmCloudActor);
    this.#providers = openStore(options, WasmCloudProvider);
    this.#namespaces = openStore(options, builtin.Namespace, labels.lattice);
    this.#actorsByPlace = this.#actors.index(placeOf);
    this.#providersByPlace = this.#providers.index(placeOf);
    for (const store of this.#stores) store.onChange(() => options.onChange());
  }

  /** Resolves when everything was read once. */
  async synced(): Promise<void> {
    await Promise.all(this.#stores.map(async (store) => store.synced));
  }

  get lattices(): string[] {
    return [...this.#namespaces.keys()];
  }

  get hostObjects(): readonly HostObject[] {
    return this.hosts.list();
  }

  actorsOn(lattice: string, hostName: string): readonly ActorObject[] {
    return this.#actorsByPlace.get(`${lattice}/${hostName}`);
  }

  providersOn(lattice: string, hostName: string): readonly ProviderObject[] {
    return this.#providersByPlace.get(`${lattice}/${hostName}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map(async (store) => store.close()));
  }

  get #stores(): readonly Store<KubeObject>[] {
    return [this.hosts, this.#actors, this.#providers, this.#namespaces];
  }
}

const openStore = <T extends KubeObject>(options: MemberOptions, kind: Kind, labelSelector?: string): Store<T> =>
  new Store<T>({
    client: options.client,
    clock: options.clock,
    random: options.random,
    onError: options.onError,
    kind,
    // The API server has checked the object against the schema that T was made from.
    keep: (object) => withoutManagedFields(object as T),
    ...(labelSelector !== undefined && { labelSelector }),
  });
