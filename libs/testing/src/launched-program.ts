import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a program is started and how one knows that it serves. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Resolves to true once the program answers; asked again every few milliseconds until the deadline. */
  readonly ready: () => Promise<boolean>;
  /** How long it may take to answer, in milliseconds. Default 10,000. */
  readonly readyWithinMs?: number;
}

/** A program did not start, or ended before it served. `output` holds the end of what it printed. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  readonly program: string;
  readonly output: string;

  constructor(program: string, what: string, output: string) {
    super(`${program} ${what}; its last output:\n${output}`);
    this.program = program;
    this.output = output;
  }
}

/** A child process of a test; ended by its own id, and with the test process at the latest. */
export class LaunchedProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, ended: Promise<void>) {
    this.#child = child;
    this.#ended = ended;
  }

  static async start(launch: Launch): Promise<LaunchedProgram> {
    const child = spawn(launch.program, launch.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...launch.env },
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const killWithTest = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithTest);
    let over = false;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      over = true;
      process.off('exit', killWithTest);
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      output += error.message;
      end();
    });

    const deadline = performance.now() + (launch.readyWithinMs ?? 10_000);
    while (!(await launch.ready())) {
      if (over) throw new LaunchError(launch.program, 'ended before it served', output);
      if (performance.now() > deadline) {
        child.kill('SIGKILL');
        await ended;
        throw new LaunchError(launch.program, 'did not answer in time', output);
      }
      await sleep(10);
    }
    return new LaunchedProgram(child, ended);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Stops the process and waits for its end: SIGTERM by default, SIGKILL for a crash. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    const escalate = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#ended;
    clearTimeout(escalate);
  }

  /** Freezes the process: its sockets stay open and nothing answers. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }
}

/** The path of a server program: the environment variable first, then PATH, then the usual system folders. */
export function findProgram(name: string, variable: string): string {
  const chosen = process.env[variable];
  if (chosen !== undefined && chosen !== '') return chosen;
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/bin', '/usr/bin'];
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw new LaunchError(name, `was not found: install it, or set ${variable} to its path`, '');
}

const given = new Set<number>();
const MOST_PORTS = 10_000;

/** A port of 127.0.0.1 that was free a moment ago, and was not given to anybody else in this process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = await somePort();
    if (given.has(port)) continue;
    if (given.size === MOST_PORTS) given.clear();
    given.add(port);
    return port;
  }
  throw new Error('no port is free that was not given before');
}

async function somePort(): Promise<number> {
  const probe = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  probe.once('error', reject);
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() => {
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new TypeError('a listening TCP socket has no port'));
    });
  });
  return promise;
}
