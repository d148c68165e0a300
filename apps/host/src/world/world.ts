import { isDeepStrictEqual } from 'node:util';
import {
  linkSecrets,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudProvider,
  type ActorObject,
  type HostObject,
  type Kind,
  type KubeObject,
  type ProviderObject,
} from '@kasmcloud/kube-api';
import { ForbiddenError, KubeError, Store, withoutManagedFields, type KubeClient } from '@kasmcloud/kube';
import type { Logger } from '@kasmcloud/observe';
import type { Clock } from '@kasmcloud/reconcile';
import type { KeptNamespace, KeptState } from './kept-state.ts';
import { LatticeObjects } from './lattice-objects.ts';
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
  readonly actors: LatticeObjects<ActorObject>;
  readonly providers: LatticeObjects<ProviderObject>;
  /** The host's own object. */
  readonly hosts: Store<HostObject>;
  readonly views: NamespaceViews;
  readonly secrets: Secrets;
  readonly #options: WorldOptions;
  readonly #keeper: StateKeeper;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { client, clock, random, log, hostName, file, onNamespace } = options;
    const onError = (error: unknown): void => {
      if (error instanceof ForbiddenError) log.warn({ err: error }, 'watch refused: a RoleBinding is missing');
      else log.debug({ err: error }, 'watch interrupted');
    };
    const shared = { client, clock, random, onError };
    const mine = { fieldSelector: `spec.hostName=${hostName}` };
    const ofLattices = <T extends KubeObject>(kind: Kind): LatticeObjects<T> =>
      new LatticeObjects<T>((namespace, refused) => {
        const told = (error: unknown): void => {
          onError(error);
          if (error instanceof KubeError) refused();
        };
        return new Store<T>({
          ...shared,
          ...mine,
          kind,
          namespace,
          keep: (one) => withoutManagedFields(one as T),
          onError: told,
        });
      });
    this.actors = ofLattices<ActorObject>(WasmCloudActor);
    this.providers = ofLattices<ProviderObject>(WasmCloudProvider);
    this.hosts = new Store<HostObject>({
      ...shared,
      kind: WasmCloudHost,
      keep: (one) => withoutManagedFields(one as HostObject),
      fieldSelector: `metadata.name=${hostName}`,
    });
    this.hosts.onChange((_, before, after) => {
      const lattices = after?.spec.lattices;
      // Someone who takes the object away does not take what runs: this host registers again.
      if (lattices !== undefined && !isDeepStrictEqual(lattices, before?.spec.lattices)) this.#serve(lattices);
    });
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
    this.actors.onChange(touch);
    this.providers.onChange(touch);
    this.hosts.onChange(touch);
  }

  /** The host's own object, as far as it is known. */
  get host(): HostObject | undefined {
    return this.hosts.list()[0];
  }

  /** Whether the API server answers, so that it can be told something. */
  get reachable(): boolean {
    return this.hosts.reachable;
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
    await Promise.all([this.actors.close(), this.providers.close(), this.hosts.close()]);
  }

  /**
   * Resolves when the API server has told all that it tells, the host's own object among it. Rejects when this is closed
   * before.
   */
  async #told(): Promise<Source> {
    await this.hosts.synced;
    await Promise.all([this.actors.answered(), this.providers.answered()]);
    return 'apiserver';
  }

  #serve(lattices: readonly string[]): void {
    for (const objects of [this.actors, this.providers]) {
      objects.serve(lattices).catch((error: unknown) => this.#options.log.error({ err: error }, 'lattice not left'));
    }
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
      const ofLinks = kept?.links.flatMap((link) => linkSecrets(link, spec.id).map(({ name }) => name)) ?? [];
      for (const name of [...(spec.secrets ?? []), ...ofLinks]) secrets.add(`${namespace}/${name}`);
    }
    return { host, actors, providers, namespaces, secrets: this.secrets.keep(secrets) };
  }
}
