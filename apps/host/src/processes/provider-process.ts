import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '@kasmcloud/reconcile';
import { Output } from './output.ts';

export interface ProcessOptions {
  readonly path: string;
  readonly folder: string;
  /** The line on its standard input. */
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
  readonly onDropped: (lines: number) => void;
}

/** How a process ended, in words: `exit code 1`, `signal SIGSEGV`, `it cannot be started: …`. */
export interface Exit {
  readonly how: string;
  /** The last lines it printed; what is on standard error goes before the rest. */
  readonly lastWords: string;
}

/** How long the output of a process that has ended may keep it. */
const LAST_WORDS_MS = 500;

/** One process of a provider, with everything that it starts itself. */
export class ProviderProcess {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #isOver = false;

  constructor(options: ProcessOptions) {
    const { path, folder, input, env, clock, onLine, onDropped } = options;
    // A group of its own, so that what it starts can be ended with it.
    const child = spawn(path, [], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    const stdout = new Output(child.stdout, { clock, onLine: (line) => onLine('stdout', line), onDropped });
    const stderr = new Output(child.stderr, { clock, onLine: (line) => onLine('stderr', line), onDropped });
    const end = (how: string): void => {
      this.#isOver = true;
      const words = stderr.tail.length > 0 ? stderr.tail : stdout.tail;
      resolve({ how, lastWords: words.join(' | ') });
    };
    child.once('error', (error) => end(`it cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      this.#isOver = true;
      const finish = (): void => end(signal === null ? `exit code ${code}` : `signal ${signal}`);
      // What is in its pipes is read; a grandchild that holds them open is not waited for.
      child.once('close', finish);
      clock.after(LAST_WORDS_MS, finish);
    });
    // It may end without having read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends it at once, and what it has started. */
  kill(): void {
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
  }
}

/** Ends a process group whose leader this is; one that is gone is left alone. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Traces of a provider go where the host's go, under a name of its own. */
const isPassedOn = (name: string): boolean =>
  name === 'PATH' || name === 'RUST_LOG' || (name.startsWith('OTEL_') && name !== 'OTEL_SERVICE_NAME');

/** What a provider sees of the host's environment: as with hosts of wasmCloud, besides where programs are. */
export const providerEnvironment = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && isPassedOn(name) ? [[name, value] as const] : [],
    ),
  );
