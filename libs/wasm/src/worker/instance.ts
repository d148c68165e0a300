import { performance } from 'node:perf_hooks';
import { camelCase } from '@kasmcloud/wrpc';
import { WitError } from '../error.ts';
import type { CallJob, FromWorker, Outcome, SendRequest, ToWorker } from '../runtime/protocol.ts';
import { noteCall, type Ending } from '../runtime/tally.ts';
import type { BodySender } from './body.ts';
import { Exchange } from './exchange.ts';
import { Gate } from './gate.ts';
import type { Guest, GuestLogLevel } from './guest.ts';
import type { Interface } from './interface.ts';
import { linkedInterfaces } from './linked.ts';
import { localInterfaces } from './local.ts';
import type { LoadedModule } from './module.ts';
import { Sending } from './sending.ts';
import type { IncomingRequest } from './wasi/http-incoming.ts';
import type { ResponseOutparam } from './wasi/http-outgoing.ts';

/** How many lines one call may log; a guest in a loop must not fill the host's memory with its words. */
const maxLogLines = 1000;
const maxLogLength = 8192;

const severity: Readonly<Record<GuestLogLevel, number>> = {
  trace: 0,
  debug: 1,
  info: 2,
  warn: 3,
  error: 4,
  critical: 5,
};

/** How many requests one call may send. */
const maxSendings = 1000;

/** One HTTP request and its answer, as the instance sees them. */
export interface HttpExchange {
  readonly request: IncomingRequest;
  readonly out: ResponseOutparam;
  /** Whether the guest answered. @throws WitError with the error-code, when it answered with one. */
  readonly answered: boolean;
  receive(message: ToWorker): void;
  /** The guest returned: what it did not finish by now it never will. */
  end(): void;
}

/** A letter was read by then. */
export type OpenJob = Exclude<CallJob, { readonly kind: 'letter' }>;

/** What an instance needs of its worker. */
export interface WorkerPort {
  post(message: FromWorker): void;
  /** Asked before guests of a component run, and run on: see `Turn`. */
  enter(component: number): Promise<void> | undefined;
  /** Asks whoever serves an import of a component, on behalf of a call; see `Guest.invoke`. */
  invoke(component: number, call: number, instance: string, func: string, args: readonly unknown[]): Promise<unknown>;
}

/** One instance of a component: runs one call at a time. */
export class Instance implements Guest {
  readonly gate = new Gate();
  readonly #port: WorkerPort;
  readonly #module: LoadedModule;
  #exports: Readonly<Record<string, unknown>> = {};
  #call: number | undefined;
  #startedAt = 0;
  #lines = 0;
  #exchange: HttpExchange | undefined;
  /** By which it took the last request. */
  #handler: { readonly instance: string; readonly handle: Export } | undefined;
  readonly #memories = new Set<WebAssembly.Memory>();
  #memoryBytes = 0;
  /** The requests that the running call sends, by exchange. */
  readonly #sendings = new Map<number, Sending>();

  /** Instantiates the component; rejects when its start function traps. */
  static async create(module: LoadedModule, port: WorkerPort): Promise<Instance> {
    const instance = new Instance(module, port);
    await port.enter(module.component);
    instance.#exports = await module.instantiate(
      instance.#imports(),
      () => port.enter(module.component),
      (core) => instance.#findMemories(core),
    );
    instance.#measure();
    return instance;
  }

  private constructor(module: LoadedModule, port: WorkerPort) {
    this.#module = module;
    this.#port = port;
  }

  /** Whether the instance may take another call afterwards: it may after a value or the error case of a result. */
  run(call: number, job: OpenJob): Promise<Outcome> {
    if (job.kind === 'function') return this.#run(call, () => this.#invoke(job));
    return this.answer(call, job.instance, new Exchange(call, job, (message) => this.#port.post(message)));
  }

  /** Has the guest answer a request. As `run`. */
  answer(call: number, instance: string, exchange: HttpExchange): Promise<Outcome> {
    this.#exchange = exchange;
    return this.#run(call, async () => {
      if (this.#handler?.instance !== instance) this.#handler = { instance, handle: this.#export(instance, 'handle') };
      await this.#handler.handle(exchange.request, exchange.out);
      if (!exchange.answered) throw new Error('the component returned without an answer');
    });
  }

  async #run(call: number, act: () => unknown): Promise<Outcome> {
    this.#call = call;
    this.#lines = 0;
    this.#startedAt = performance.now();
    let ending: Ending = 'value';
    try {
      return { kind: 'value', value: await act() };
    } catch (error) {
      const outcome = outcomeOf(error);
      ending = outcome.kind;
      return outcome;
    } finally {
      if (this.#call !== undefined) this.#note(ending);
      this.#call = undefined;
      this.#exchange?.end();
      this.#exchange = undefined;
      if (this.#sendings.size > 0) this.#endSendings();
      this.#measure();
    }
  }

  #endSendings(): void {
    for (const sending of this.#sendings.values()) sending.end();
    this.#sendings.clear();
  }

  /** Ends every wait of the guest for ever. */
  abandon(): void {
    if (this.#call !== undefined) this.#note('abandoned');
    this.gate.close();
    this.#call = undefined;
    this.#memories.clear();
    this.#measure();
  }

  /** Those that nothing outside sees are not found; there are none in what compilers make. */
  #findMemories({ exports }: WebAssembly.Instance): void {
    for (const item of Object.values(exports)) if (item instanceof WebAssembly.Memory) this.#memories.add(item);
  }

  /** Tells how much memory it has since it was last measured. */
  #measure(): void {
    let bytes = 0;
    for (const { buffer } of this.#memories) bytes += buffer.byteLength;
    if (bytes === this.#memoryBytes) return;
    this.#module.grew(bytes - this.#memoryBytes);
    this.#memoryBytes = bytes;
  }

  #note(ending: Ending): void {
    noteCall(this.#module.tally, ending, performance.now() - this.#startedAt);
  }

  /** A message about a body, or about the answer to a request that the guest sends. */
  receive(message: ToWorker): void {
    if ('exchange' in message) this.#sendings.get(message.exchange)?.receive(message);
    else this.#exchange?.receive(message);
  }

  get isInCall(): boolean {
    return this.#call !== undefined;
  }

  get sendsHttp(): boolean {
    return this.#module.sendsHttp;
  }

  config(): ReadonlyMap<string, string> {
    return this.#module.config;
  }

  log(level: GuestLogLevel, context: string, message: string): void {
    if (severity[level] < severity[this.#module.logLevel]) return;
    this.#lines += 1;
    if (this.#lines > maxLogLines) return;
    const text = this.#lines < maxLogLines ? message.slice(0, maxLogLength) : 'more lines of this call are dropped';
    this.#port.post({
      kind: 'log',
      component: this.#module.component,
      from: this.#call,
      level,
      context: context.slice(0, 256),
      message: text,
    });
  }

  invoke(instance: string, func: string, args: readonly unknown[]): Promise<unknown> {
    // A start function has no caller, hence no link to call through.
    if (this.#call === undefined) throw new Error(`${instance}.${func} called outside a call`);
    return this.#port.invoke(this.#module.component, this.#call, instance, func, args);
  }

  send(request: SendRequest, body: BodySender): Sending {
    const call = this.#call;
    if (call === undefined) throw new Error('a request was sent outside a call');
    const exchange = this.#sendings.size;
    if (exchange >= maxSendings) throw new WitError({ tag: 'connection-limit-reached' });
    const sending = new Sending(call, exchange, request, body, (message) => this.#port.post(message));
    this.#sendings.set(exchange, sending);
    return sending;
  }

  #imports(): Record<string, Interface> {
    const { imports, isGenerated } = this.#module.program;
    const local = localInterfaces(this, imports.packages);
    const refs = imports.each.flatMap((one) => (local.has(one.local) ? [] : [one.ref]));
    const linked = linkedInterfaces(this, refs, isGenerated);
    return Object.fromEntries(
      imports.each.map(({ ref: { name }, local: known }) => [name, local.get(known) ?? linked.get(name) ?? {}]),
    );
  }

  async #invoke({ instance, func, args }: Extract<CallJob, { kind: 'function' }>): Promise<unknown> {
    return this.#export(instance, func)(...args);
  }

  #export(instance: string, func: string): Export {
    const members = instance === '' ? this.#exports : this.#exports[instance];
    const found: unknown =
      typeof members === 'object' && members !== null ? Reflect.get(members, camelCase(func)) : undefined;
    if (!isFunction(found)) throw new Error(`the component exports no ${instance}.${func}`);
    return found;
  }
}

type Export = (...args: readonly unknown[]) => unknown;

const isFunction = (value: unknown): value is Export => typeof value === 'function';

const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof WitError) return { kind: 'error', payload: error.payload };
  if (!(error instanceof Error)) return { kind: 'trap', message: String(error) };
  // The class of the generated bindings for the error case of an exported function's result.
  if (error.constructor.name === 'ComponentError' && 'payload' in error)
    return { kind: 'error', payload: error.payload };
  return { kind: 'trap', message: error.message };
};
