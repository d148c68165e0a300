import {
  connectLattice,
  invoke,
  publicXKey,
  serve,
  type LatticeConnection,
  type LatticeMessage,
  type LatticeSubscription,
  type ServedFunction,
} from '@kasmcloud/lattice';
import {
  decodeProviderConfig,
  decodeProviderLink,
  decodeShutdown,
  encodeJson,
  providerSubject,
  wrpcHeader,
  type HostData,
  type ProviderHealth,
} from '@kasmcloud/wire';
import type { FuncType } from '@kasmcloud/wrpc';
import { readHostData } from './host-data.ts';
import {
  WitError,
  type Call,
  type Client,
  type ServedInterface,
  type WitFunction,
  type WitInterface,
} from './interface.ts';
import { Links, toSecrets, type Link, type LinkHandlers, type Secrets } from './links.ts';

export type Config = Readonly<Record<string, string>>;

export interface Health {
  readonly healthy: boolean;
  /** For people who ask why. */
  readonly message?: string;
}

export interface ProviderOptions extends LinkHandlers {
  /** What this provider serves to those who are linked to it; see `serves`. */
  readonly serves?: readonly ServedInterface[];
  /** Called with the whole config after it has changed. */
  readonly configChanged?: (config: Config) => void | Promise<void>;
  /** How the provider does. Default: well. What it throws is the message of an unhealthy one. */
  readonly health?: () => Health | Promise<Health>;
  /** Called when the provider is to stop, after the last call has ended. */
  readonly stopping?: () => void | Promise<void>;
  /** Faults that no caller can be told. Default: written to standard error. */
  readonly onError?: (error: unknown) => void;
  /** Whether the process ends with the provider. Default: true. */
  readonly exit?: boolean;
}

export interface CallOptions {
  /** In milliseconds. Default: what the host says. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Headers over those of the provider, such as `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The provider has no link by which it may call an interface, or none to that peer. */
export class NotLinkedError extends Error {
  override readonly name = 'NotLinkedError';
}

const DEFAULT_CALL_MS = 10_000;
/** How long host data may take to come. */
const START_MS = 10_000;
/** How long calls under way may take after the provider was asked to stop. */
const DRAIN_MS = 3_000;

/**
 * Makes this program a provider: reads what the host tells it, connects to the lattice, takes the links on, and serves.
 * Resolves when all of that is done; the provider then runs until its host stops it.
 *
 * @throws NotStartedByHostError, WireError, NotConnectedError
 */
export async function startProvider(options: ProviderOptions = {}): Promise<Provider> {
  const data = await readHostData(process.env, process.stdin, START_MS);
  const { lattice_rpc_user_jwt: jwt, lattice_rpc_user_seed: seed } = data;
  const connection = await connectLattice({
    servers: data.lattice_rpc_url,
    name: `provider ${data.lattice_rpc_prefix}/${data.provider_key}`,
    timeoutMs: START_MS,
    ...(jwt !== '' && { credentials: { kind: 'jwt', jwt, seed } }),
  });
  const provider = new Provider(data, connection, options);
  await provider.open();
  return provider;
}

/** This program, as a provider in a lattice. */
export class Provider {
  readonly id: string;
  readonly lattice: string;
  readonly hostId: string;
  readonly secrets: Secrets;
  /** Resolves when the provider has stopped. */
  readonly stopped: Promise<void>;
  readonly #data: HostData;
  readonly #connection: LatticeConnection;
  readonly #options: ProviderOptions;
  readonly #links: Links;
  readonly #over = Promise.withResolvers<void>();
  #config: Config;
  #subscriptions: LatticeSubscription[] = [];
  #served: ServedFunction[] = [];
  #stopping: Promise<void> | undefined;

  /** @internal Use `startProvider`. */
  constructor(data: HostData, connection: LatticeConnection, options: ProviderOptions) {
    this.id = data.provider_key;
    this.lattice = data.lattice_rpc_prefix;
    this.hostId = data.host_id;
    this.secrets = toSecrets(data.secrets);
    this.stopped = this.#over.promise;
    this.#data = data;
    this.#config = data.config;
    this.#connection = connection;
    this.#options = options;
    const { host_xkey_public_key: host, provider_xkey_private_key: seed } = data;
    const opening = host === '' || seed === '' ? undefined : { host, provider: { seed } };
    this.#links = new Links(this.id, opening, options, (error) => this.#report(error));
  }

  get config(): Config {
    return this.#config;
  }

  get links(): readonly Link[] {
    return this.#links.all;
  }

  /**
   * An interface of whoever this provider is linked to as its source. `peer` is needed where there are several.
   * A function rejects with `WitError` for the error case of its result, and with what the transport throws.
   */
  client<T>(definition: WitInterface<T>, peer?: string, options: CallOptions = {}): Client<T> {
    const functions = Object.entries<WitFunction>(definition.functions).map(([key, { name, type }]) => [
      key,
      (...args: unknown[]) => this.#call(definition.name, name, type, args, peer, options),
    ]);
    // Built from the definition's own keys, so it has what the definition's type says.
    return Object.fromEntries(functions) as Client<T>;
  }

  /** @internal Takes on the links and begins to serve. */
  async open(): Promise<void> {
    this.#listen();
    await Promise.all(this.#data.link_definitions.map((link) => this.#links.add(link)));
    for (const served of this.#options.serves ?? []) {
      for (const { name, type, run } of served.functions) this.#serve(served.name, name, type, run);
    }
    await this.#connection.flush({ timeoutMs: START_MS });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void this.stop());
  }

  /** Ends the provider: no new calls; those under way may end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const served of this.#served) served.close();
    const deadline = performance.now() + DRAIN_MS;
    while (this.#served.some(({ calls }) => calls > 0) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.#attempt(async () => this.#options.stopping?.());
    for (const subscription of this.#subscriptions) subscription.close();
    await this.#attempt(() => this.#connection.close());
    this.#over.resolve();
    if (this.#options.exit !== false) process.exit();
  }

  #listen(): void {
    const { provider_xkey_private_key: seed } = this.#data;
    const own = seed === '' ? undefined : publicXKey(seed);
    const receivers = own === undefined ? [this.id] : [this.id, own];
    const on = (subject: string, handle: (message: LatticeMessage) => Promise<void>): void => {
      const subscription = this.#connection.subscribe(subject, (message) => void this.#attempt(() => handle(message)));
      this.#subscriptions.push(subscription);
    };
    on(providerSubject.linkPut(this.lattice, own ?? this.id), ({ data }) => this.#links.add(decodeProviderLink(data)));
    on(providerSubject.linkDelete(this.lattice, this.id), ({ data }) => this.#links.remove(decodeProviderLink(data)));
    on(providerSubject.config(this.lattice, this.id), ({ data }) => this.#takeConfig(decodeProviderConfig(data)));
    on(providerSubject.shutdown(this.lattice, this.id), (message) => this.#shutdown(message));
    for (const receiver of receivers) {
      on(providerSubject.health(this.lattice, receiver), async ({ reply }) => {
        const health = await this.#health();
        if (reply !== undefined) this.#connection.publish(reply, encodeJson(health));
      });
    }
  }

  async #takeConfig(config: Config): Promise<void> {
    this.#config = config;
    await this.#options.configChanged?.(config);
  }

  /** Hosts share the subject: one that is not ours asks its own. */
  async #shutdown({ data, reply }: LatticeMessage): Promise<void> {
    if (decodeShutdown(data).host_id !== this.hostId) return;
    if (reply !== undefined) this.#connection.publish(reply, new TextEncoder().encode('shutting down'));
    await this.stop();
  }

  async #health(): Promise<ProviderHealth> {
    try {
      return (await this.#options.health?.()) ?? { healthy: true };
    } catch (error) {
      return { healthy: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  #serve(instance: string, func: string, type: FuncType, run: (args: readonly unknown[], call: Call) => unknown): void {
    const address = { lattice: this.lattice, target: this.id, instance, func };
    const handler = async (args: readonly unknown[], context: ServeContext): Promise<unknown> => {
      const { sourceId = '', linkName, signal } = context;
      const link = await this.#links.calledBy(sourceId, linkName, instance, signal);
      if (link === undefined) throw new NotLinkedError(`${sourceId} calls ${instance} without a link "${linkName}"`);
      const call: Call = { source: sourceId, link, signal, header: (name) => context.header(name) };
      return asResult(type, () => run(args, call));
    };
    this.#served.push(serve(this.#connection, address, type, handler, { onError: (error) => this.#report(error) }));
  }

  async #call(
    instance: string,
    func: string,
    type: FuncType,
    args: readonly unknown[],
    peer: string | undefined,
    { timeoutMs, signal, headers }: CallOptions,
  ): Promise<unknown> {
    const links = this.#links.callsOf(instance).filter((link) => peer === undefined || link.peer === peer);
    const [link] = links;
    if (link === undefined || new Set(links.map((one) => one.peer)).size > 1) {
      const what = link === undefined ? 'no link' : 'links to several';
      throw new NotLinkedError(`${this.id} has ${what} for ${instance}${peer === undefined ? '' : ` to ${peer}`}`);
    }
    const address = { lattice: this.lattice, target: link.peer, instance, func };
    const own = { [wrpcHeader.sourceId]: this.id, [wrpcHeader.targetId]: link.peer, [wrpcHeader.linkName]: link.name };
    const result = await invoke(this.#connection, address, type, args, {
      timeoutMs: timeoutMs ?? this.#data.default_rpc_timeout_ms ?? DEFAULT_CALL_MS,
      headers: { ...headers, ...own },
      signal,
    });
    return fromResult(type, result);
  }

  /** Runs what must not end the provider when it fails. */
  async #attempt(step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (this.#options.onError !== undefined) this.#options.onError(error);
    else process.stderr.write(`${text}\n`);
  }
}

type ServeContext = Parameters<Parameters<typeof serve>[3]>[1];

/** What was returned or thrown, as the wire has it. */
async function asResult(type: FuncType, run: () => unknown): Promise<unknown> {
  if (type.result?.kind !== 'result') return run();
  try {
    return { tag: 'ok', val: await run() };
  } catch (error) {
    if (error instanceof WitError) return { tag: 'err', val: error.payload };
    throw error;
  }
}

function fromResult(type: FuncType, value: unknown): unknown {
  if (type.result?.kind !== 'result') return value;
  const { tag, val } = value as { readonly tag: 'ok' | 'err'; readonly val?: unknown };
  if (tag === 'err') throw new WitError(val);
  return val;
}
