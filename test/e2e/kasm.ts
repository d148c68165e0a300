import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

export const repositoryRoot = join(import.meta.dirname, '..', '..');
const bin = join(repositoryRoot, 'apps', 'cli', 'bin', 'kasm.mjs');

const stateSchema = z.object({
  pid: z.int(),
  processes: z.array(z.object({ name: z.string(), pid: z.int().optional(), restarts: z.int() })),
  clusters: z.array(z.object({ name: z.string(), kubeconfig: z.string(), frontDoor: z.string().optional() })),
  restUrl: z.string(),
  natsUrl: z.string(),
  kubeconfig: z.string(),
  token: z.string().optional(),
});
export type State = z.infer<typeof stateSchema>;

/** A `kasm` that runs as a person would start it. */
export class Kasm {
  readonly stateFolder: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number>;
  #stdout = '';
  #stderr = '';

  private constructor(stateFolder: string, child: ChildProcess) {
    this.stateFolder = stateFolder;
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    const { promise, resolve } = Promise.withResolvers<number>();
    child.once('exit', (code) => resolve(code ?? -1));
    this.#exit = promise;
  }

  /** `kasm up` with these options and its state in a folder. */
  static up(stateFolder: string, ...options: string[]): Kasm {
    return Kasm.upWith({}, stateFolder, ...options);
  }

  /** The same with these variables besides its own, which all that it starts sees too. */
  static upWith(variables: Readonly<Record<string, string>>, stateFolder: string, ...options: string[]): Kasm {
    const args = [bin, 'up', '--state', stateFolder, ...options];
    const env = { ...process.env, ...variables };
    return new Kasm(stateFolder, spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env }));
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** What it told people. */
  get told(): string {
    return this.#stderr;
  }

  /** The exit code. */
  get exit(): Promise<number> {
    return this.#exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until it has told this. Throws when it is not in time, and at once when kasm has ended. */
  async tells(text: string, withinMs: number): Promise<void> {
    const isTold = (): boolean => this.#stderr.includes(text);
    const isOver = async (): Promise<boolean> => isTold() || this.#child.exitCode !== null;
    const failure = await eventually(withinMs, isOver).catch((error: unknown) => error);
    if (isTold()) return;
    const code = this.#child.exitCode;
    const ended = code === null ? '' : `, and ended with ${code}`;
    throw new Error(`kasm did not tell "${text}"${ended}; it told:\n${this.#stderr}`, { cause: failure });
  }

  async state(): Promise<State> {
    return stateSchema.parse(JSON.parse(await readFile(join(this.stateFolder, 'state.json'), 'utf8')));
  }

  /** Ctrl-C, and SIGKILL for one that does not listen. Resolves with the exit code. */
  async stop(): Promise<number> {
    if (this.#child.exitCode === null) this.#child.kill('SIGINT');
    const escalate = setTimeout(() => this.#child.kill('SIGKILL'), 60_000);
    const code = await this.#exit;
    clearTimeout(escalate);
    return code;
  }
}

/** A temporary folder, removed when the test is over. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'kasm-e2e-'));
  return { path, [Symbol.asyncDispose]: async () => rm(path, { recursive: true, force: true }) };
}

/** Looks again and again until the answer is true. Throws when it is not in time. */
export async function eventually(withinMs: number, look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (let last: unknown; ; last = undefined) {
    try {
      if (await look()) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1000} s`, { cause: last });
    await sleep(100);
  }
}

/** The text of HTTP 200 from this address; throws otherwise. */
export async function get(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, {
    headers: { connection: 'close', ...headers },
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text}`);
  return text.trim();
}

/** Every process that runs, by pid. */
export async function runningPids(): Promise<Set<number>> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,stat=']);
  const living = stdout.split('\n').filter((line) => line.trim() !== '' && !/ Z/.test(line));
  return new Set(living.map((line) => Number(line.trim().split(/\s+/)[0])));
}

/** Pids of the children of a process. */
export async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,stat=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, stat]) => Number(parent) === pid && stat?.startsWith('Z') === false)
    .map(([child]) => Number(child));
}
