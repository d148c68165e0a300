import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const SLOWEST_START_MS = 60_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process of the run: a file beside this one, in a Node of its own. It is ended by its id, and with the test at the latest. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #said: unknown;

  private constructor(child: ChildProcess) {
    this.#child = child;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    running.add(child);
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
    child.on('message', (message) => {
      this.#said = message;
    });
  }

  /** Starts `<name>.program.fixture.ts`; resolves once it has said something. */
  static async start(name: string, env: Readonly<Record<string, string>>): Promise<Program> {
    const child = fork(join(import.meta.dirname, `${name}.program.fixture.ts`), [], {
      env: { ...process.env, ...env },
      execArgv: [],
      // Who wants to know more sets a level of the log.
      stdio: ['ignore', process.env['KASMCLOUD_LOG_LEVEL'] === undefined ? 'ignore' : 'inherit', 'inherit', 'ipc'],
    });
    const program = new Program(child);
    await once(child, 'message', { signal: AbortSignal.timeout(SLOWEST_START_MS) });
    return program;
  }

  /** What it said last. */
  get said(): unknown {
    return this.#said;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** It stands still, and its connections stay open. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }
}
