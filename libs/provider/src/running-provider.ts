import { AsyncLocalStorage } from 'node:async_hooks';
import {
  callSpan,
  invoke,
  publicXKey,
  serve,
  serverSpan,
  type LatticeConnection,
  type LatticeMessage,
  type LatticeSubscription,
  type ServedFunction,
} from '@kasmcloud/lattice';
import type { Tracing } from '@kasmcloud/observe';
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
import { traceContextIn, traceHeaders, type FuncType, type TraceContext } from '@kasmcloud/wrpc';
import type { CallOptions, Config, Provider, ProviderOptions } from './api.ts';
import { NotLinkedError, WitError } from './error.ts';
import type { Call, Client, WitFunction, WitInterface } from './interface.ts';
import type { Link, Secrets } from './link.ts';
import { Links, toSecrets } from './links.ts';

const DEFAULT_CALL_MS = 10_000;
/** How long the server may take to know what is served. */
const FLUSH_MS = 10_000;
/** How long calls under way may take after the provider was asked to stop. */
const DRAIN_MS = 3_000;
/** How long its last traces may take to leave. */
const TRACES_MS = 2_000;

/** A provider that is connected to its lattice. */
export class RunningProvider implements Provider {
  readonly id: string;
  readonly lattice: string;
  readonly hostId: string;
  readonly secrets: Secrets;
  readonly stopped: Promise<void>;
  readonly #data: HostData;
  readonly #connection: LatticeConnection;
  readonly #tracing: Tracing;
  readonly #options: ProviderOptions;
  /** Of the call that is being answered. */
  readonly #current = new AsyncLocalStorage<TraceContext | undefined>();
  readonly #links: Links;
  readonly #over = Promise.withResolvers<void>();
  #config: Config;
  #subscriptions: LatticeSubscription[] = [];
  #served: ServedFunction[] = [];
  #stopping: Promise<void> | undefined;

  constructor(data: HostData, connection: LatticeConnection, tracing: Tracing, options: ProviderOptions) {
    this.id = data.provider_key;
    this.lattice = data.lattice_rpc_prefix;
    this.hostId = data.host_id;
    this.secrets = toSecrets(data.secrets);
    this.stopped = this.#over.promise;
    this.#data = data;
    this.#config = data.config;
    this.#connection = connection;
    this.#tracing = tracing;
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

  client<T>(definition: WitInterface<T>, peer?: string, options: CallOptions = {}): Client<T> {
    const functions = Object.entries<WitFunction>(definition.functions).map(([key, { name, type }]) => [
      key,
      (...args: unknown[]) => this.#call(definition.name, name, type, args, peer, options),
    ]);
    // Built from the definition's own keys, so it has what the definition's type says.
    return Object.fromEntries(functions) as Client<T>;
  }

  /**
   * Takes on the links, then serves. Nothing is awaited after the functions of this program could be called, so that
   * whoever awaits `startProvider` has the provider before the first call.
   */
  async open(): Promise<void> {
    const { provider_xkey_private_key: seed, link_definitions: links } = this.#data;
    const own = seed === '' ? undefined : publicXKey(seed);
    this.#listen(providerSubject.linkPut(this.lattice, own ?? this.id), ({ data }) =>
      this.#links.add(decodeProviderLink(data)),
    );
    this.#listen(providerSubject.linkDelete(this.lattice, this.id), ({ data }) =>
      this.#links.remove(decodeProviderLink(data)),
    );
    await Promise.all(links.map((link) => this.#links.add(link)));
    await this.#connection.flush({ timeoutMs: FLUSH_MS });
    for (const served of this.#options.serves ?? []) {
      for (const { name, type, run } of served.functions) this.#serve(served.name, name, type, run);
    }
    this.#listen(providerSubject.config(this.lattice, this.id), ({ data }) =>
      this.#takeConfig(decodeProviderConfig(data)),
    );
    this.#listen(providerSubject.shutdown(this.lattice, this.id), (message) => this.#shutdown(message));
    // Whoever gets an answer knows that all the rest is listened to.
    for (const receiver of own === undefined ? [this.id] : [this.id, own]) {
      this.#listen(providerSubject.health(this.lattice, receiver), ({ reply }) => this.#tellHealth(reply));
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void this.stop());
  }

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
    await this.#tracing.close(TRACES_MS);
    this.#over.resolve();
    if (this.#options.exit !== false) process.exit();
  }

  #listen(subject: string, handle: (message: LatticeMessage) => Promise<void>): void {
    const subscription = this.#connection.subscribe(
      subject,
      (message) => void this.#attempt(async () => handle(message)),
    );
    this.#subscriptions.push(subscription);
  }

  async #tellHealth(reply: string | undefined): Promise<void> {
    const health = await this.#health();
    if (reply !== undefined) this.#connection.publish(reply, encodeJson(health));
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
      const header = (name: string): string | undefined => context.header(name);
      return asResult(type, () =>
        this.#tracing.tracer.run(serverSpan(address, context), async (trace) => {
          const call: Call = { source: sourceId, link, signal, trace, header };
          return this.#current.run(trace, () => run(args, call));
        }),
      );
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
    const parent = traceContextIn((name) => headers?.[name]) ?? this.#current.getStore();
    const start = callSpan('client', { ...address, source: this.id, linkName: link.name }, parent);
    return this.#tracing.tracer.run(start, async (trace) => {
      const result = await invoke(this.#connection, address, type, args, {
        timeoutMs: timeoutMs ?? this.#data.default_rpc_timeout_ms ?? DEFAULT_CALL_MS,
        headers: { ...headers, ...traceHeaders(trace), ...own },
        signal,
      });
      return fromResult(type, result);
    });
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
