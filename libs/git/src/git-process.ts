import { spawn } from 'node:child_process';

export interface GitRun {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Ends the program and all it started. */
  readonly signal: AbortSignal;
  readonly input?: string;
  /** More output ends the program. Default 16 MiB. */
  readonly maxOutputBytes?: number;
}

/** The git program ended badly. What that means is for the caller to say. */
export class GitExitError extends Error {
  override readonly name = 'GitExitError';
  /** What it said on standard error, at most 16 KiB of it. */
  readonly stderr: string;
  readonly outputTooLarge: boolean;

  constructor(command: string, stderr: string, outputTooLarge: boolean, options?: ErrorOptions) {
    super(`git ${command} failed`, options);
    this.stderr = stderr;
    this.outputTooLarge = outputTooLarge;
  }
}

const MAX_STDERR = 16 * 1024;

/**
 * Runs git without a shell and gives what it wrote. It leads a process group of its own, so that its helpers (ssh,
 * git-remote-https) end with it.
 *
 * @throws {GitExitError} for another exit code than 0; the signal's reason when it was aborted
 */
export const runGit = async ({ args, env, signal, input, maxOutputBytes = 16 << 20 }: GitRun): Promise<Buffer> => {
  signal.throwIfAborted();
  const child = spawn('git', args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const kill = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended just now.
    }
  };
  const output: Buffer[] = [];
  let outputBytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length;
    if (outputBytes > maxOutputBytes) kill();
    else output.push(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < MAX_STDERR) stderr += chunk.slice(0, MAX_STDERR);
  });
  // A program that ends before it has read its input is judged by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  signal.addEventListener('abort', kill, { once: true });
  try {
    const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
    child.once('error', reject);
    child.once('close', resolve);
    const code = await ended;
    signal.throwIfAborted();
    if (code === 0 && outputBytes <= maxOutputBytes) return Buffer.concat(output);
    throw new GitExitError(args.find((arg) => !arg.startsWith('-')) ?? '', stderr, outputBytes > maxOutputBytes);
  } finally {
    signal.removeEventListener('abort', kill);
  }
};
