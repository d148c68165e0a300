import {
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type Kind,
  type KubeObject,
  type LinkObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { Store, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import type { Logger } from '@kasmcloud/observe';
import type { Clock } from '@kasmcloud/reconcile';
import type { KeptNamespace, KeptState } from './kept-state.ts';
import { NamespaceViews } from './namespace-view.ts';
import type { SealedFile } from './sealed-file.ts';
import { Secrets } from './secrets.ts';
import { StateKeeper } from './state-keeper.ts';

export interface WorldOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly hostName: string;
  /** Where the last state of it is kept. */
  readonly file: SealedFile;
  /** Links or config of a namespace changed. */
  readonly onNamespace: (namespace: string) => void;
}

/** Who said what this host is to run. */
export type Source = 'apiserver' | 'disk';

/** All that this host knows of its cluster: what names it, and the namespaces in which that is. */
export class World {
  readonly actors: Store<ActorObject>;
  readonly providers: Store<ProviderObject>;
  /** The host's own object. */
  readonly hosts: Store<HostObject>;
  readonly views: NamespaceViews;
  readonly secrets: Secrets;
  readonly #options: WorldOptions;
  readonly #keeper: StateKeeper;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { client, clock, random, log, hostName, file, onNamespace } = options;
    const onError = (error: unknown): void => log.debug({ err: error }, 'watch interrupted');
    const store = <T extends KubeObject>(kind: Kind, fieldSelector: string): Store<T> => {
      const keep = (object: KubeObject): T => withoutManagedFields(object as T);
      return new Store<T>({ client, kind, clock, random, keep, onError, fieldSelector });
    };
    this.actors = store<ActorObject>(WasmCloudActor, `spec.hostName=${hostName}`);
    this.providers = store<ProviderObject>(WasmCloudProvider, `spec.hostName=${hostName}`);
    this.hosts = store<HostObject>(WasmCloudHost, `metadata.name=${hostName}`);
    this.#keeper = new StateKeeper({ file, clock, log, state: () => this.#state() });
    const touch = (): void => this.#keeper.touch();
    this.views = new NamespaceViews({
      client,
      clock,
      random,
      onError,
      onChange: (namespace) => {
        touch();
        onNamespace(namespace);
      },
    });
    this.secrets = new Secrets({ client, reachable: () => this.reachable, onChange: touch });
    for (const kept of [this.actors, this.providers, this.hosts]) kept.onChange(touch);
  }

  /** The host's own object, as far as it is known. */
  get host(): HostObject | undefined {
    return this.hosts.list()[0];
  }

  /** Whether the API server answers, so that it can be told something. */
  get reachable(): boolean {
    return this.actors.reachable;
  }

  /**
   * Resolves when it is known what this host is to run: the API server says so or, when it has not within `patienceMs`,
   * the disk does. What is on the disk is not kept anew before.
   */
  async known(patienceMs: number, signal: AbortSignal): Promise<Source> {
    const { clock, log } = this.#options;
    const told = this.#told();
    told.catch(() => undefined);
    const source = await Promise.race([told, clock.sleep(patienceMs, signal)]);
    const kept = source === undefined ? await this.#keeper.read() : undefined;
    if (kept !== undefined) {
      this.views.seed(kept.namespaces);
      this.secrets.seed(kept.secrets);
      this.hosts.seed([kept.host]);
      this.actors.seed(kept.actors);
      this.providers.seed(kept.providers);
      log.warn({ actors: kept.actors.length, providers: kept.providers.length }, 'API server away, started from disk');
    }
    const known = kept === undefined ? await told : 'disk';
    this.#keeper.start();
    this.#keeper.touch();
    return known;
  }

  async close(): Promise<void> {
    await this.#keeper.close();
    await this.views.close();
    await Promise.all([this.actors, this.providers, this.hosts].map((store) => store.close()));
  }

  /** Resolves when the API server has told all, the host's own object among it. Rejects when this is closed before. */
  async #told(): Promise<Source> {
    const registered = Promise.withResolvers<void>();
    const stop = this.hosts.onChange(() => registered.resolve());
    await Promise.all([this.actors.synced, this.providers.synced, this.hosts.synced, registered.promise]);
    stop();
    return 'apiserver';
  }

  #state(): KeptState | undefined {
    const { host } = this;
    if (host === undefined) return undefined;
    const [actors, providers] = [this.actors.list(), this.providers.list()];
    const namespaces: Record<string, KeptNamespace> = {};
    const secrets = new Set<string>();
    for (const { metadata, spec } of [...actors, ...providers]) {
      const { namespace = '' } = metadata;
      const kept = this.views.kept(namespace);
      if (kept !== undefined) namespaces[namespace] = kept;
      const ofLinks = kept?.links.flatMap((link) => secretsOf(link, spec.id)) ?? [];
      for (const name of [...(spec.secrets ?? []), ...ofLinks]) secrets.add(`${namespace}/${name}`);
    }
    return { host, actors, providers, namespaces, secrets: this.secrets.keep(secrets) };
  }
}

/** The Secrets that a link gives to one of its ends. */
const secretsOf = ({ spec }: LinkObject, id: string): readonly string[] => [
  ...(spec.source === id ? (spec.sourceSecrets ?? []) : []),
  ...(spec.target === id ? (spec.targetSecrets ?? []) : []),
];
