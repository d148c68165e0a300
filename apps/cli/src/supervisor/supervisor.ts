import { join } from 'node:path';
import { LogFile } from './log-file.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { SupervisedProcess, type ProcessSpec } from './supervised-process.ts';
import { Warden } from './warden.ts';

/** A process as the state file tells it. */
export interface ProcessRecord {
  readonly name: string;
  /** Absent while it waits for its restart. */
  readonly pid?: number;
  readonly port?: number;
  readonly restarts: number;
  readonly identity?: ProcessIdentity;
}

/** Runs processes in the order of their start, and stops them in the reverse one. */
export class Supervisor {
  readonly #logs: string;
  readonly #changed: () => void;
  readonly #warden = new Warden();
  readonly #processes: SupervisedProcess[] = [];
  #stopping = false;

  /** @param logs folder of the logs, one file a process; @param changed called when a process started or ended */
  constructor(logs: string, changed: () => void) {
    this.#logs = logs;
    this.#changed = changed;
  }

  /** Starts these at once and waits until all answer. Throws NotReadyError for the first that does not. */
  async start(specs: readonly ProcessSpec[], signal: AbortSignal): Promise<void> {
    const started = specs.map((spec) => {
      const log = new LogFile(join(this.#logs, `${spec.name}.log`));
      const supervised = new SupervisedProcess(spec, log, () => this.#tell());
      this.#processes.push(supervised);
      return supervised;
    });
    for (const supervised of started) if (!this.#stopping) supervised.start();
    await Promise.all(started.map((supervised) => supervised.ready(signal)));
  }

  process(name: string): SupervisedProcess {
    const found = this.#processes.find(({ spec }) => spec.name === name);
    if (found === undefined) throw new RangeError(`no process is named ${name}`);
    return found;
  }

  async records(): Promise<ProcessRecord[]> {
    return Promise.all(
      this.#processes.map(async ({ spec, pid, restarts }) => {
        const identity = pid === undefined ? undefined : await identify(pid);
        return {
          name: spec.name,
          ...(pid !== undefined && { pid }),
          ...(spec.port !== undefined && { port: spec.port }),
          restarts,
          ...(identity !== undefined && { identity }),
        };
      }),
    );
  }

  /** Stops everything, last started first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const supervised of this.#processes.toReversed()) await supervised.stop();
    this.#warden.close();
  }

  #tell(): void {
    this.#warden.guard(this.#processes.flatMap(({ pid }) => pid ?? []));
    this.#changed();
  }
}
