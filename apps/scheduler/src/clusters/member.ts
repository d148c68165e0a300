import {
  builtin,
  providerSelectors,
  SYSTEM_NAMESPACE,
  WasmCloudActor,
  WasmCloudHost,
  WasmCloudLink,
  WasmCloudProvider,
  type ActorObject,
  type ClusterObject,
  type ContainerProviderObject,
  type DistributionObject,
  type HostObject,
  type Kind,
  type KubeObject,
  type LinkObject,
  type ProviderObject,
  type WorkloadObject,
} from '@kasmcloud/kube-api';
import {
  checkMember,
  Store,
  withoutManagedFields,
  type Index,
  type KubeClient,
  type Lease,
  type MemberCheck,
  type MemberProblem,
} from '@kasmcloud/kube';
import type { Clock } from '@kasmcloud/reconcile';
import type { HostFacts, MemberFacts } from '../plan/facts.ts';
import { contactOf, ResponseTimes, type Contact } from './contact.ts';
import { distributionOfOwn, hostOfForeign, idOfAdoptable, latticeOfGuest } from './lookups.ts';
import { Pulses } from './pulses.ts';
import { workloadChange, type WorkloadChange } from './workload-change.ts';

/** `reach`: what can be decided for it; `contact`: only what is told of it. */
export type MemberChange = 'host' | WorkloadChange | 'container' | 'link' | 'reach' | 'contact';

export interface MemberOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly hostLostAfterMs: number;
  readonly clusterLostAfterMs: number;
  /** How long it has been silent already, as far as is known. */
  readonly silentMs?: number;
  /** Whether the silence of a host says nothing of it. */
  readonly isExcused: (host: HostObject) => boolean;
  readonly onError: (error: unknown) => void;
  /** Something that a plan or a writer may care about changed; `object` is what it is now, or was. */
  readonly onChange: (change: MemberChange, object?: KubeObject) => void;
}

/** Which objects of a kind a store is for. */
type StoreSelection = { readonly namespace?: string; readonly fieldSelector?: string };

/** How often a member is asked whether it is there, and how often the age of Leases is looked at. */
const PROBE_MS = 1_000;
/** A probe comes early when somebody is about to be Lost, but not earlier than this after the one before. */
const EARLIEST_PROBE_MS = 50;
const PROBE_DEADLINE_MS = 2_000;
/** When a member is back, its stores are made to look at once, and again while it comes up. */
const ANSWERS_THAT_HURRY = 3;
/** How often it is looked whether it can be a member: while something is wrong, and while all is well. */
const CHECK_MS = { wrong: 5_000, well: 600_000 } as const;

/** One member cluster as it is seen from here: its stores, and since when it answers or not. */
export class Member {
  readonly client: KubeClient;
  readonly hosts: Store<HostObject>;
  readonly actors: Store<ActorObject>;
  /** Those on hosts. */
  readonly providers: Store<ProviderObject>;
  /** Those in pods of their own. */
  readonly containers: Store<ContainerProviderObject>;
  readonly links: Store<LinkObject>;
  readonly #leases: Store<KubeObject & Lease>;
  /** What others than us run, by host. */
  readonly #foreignActors: Index<ActorObject>;
  readonly #foreignProviders: Index<ProviderObject>;
  /** What we run, by key of the Distribution. */
  readonly #ownActors: Index<ActorObject>;
  readonly #ownProviders: Index<ProviderObject>;
  readonly #ownContainers: Index<ContainerProviderObject>;
  /** What a lattice's own tools or people started on our hosts, by namespace. */
  readonly #guestActors: Index<ActorObject>;
  readonly #guestProviders: Index<ProviderObject>;
  /** What came over NATS, by `namespace/id`. */
  readonly #adoptableActors: Index<ActorObject>;
  readonly #adoptableProviders: Index<ProviderObject>;
  readonly #options: MemberOptions;
  readonly #pulses: Pulses;
  readonly #stop = new AbortController();
  readonly #probing: Promise<void>;
  readonly #joinedMs: number;
  #lastContactMs: number;
  /** Whether it was ever heard of from here. */
  #isHeard = false;
  #failures = 0;
  /** In a row. */
  #answers = 0;
  #contact: Contact = { kind: 'Silent', message: 'it was not asked yet' };
  readonly #responseTimes = new ResponseTimes();
  #check: MemberCheck | undefined;
  /** When to look again whether it can be a member, on the steady clock. */
  #checkAt = 0;
  #checking: Promise<void> = Promise.resolve();
  #isChecking = false;
  #reach: MemberFacts['reach'] = 'Unreachable';

  constructor(options: MemberOptions) {
    this.#options = options;
    this.client = options.client;
    this.#joinedMs = options.clock.steady();
    this.#lastContactMs = this.#joinedMs - (options.silentMs ?? 0);
    this.hosts = this.#store<HostObject>(WasmCloudHost);
    this.actors = this.#store<ActorObject>(WasmCloudActor);
    this.providers = this.#store<ProviderObject>(WasmCloudProvider, { fieldSelector: providerSelectors.onHosts });
    const inContainers = { fieldSelector: providerSelectors.inContainers };
    this.containers = this.#store<ContainerProviderObject>(WasmCloudProvider, inContainers);
    this.links = this.#store<LinkObject>(WasmCloudLink);
    this.#leases = this.#store<KubeObject & Lease>(builtin.Lease, { namespace: SYSTEM_NAMESPACE });
    this.#foreignActors = this.actors.index(hostOfForeign);
    this.#foreignProviders = this.providers.index(hostOfForeign);
    this.#ownActors = this.actors.index(distributionOfOwn);
    this.#ownProviders = this.providers.index(distributionOfOwn);
    this.#ownContainers = this.containers.index(distributionOfOwn);
    this.#guestActors = this.actors.index(latticeOfGuest);
    this.#guestProviders = this.providers.index(latticeOfGuest);
    this.#adoptableActors = this.actors.index(idOfAdoptable);
    this.#adoptableProviders = this.providers.index(idOfAdoptable);
    const { hosts } = this;
    this.#pulses = new Pulses({
      ...options,
      hosts,
      leases: this.#leases,
      onJudged: (names, areOthersHeld) => {
        if (areOthersHeld) options.onChange('reach');
        for (const name of names) options.onChange('host', hosts.get(name));
      },
    });
    this.hosts.onChange((_, before, after) => options.onChange('host', after ?? before));
    this.containers.onChange((_, before, after) => {
      options.onChange('container', after ?? before);
      options.onChange(workloadChange(before, after), after ?? before);
    });
    this.links.onChange((_, before, after) => options.onChange('link', after ?? before));
    for (const store of [this.actors, this.providers]) {
      store.onChange((_, before, after) => options.onChange(workloadChange(before, after), after ?? before));
    }
    this.#probing = this.#probe();
  }

  /** True once every kind was read in whole, and it is known which cluster this is: before that, absence means nothing. */
  get hasSynced(): boolean {
    return (
      this.#check !== undefined &&
      [this.hosts, this.actors, this.providers, this.containers, this.#leases].every((store) => store.hasSynced)
    );
  }

  get reach(): MemberFacts['reach'] {
    return this.#reach;
  }

  /** Whether it showed all that it has at least once, or was asked for so long in vain. */
  isKnown(patienceMs: number): boolean {
    return (this.#isHeard && this.hasSynced) || this.#options.clock.steady() - this.#joinedMs > patienceMs;
  }

  /** Milliseconds since the member last answered. */
  get silentMs(): number {
    return this.#options.clock.steady() - this.#lastContactMs;
  }

  /**
   * Whoever led before had not heard of it for so long: a new leader goes on from there. What was heard from here since
   * still counts, what was not heard from here does not.
   */
  silentBefore(ms: number): void {
    const then = this.#options.clock.steady() - ms;
    this.#lastContactMs = this.#isHeard ? Math.max(this.#lastContactMs, then) : then;
    if (this.#reach === 'Lost') this.#judgeSilence();
  }

  /** How its API server answered last. */
  get contact(): Contact {
    return this.#contact;
  }

  /** Version of the API server, once it told. */
  get version(): string | undefined {
    return this.#check?.version;
  }

  /** What tells this cluster from every other, once it is known. */
  get identity(): string | undefined {
    return this.#check?.identity;
  }

  /** Why it cannot be a member although it answers. */
  get problem(): MemberProblem | undefined {
    return this.#check?.problem;
  }

  /** What a plan depends on; of one host alone when it is named, and without any host if that is gone. */
  facts(cluster: ClusterObject, host?: string): MemberFacts {
    const hosts = host === undefined ? this.hosts.list() : [this.hosts.get(host)].filter((one) => one !== undefined);
    const foreign = <T>(index: Index<T>): readonly T[] =>
      (host === undefined ? [...index.values()] : [host]).flatMap((name) => index.get(name));
    return {
      cluster,
      // Who was not read in whole is not empty, and is lost all the same when it is silent for long.
      reach: this.#reach === 'Reachable' && !this.hasSynced ? 'Unreachable' : this.#reach,
      hosts: hosts.map((object) => this.#hostFacts(object)),
      actors: foreign(this.#foreignActors),
      providers: foreign(this.#foreignProviders),
      runsPods: true,
    };
  }

  /** What runs here of one Distribution, by its key. */
  workloadsOf(distribution: string): readonly WorkloadObject[] {
    return [
      ...this.#ownActors.get(distribution),
      ...this.#ownProviders.get(distribution),
      ...this.#ownContainers.get(distribution),
    ];
  }

  /** What others than us started here in a lattice: it needs the lattice's links and config as well. */
  guestsOf(namespace: string): readonly (ActorObject | ProviderObject)[] {
    return [...this.#guestActors.get(namespace), ...this.#guestProviders.get(namespace)];
  }

  /** Where `guestsOf` has something to tell. */
  latticesOfGuests(): ReadonlySet<string> {
    return new Set([...this.#guestActors.values(), ...this.#guestProviders.values()]);
  }

  /** What was started here over NATS of what a Distribution is to run. */
  adoptableFor({ metadata, spec }: DistributionObject): readonly (ActorObject | ProviderObject)[] {
    if (spec.actor !== undefined) return this.#adoptableActors.get(`${metadata.namespace}/${spec.actor.id}`);
    return this.#adoptableProviders.get(`${metadata.namespace}/${spec.provider?.id}`);
  }

  #hostFacts(object: HostObject): HostFacts {
    const { name } = object.metadata;
    const silentMs = this.silenceOf(name);
    return { object, liveness: this.livenessOf(name), ...(silentMs !== undefined && { silentMs }) };
  }

  livenessOf(host: string): HostFacts['liveness'] {
    return this.#pulses.livenessOf(host);
  }

  /** For how long a host has not renewed its Lease, milliseconds; undefined for one that is Ready or waited for. */
  silenceOf(host: string): number | undefined {
    return this.#pulses.silenceOf(host);
  }

  /** Hosts that vanished together, so many that they are not replaced. */
  get heldHosts(): number {
    return this.#pulses.held.size;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#stores.map((store) => store.close()));
    await this.#probing;
  }

  get #stores(): Pick<Store<unknown>, 'hurry' | 'close'>[] {
    return [this.hosts, this.actors, this.providers, this.containers, this.links, this.#leases];
  }

  #store<T extends KubeObject>(kind: Kind, selection: StoreSelection = {}): Store<T> {
    const { client, clock, random, onError } = this.#options;
    return new Store<T>({
      client,
      kind,
      clock,
      random,
      onError,
      keep: (object) => withoutManagedFields(object as T),
      ...selection,
    });
  }

  async #probe(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    for (let askedAt = clock.steady(); !signal.aborted; await clock.sleep(this.#restMs, signal)) {
      const now = clock.steady();
      this.#overslept(now - askedAt - PROBE_MS - PROBE_DEADLINE_MS);
      askedAt = now;
      const contact = await this.#ask();
      if (signal.aborted) break;
      const before = this.#contact;
      this.#contact = contact;
      if (contact.kind === 'Silent' || contact.kind === 'CredentialsRefused') this.#failed();
      else this.#reached();
      if (before.kind !== contact.kind) this.#options.onChange('contact');
      if (this.#reach === 'Reachable') this.#checkWhenDue();
      // Who does not answer now cannot tell of its hosts either, long before it counts as out of reach.
      if (this.#failures === 0 && this.hasSynced && this.#leases.reachable) this.#pulses.judgeAll();
    }
    await this.#checking;
  }

  /** Until the next probe: hosts are judged only right after one that was answered, the member after one that was not. */
  get #restMs(): number {
    const { clusterLostAfterMs } = this.#options;
    const lossMs = this.#failures === 0 ? this.#pulses.nextLossMs : clusterLostAfterMs - this.silentMs;
    if (lossMs === undefined || lossMs <= 0) return PROBE_MS;
    return Math.max(EARLIEST_PROBE_MS, Math.min(PROBE_MS, Math.ceil(lossMs) + 1));
  }

  /** This process stood still for so long: nobody else is to blame for that time. */
  #overslept(ms: number): void {
    if (ms <= 0) return;
    this.#lastContactMs += ms;
    this.#pulses.restart();
  }

  async #ask(): Promise<Contact> {
    const { clock } = this.#options;
    const since = clock.steady();
    const options = { signal: this.#stop.signal, timeoutMs: PROBE_DEADLINE_MS };
    try {
      await this.client.raw('GET', '/version', undefined, options);
      this.#responseTimes.answered(clock.steady() - since);
      return this.#responseTimes.judge({ kind: 'Answering' });
    } catch (error) {
      return contactOf(error);
    }
  }

  /** Beside the probes: what is asked here may take long. */
  #checkWhenDue(): void {
    const { clock, onChange, onError } = this.#options;
    if (this.#isChecking || clock.steady() < this.#checkAt) return;
    this.#isChecking = true;
    const looked = async (): Promise<void> => {
      const before = this.#check;
      try {
        this.#check = await checkMember(this.client, this.#stop.signal);
        this.#checkAt = clock.steady() + (this.#check.problem === undefined ? CHECK_MS.well : CHECK_MS.wrong);
      } catch (error) {
        if (!this.#stop.signal.aborted) onError(error);
      }
      this.#isChecking = false;
      const isSame =
        before?.identity === this.#check?.identity && before?.problem?.message === this.#check?.problem?.message;
      if (this.#check !== undefined && (before === undefined || !isSame)) onChange('reach');
    };
    this.#checking = looked();
  }

  #reached(): void {
    const { clock, onChange } = this.#options;
    const now = clock.steady();
    // Hosts could not be seen while their API server was away: that time is not held against them.
    if (this.#reach !== 'Reachable' || this.#failures > 0) this.#pulses.restart();
    this.#lastContactMs = now;
    this.#isHeard = true;
    this.#failures = 0;
    this.#answers += 1;
    // A store that began to try just before would wait for long.
    if (this.#answers <= ANSWERS_THAT_HURRY) for (const store of this.#stores) store.hurry();
    if (this.#reach === 'Reachable') return;
    // It may have been another one's address meanwhile, or have got other definitions.
    this.#checkAt = now;
    this.#reach = 'Reachable';
    onChange('reach');
  }

  #failed(): void {
    this.#failures += 1;
    this.#answers = 0;
    // One lost answer is everyday.
    if (this.#failures >= 2) this.#judgeSilence();
  }

  #judgeSilence(): void {
    // A server that refuses our credentials is there, and so is what runs on its hosts.
    const isSilent = this.#contact.kind === 'Silent' && this.silentMs > this.#options.clusterLostAfterMs;
    const reach = isSilent ? 'Lost' : 'Unreachable';
    if (reach === this.#reach) return;
    this.#reach = reach;
    this.#options.onChange('reach');
  }
}
