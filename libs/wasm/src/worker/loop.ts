import { WitError } from '../error.ts';
import type { FromWorker, Outcome, ToWorker } from '../runtime/protocol.ts';
import type { WorkerPort } from './instance.ts';
import { InstancePool } from './pool.ts';

interface Invocation {
  readonly call: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** What a worker does with each message of the main thread. */
export class WorkerLoop implements WorkerPort {
  readonly #send: (message: FromWorker) => void;
  readonly #pools = new Map<number, InstancePool>();
  /** Calls that are known, by the pool that runs them. */
  readonly #calls = new Map<number, InstancePool>();
  readonly #invocations = new Map<number, Invocation>();
  #lastInvocation = 0;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case 'load':
        void this.#load(message);
        return;
      case 'unload':
        this.#pools.delete(message.component);
        return;
      case 'config':
        void this.#pools.get(message.component)?.configure(message.config);
        return;
      case 'call':
        void this.#run(message);
        return;
      case 'abandon':
        this.#abandon(message.call);
        return;
      case 'returned':
        this.#returned(message.invocation, message.outcome);
        return;
      case 'request-body':
      case 'response-taken':
      case 'response-unwanted':
      case 'answer':
      case 'answer-body':
      case 'send-taken':
      case 'send-unwanted':
        this.#calls.get(message.call)?.receive(message.call, message);
    }
  }

  post(message: FromWorker): void {
    try {
      this.#send(message);
    } catch (error) {
      // A handle or a function among the values cannot be cloned.
      if (message.kind !== 'finished') throw error;
      const reason = `its result cannot leave the worker: ${error instanceof Error ? error.message : String(error)}`;
      this.#send({ ...message, outcome: { kind: 'trap', message: reason } });
    }
  }

  invoke(call: number, instance: string, func: string, args: readonly unknown[]): Promise<unknown> {
    this.#lastInvocation += 1;
    const invocation = this.#lastInvocation;
    return new Promise((resolve, reject) => {
      this.post({ kind: 'invoke', invocation, call, instance, func, args });
      this.#invocations.set(invocation, { call, resolve, reject });
    });
  }

  async #load({ job }: Extract<ToWorker, { kind: 'load' }>): Promise<void> {
    const { component } = job;
    const pool = new InstancePool(job, this);
    this.#pools.set(component, pool);
    try {
      await pool.warm();
      this.post({ kind: 'loaded', component });
    } catch (error) {
      this.#pools.delete(component);
      this.post({ kind: 'load-failed', component, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async #run({ call, component, job }: Extract<ToWorker, { kind: 'call' }>): Promise<void> {
    const pool = this.#pools.get(component);
    if (pool === undefined) {
      this.post({ kind: 'finished', call, outcome: { kind: 'trap', message: 'the component is not loaded here' } });
      return;
    }
    this.#calls.set(call, pool);
    await pool.run(call, job, () => this.#calls.has(call));
    this.#forget(call);
  }

  #abandon(call: number): void {
    this.#calls.get(call)?.abandon(call);
    this.#forget(call);
    this.post({ kind: 'abandoned', call });
  }

  #forget(call: number): void {
    this.#calls.delete(call);
    // What the guest still waits for has nobody to come back to.
    for (const [invocation, one] of this.#invocations) if (one.call === call) this.#invocations.delete(invocation);
  }

  #returned(invocation: number, outcome: Outcome): void {
    const waiting = this.#invocations.get(invocation);
    this.#invocations.delete(invocation);
    if (waiting === undefined) return;
    switch (outcome.kind) {
      case 'value':
        waiting.resolve(outcome.value);
        return;
      case 'error':
        waiting.reject(new WitError(outcome.payload));
        return;
      case 'trap':
        waiting.reject(new Error(outcome.message));
    }
  }
}
