import { UnderWay, type FuncType, type HttpRequest, type HttpResponse, type ReceivedHttp } from '@kasmcloud/wrpc';
import { ClosedError, ComponentError, DeadlineError, WitError } from '../error.ts';
import type { InterfaceRef } from '../inspect.ts';
import { localInterface } from '../interface-name.ts';
import { isHandle, isStreaming, someTypeOf } from '../type-parts.ts';
import { answered, Call } from './call.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Answer } from './far-caller.ts';
import type { Fronts } from './fronts.ts';
import { HttpStreams } from './http-streams.ts';
import { readMemory } from './memory-table.ts';
import type { CallJob, LoadJob } from './protocol.ts';
import { ownSlots, usedSlots } from './slot-table.ts';
import type { Slots } from './slots.ts';
import { readTally } from './tally.ts';
import type { Standing } from './standing.ts';
import type { Hosted } from './switchboard.ts';
import type {
  ComponentUsage,
  CallLetter,
  CallOptions,
  ComponentLimits,
  HostFunctions,
  LoadedComponent,
  LoadOptions,
} from './types.ts';

export interface HostedParts {
  readonly dispatcher: Dispatcher;
  readonly fronts: Fronts;
  readonly standing: Standing;
  readonly nextCall: () => number;
  readonly takesLetters: boolean;
}

/** A component on the dispatcher's workers: its slots, its config, and whether it still takes calls. */
export class HostedComponent implements LoadedComponent, Hosted {
  readonly name: string;
  readonly host: HostFunctions;
  readonly digest: string;
  job: LoadJob;
  readonly standing: Standing;
  readonly takesLetters: boolean;
  readonly #dispatcher: Dispatcher;
  readonly #fronts: Fronts;
  readonly #limits: ComponentLimits;
  readonly slots: Slots;
  readonly #nextCall: () => number;
  readonly #closing = new AbortController();
  readonly #running = new UnderWay<Call>();
  #inFlight = 0;
  #whenIdle: (() => void)[] = [];
  #takesCalls = true;

  constructor(digest: string, job: LoadJob, slots: Slots, options: LoadOptions, parts: HostedParts) {
    this.name = options.name;
    this.host = options.host;
    this.digest = digest;
    this.job = job;
    this.standing = parts.standing;
    this.#dispatcher = parts.dispatcher;
    this.#fronts = parts.fronts;
    this.#limits = options.limits;
    this.slots = slots;
    this.#nextCall = parts.nextCall;
    this.takesLetters = parts.takesLetters;
  }

  get imports(): readonly InterfaceRef[] {
    return this.job.program.imports;
  }

  get exports(): readonly InterfaceRef[] {
    return this.job.program.exports;
  }

  get usage(): ComponentUsage {
    const { tally, memory } = this.job;
    this.#dispatcher.reap();
    return { ...readTally(tally), ...usedSlots(this.slots.table), memoryBytes: readMemory(memory) };
  }

  get inFlight(): number {
    this.#dispatcher.reap();
    return this.#inFlight + ownSlots(this.slots.table);
  }

  get takesCalls(): boolean {
    return this.#takesCalls;
  }

  async call(instance: string, func: string, args: readonly unknown[], options: CallOptions = {}): Promise<unknown> {
    const type = this.#functionType(instance, func);
    if (args.length !== type.params.length) {
      throw new ComponentError(
        `${this.name} ${instance}.${func} takes ${type.params.length} arguments, not ${args.length}`,
      );
    }
    const job: CallJob = { kind: 'function', instance, func, args, trace: options.trace };
    return (await this.#start(job, `${this.name} ${instance}.${func}`, options)).result;
  }

  async answer(instance: string, func: string, letter: CallLetter): Promise<Answer | undefined> {
    this.#functionType(instance, func);
    const { content, read, trace } = letter;
    const job: CallJob = { kind: 'letter', instance, func, letter: content, trace };
    const call = await this.#start(job, `${this.name} ${instance}.${func}`, {}, undefined, read);
    try {
      const value = await call.result;
      return value === answered ? undefined : { kind: 'value', value };
    } catch (error) {
      if (error instanceof WitError) return { kind: 'error', payload: error.payload };
      throw error;
    }
  }

  async handleHttp(request: HttpRequest, options: CallOptions = {}): Promise<ReceivedHttp<HttpResponse>> {
    const handler = this.exports.find(({ name }) => localInterface(name) === 'wasi:http/incoming-handler');
    if (handler === undefined) throw new ComponentError(`${this.name} exports no wasi:http/incoming-handler`);
    const { method, pathWithQuery, scheme, authority, headers, body } = request;
    const head = { method, pathWithQuery, scheme, authority, headers };
    const job: CallJob = { kind: 'http', instance: handler.name, head, hasBody: body !== undefined };
    let call: Call | undefined;
    const streams = new HttpStreams(request, (message) => {
      if (call !== undefined) this.#dispatcher.threadOf(call)?.post(message);
    });
    streams.response.catch(() => undefined);
    call = await this.#start(job, `${this.name} ${handler.name}`, options, streams);
    return streams.response;
  }

  get executionMs(): number {
    return this.#limits.executionMs;
  }

  get isLeaf(): boolean {
    return this.imports.every(({ name, functions }) => functions.length === 0 || isInWorker(name));
  }

  canBeCalled(instance: string, func: string): boolean {
    const type = this.#findType(instance, func);
    return type !== undefined && !hasHandles(type);
  }

  forgetNear(): void {
    this.#dispatcher.forgetNear(this.job.component);
    this.#fronts.forgetNear(this.job.component);
  }

  updateConfig(config: Readonly<Record<string, string>>): void {
    this.job = { ...this.job, config };
    this.#dispatcher.configure(this);
    this.#fronts.configure(this);
  }

  resize(instances: number): void {
    this.slots.resize(instances);
  }

  async drain(): Promise<void> {
    this.#takesCalls = false;
    await this.#fronts.retire(this.job.component);
    this.#dispatcher.reap();
    if (this.#inFlight === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenIdle.push(resolve);
    await promise;
  }

  close(): void {
    this.#takesCalls = false;
    const reason = new ClosedError(`${this.name} was closed`);
    this.#closing.abort(reason);
    for (const call of this.#running.values()) this.#dispatcher.cancel(call, reason);
    this.#fronts.remove(this.job.component);
    this.#dispatcher.remove(this.job.component);
  }

  /** Hands the call over as soon as there is a slot for it. */
  #start(
    job: CallJob,
    what: string,
    options: CallOptions,
    streams?: HttpStreams,
    read?: CallLetter['read'],
  ): Call | Promise<Call> {
    if (!this.#takesCalls) throw new ClosedError(`${this.name} takes no more calls`);
    const deadlineMs = Math.min(options.deadlineMs ?? this.#limits.executionMs, this.#limits.executionMs);
    const endsAt = performance.now() + deadlineMs;
    const component = this.job.component;
    const run = (): Call => {
      const call = new Call({ id: this.#nextCall(), component, job, what, deadlineMs, endsAt, read }, streams);
      // Whoever asked for the response hears of it there.
      if (streams !== undefined) call.result.catch(() => undefined);
      this.#running.set(call.id, call);
      call.whenGone(() => {
        this.#running.delete(call.id);
        this.slots.release();
        this.#done();
      });
      this.#dispatcher.run(call, options.signal);
      return call;
    };
    options.signal?.throwIfAborted();
    this.#inFlight += 1;
    if (this.slots.tryAcquire()) return run();
    // Of calls that threads have answered the slots are free.
    this.#dispatcher.reap();
    return this.slots.tryAcquire() ? run() : this.#wait(what, deadlineMs, options.signal).then(run);
  }

  async #wait(what: string, deadlineMs: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#acquire(
        what,
        deadlineMs,
        AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]),
      );
    } catch (error) {
      this.#done();
      throw error;
    }
  }

  #done(): void {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return;
    for (const idle of this.#whenIdle) idle();
    this.#whenIdle = [];
  }

  async #acquire(what: string, deadlineMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DeadlineError(what, deadlineMs)), deadlineMs);
    try {
      await this.slots.acquire(AbortSignal.any([signal, late.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  #functionType(instance: string, func: string): FuncType {
    const type = this.#findType(instance, func);
    if (type === undefined) throw new ComponentError(`${this.name} exports no ${instance}.${func}`);
    if (hasHandles(type)) {
      throw new ComponentError(
        `${this.name} ${instance}.${func} has handles or streams, which cannot leave the component`,
      );
    }
    return type;
  }

  #findType(instance: string, func: string): FuncType | undefined {
    return this.exports.find(({ name }) => name === instance)?.functions.find(({ name }) => name === func)?.type;
  }
}

const hasHandles = (type: FuncType): boolean => someTypeOf(type, (part) => isHandle(part) || isStreaming(part));

/** What is sent goes through the main thread, in the name of the call that it gave. */
const sending = /^wasi:(http\/(outgoing|incoming)-handler|blobstore\/.*)$/;

const isInWorker = (name: string): boolean => {
  const local = localInterface(name);
  return local !== undefined && !sending.test(local);
};
