import type { SpanAttributes } from '@kasmcloud/observe';
import { UnderWay, type FuncType } from '@kasmcloud/wrpc';
import { ByFunction } from './by-function.ts';
import { IdleInstances } from './idle-instances.ts';
import { Instance, type OpenJob, type WorkerPort } from './instance.ts';
import { loadModule, type LoadedModule, type OpenProgram } from './module.ts';
import type { Outcome, SentJob, ToWorker } from '../runtime/protocol.ts';
import type { Far } from '../runtime/types.ts';
import { noteMemory } from '../runtime/memory-table.ts';
import { freeOwnSlot, takeOwnSlot } from '../runtime/slot-table.ts';

/** Which component of this worker serves an import, and under which name it exports the interface. */
export interface NearTarget {
  readonly component: number;
  readonly instance: string;
  /** Of spans of such calls. */
  readonly attributes: SpanAttributes;
}

/** The instances of one component in this worker. How many may run at once is for the main thread to say. */
export class InstancePool {
  readonly #port: WorkerPort;
  readonly #module: Promise<LoadedModule>;
  #loaded: LoadedModule | undefined;
  readonly #idle = new IdleInstances();
  readonly #busy = new UnderWay<Instance>();

  /** Where calls of imports can be made in this worker. */
  readonly near = new ByFunction<NearTarget>();
  /** What the thread's `FarCaller` needs for calls of imports. */
  readonly far = new ByFunction<Far>();
  readonly component: number;
  readonly program: OpenProgram;
  readonly slots: Int32Array;
  readonly #worker: number;

  /** `worker` is the number of this one in the component's slots. */
  constructor(job: SentJob, program: OpenProgram, port: WorkerPort, worker: number) {
    this.component = job.component;
    this.slots = job.slots;
    this.program = program;
    this.#worker = worker;
    this.#port = port;
    this.#module = loadModule(job, program, (bytes) => noteMemory(job.memory, worker, bytes));
  }

  /** Generated bindings enter the guest only in a later turn. */
  get isGenerated(): boolean {
    return this.program.isGenerated;
  }

  /** Whether it can take calls without waiting for its code. */
  get isLoaded(): boolean {
    return this.#loaded !== undefined;
  }

  /**
   * Makes the first instance, so that a component that cannot start fails when it is loaded. `starts` is asked just
   * before; resolves with its answer.
   */
  async warm(starts: () => boolean): Promise<boolean> {
    const loaded = await this.#module;
    await this.#port.enter(this.component);
    if (!starts()) return false;
    this.#loaded = loaded;
    this.#idle.keep(await Instance.create(loaded, this.#port));
    return true;
  }

  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    // At once where it can be: the calls behind it are to see it.
    (this.#loaded ?? (await this.#module)).config = new Map(Object.entries(config));
  }

  /**
   * Runs a call in an instance of its own, if it is still to run by then: `starts` is asked just before. Undefined when it
   * was not to run, or was abandoned.
   */
  async run(call: number, job: OpenJob, starts: () => boolean): Promise<Outcome | undefined> {
    let instance: Instance;
    try {
      instance = this.takeIdle() ?? (await this.make());
    } catch (error) {
      const message = `cannot be instantiated: ${error instanceof Error ? error.message : String(error)}`;
      return { kind: 'trap', message };
    }
    const turn = this.#port.enter(this.component);
    if (turn !== undefined) await turn;
    if (!starts()) {
      this.keep(instance);
      return undefined;
    }
    this.#busy.set(call, instance);
    const outcome = await instance.run(call, job);
    if (!this.#busy.delete(call)) return undefined;
    if (outcome.kind === 'trap') instance.abandon();
    else this.keep(instance);
    return outcome;
  }

  /** The type of an exported function. */
  typeOf(instance: string, func: string): FuncType | undefined {
    return this.program.exports.find(({ name }) => name === instance)?.functions.find(({ name }) => name === func)
      ?.type;
  }

  takeSlot(): boolean {
    return takeOwnSlot(this.slots, this.#worker);
  }

  freeSlot(): void {
    if (freeOwnSlot(this.slots, this.#worker)) this.#port.post({ kind: 'slot-free', component: this.component });
  }

  takeIdle(): Instance | undefined {
    return this.#idle.take();
  }

  async make(): Promise<Instance> {
    return Instance.create(this.#loaded ?? (await this.#module), this.#port);
  }

  /** Takes an instance back that may run another call. */
  keep(instance: Instance): void {
    this.#idle.keep(instance);
  }

  abandon(call: number): void {
    this.#busy.get(call)?.abandon();
    this.#busy.delete(call);
  }

  receive(call: number, message: ToWorker): void {
    this.#busy.get(call)?.receive(message);
  }
}
