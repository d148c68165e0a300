import { Instance, type WorkerPort } from './instance.ts';
import { loadModule, type LoadedModule } from './module.ts';
import type { CallJob, LoadJob, ToWorker } from '../runtime/protocol.ts';

/** How many instances wait for their next call; more than this are made when needed and dropped when done. */
const maxIdle = 64;

/** The instances of one component in this worker. How many may run at once is for the main thread to say. */
export class InstancePool {
  readonly #port: WorkerPort;
  readonly #module: Promise<LoadedModule>;
  readonly #idle: Instance[] = [];
  readonly #busy = new Map<number, Instance>();

  constructor(job: LoadJob, port: WorkerPort) {
    this.#port = port;
    this.#module = loadModule(job);
  }

  /** Makes the first instance, so that a component that cannot start fails when it is loaded. */
  async warm(): Promise<void> {
    this.#idle.push(await Instance.create(await this.#module, this.#port));
  }

  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    (await this.#module).config = config;
  }

  /**
   * Runs a call in an instance of its own. Messages about a call come when it has started, so the instance is registered
   * before that is said; the call may have been abandoned while the instance was made.
   */
  async run(call: number, job: CallJob, isWanted: () => boolean): Promise<void> {
    let instance: Instance;
    try {
      instance = this.#idle.pop() ?? (await Instance.create(await this.#module, this.#port));
    } catch (error) {
      const message = `cannot be instantiated: ${error instanceof Error ? error.message : String(error)}`;
      this.#port.post({ kind: 'finished', call, outcome: { kind: 'trap', message } });
      return;
    }
    if (!isWanted()) {
      this.#keep(instance);
      return;
    }
    this.#busy.set(call, instance);
    this.#port.post({ kind: 'started', call });
    const outcome = await instance.run(call, job);
    if (!this.#busy.delete(call)) return;
    if (outcome.kind === 'trap') instance.abandon();
    else this.#keep(instance);
    this.#port.post({ kind: 'finished', call, outcome });
  }

  abandon(call: number): void {
    this.#busy.get(call)?.abandon();
    this.#busy.delete(call);
  }

  receive(call: number, message: ToWorker): void {
    this.#busy.get(call)?.receive(message);
  }

  #keep(instance: Instance): void {
    if (this.#idle.length < maxIdle) this.#idle.push(instance);
  }
}
