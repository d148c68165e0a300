import type { Logger } from '@kasmcloud/observe';
import { WitError } from '../error.ts';
import { Call } from './call.ts';
import { GuestRequest } from './guest-request.ts';
import { clearMemory } from './memory-table.ts';
import { PREOPENS, type FromLoop, type LoadJob, type Outcome } from './protocol.ts';
import type { Slots } from './slots.ts';
import type { Standing } from './standing.ts';
import type { Thread } from './thread.ts';
import type { HostFunctions } from './types.ts';

/** What is needed of a component to run its calls. */
export interface Hosted {
  readonly name: string;
  readonly job: LoadJob;
  readonly host: HostFunctions;
  readonly slots: Slots;
  readonly executionMs: number;
  readonly standing: Standing;
  /** Whether it was not told to end. */
  readonly takesCalls: boolean;
  /** Whether all that it imports is served inside its worker. */
  readonly isLeaf: boolean;
  /** Whether it exports a function whose values can be passed on. */
  canBeCalled(instance: string, func: string): boolean;
  /** See `LoadedComponent`. */
  forgetNear(): void;
}

/** What workers say about calls, whichever way the calls came to them: it goes to the call, or to the component's host. */
export class Switchboard {
  readonly components = new Map<number, Hosted>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  receive(thread: Thread, message: FromLoop): void {
    if (message.kind === 'log') {
      const { from, level, context, message: text } = message;
      const call = from === undefined ? undefined : nameOf(from, thread);
      const trace = message.trace ?? (from === undefined ? undefined : thread.calls.get(from)?.trace);
      this.components.get(message.component)?.host.log({ call, trace, level, context, message: text });
      return;
    }
    if (message.kind === 'slot-free') {
      this.components.get(message.component)?.slots.freed();
      return;
    }
    if (message.kind === 'import-failed') {
      const { component, what, reason } = message;
      this.#logger.warn({ component: this.components.get(component)?.name, import: what, reason }, 'import failed');
      return;
    }
    if (message.kind === 'adopt') {
      this.#adopt(thread, message);
      return;
    }
    // The rest is about a call that the main thread knows.
    if (!('call' in message)) return;
    const call = thread.calls.get(message.call);
    if (call === undefined) return;
    switch (message.kind) {
      case 'started':
        call.isStarted = true;
        call.streams?.started(call);
        return;
      case 'finished':
        thread.forget(call);
        call.finish(message.outcome);
        return;
      case 'abandoned':
        thread.forget(call);
        call.release();
        return;
      case 'invoke':
        void this.#invoke(thread, call, message);
        return;
      case 'send':
        this.#send(thread, call, message);
        return;
      case 'send-body':
      case 'answer-taken':
        call.requests?.get(message.exchange)?.receive(message);
        return;
      case 'response':
      case 'response-body':
      case 'request-taken':
        call.streams?.receive(message);
    }
  }

  /** A thread ended with what it had of every component. */
  forgive(thread: Thread): void {
    for (const { slots, job } of this.components.values()) {
      slots.forgive(thread.number);
      clearMemory(job.memory, thread.number);
    }
  }

  /** Takes note of a call that a thread took by itself, so that what it asks for can be served. The thread ends it. */
  #adopt(thread: Thread, { call: id, component, leftMs, trace }: Extract<FromLoop, { kind: 'adopt' }>): void {
    const what = this.components.get(component)?.name ?? 'a component that was unloaded';
    const endsAt = performance.now() + leftMs;
    const call = new Call({ id, component, job: undefined, what, deadlineMs: leftMs, endsAt, trace });
    call.isStarted = true;
    // Whoever waits for it is in the thread.
    call.result.catch(() => undefined);
    thread.calls.set(id, call);
  }

  #send(thread: Thread, call: Call, message: Extract<FromLoop, { kind: 'send' }>): void {
    const request = new GuestRequest(message, (answer) => {
      if (thread.calls.has(call.id)) thread.post(answer);
    });
    call.requests ??= new Map();
    call.requests.set(message.exchange, request);
    const { host } = this.components.get(call.spec.component) ?? {};
    const context = {
      call: call.id,
      deadlineMs: Math.max(0, call.spec.endsAt - performance.now()),
      signal: call.signal,
      trace: call.trace,
    };
    void request.run(host, context);
  }

  async #invoke(thread: Thread, call: Call, message: Extract<FromLoop, { kind: 'invoke' }>): Promise<void> {
    const { invocation, instance, func, args } = message;
    const hosted = this.components.get(call.spec.component);
    const reply = (outcome: Outcome): void => {
      if (thread.calls.has(call.id)) thread.post({ kind: 'returned', invocation, outcome });
    };
    try {
      if (hosted === undefined) throw new Error('the component was unloaded');
      const deadlineMs = Math.max(0, call.spec.endsAt - performance.now());
      const context = { call: call.id, deadlineMs, signal: call.signal, trace: call.trace };
      if (instance === PREOPENS) {
        reply({ kind: 'value', value: (await hosted.host.folders?.(context)) ?? [] });
        return;
      }
      reply({ kind: 'value', value: await hosted.host.invoke(instance, func, args, context) });
      this.#bringNear(thread, hosted, instance, func);
    } catch (error) {
      // Told to stop, it stopped; nobody waits for what it says.
      if (call.isSettled) return;
      if (error instanceof WitError) reply({ kind: 'error', payload: error.payload });
      else {
        this.#logger.warn({ component: hosted?.name, instance, func, error }, 'import failed');
        reply({ kind: 'trap', message: `${instance}.${func} failed: ${messageOf(error)}` });
      }
    }
  }

  /**
   * Lets the worker make calls of an import itself: over whatever its `FarCaller` uses, or in it, where it is a component of
   * this process that serves it. Not one that calls on: those calls are made in its own name. Nor one that may run shorter than its caller: nobody would end it. Nor
   * one that held up a thread before.
   */
  #bringNear(thread: Thread, caller: Hosted, instance: string, func: string): void {
    const { component } = caller.job;
    const looked = thread.looked.get(component) ?? new Set();
    const key = `${instance}#${func}`;
    if (looked.has(key)) return;
    thread.looked.set(component, looked.add(key));
    const near = caller.host.near?.(instance, func);
    if (near === undefined) {
      const far = caller.host.far?.(instance, func);
      if (far !== undefined) thread.post({ kind: 'far', component, instance, func, far });
      return;
    }
    const target = [...this.components.values()].find((one) => Object.is(one, near.component));
    if (target === undefined || target === caller) return;
    if (
      !target.isLeaf ||
      target.standing.isSuspect ||
      target.executionMs < caller.executionMs ||
      !target.canBeCalled(near.instance, func)
    )
      return;
    void thread.load(target.job);
    const { instance: exported, attributes } = near;
    thread.post({ kind: 'near', component, instance, func, target: target.job.component, exported, attributes });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Calls that a thread took by itself have numbers of that thread, below 0. */
const nameOf = (call: number, { number }: Thread): string => (call < 0 ? `${number}.${-call}` : String(call));
