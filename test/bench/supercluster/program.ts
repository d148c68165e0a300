/** A program of ours as a process of its own, and what it takes of the machine. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFlags, profiling } from '../kube/servers.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
/** Of Linux, for the times in /proc. */
const TICKS_PER_S = 100;

export interface Program {
  readonly pid: number;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface ProgramOptions {
  readonly app: 'cli' | 'scheduler' | 'repeater';
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Gets what it prints. */
  readonly log: string;
}

export function startProgram({ app, args = [], env = {}, log }: ProgramOptions): Program {
  const main = join(repository, 'apps', app, 'dist', 'main.js');
  const child = spawn(
    process.execPath,
    [...nodeFlags, ...profiling([app, ...args.slice(0, 1)].join('-')), main, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    },
  );
  const out = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(out);
  child.stderr.pipe(out);
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  return {
    pid: child.pid ?? 0,
    stop: async (signal = 'SIGTERM') => {
      await ended(child, signal);
      process.off('exit', killWithUs);
    },
  };
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

export interface Usage {
  /** Processor time since the start, seconds. */
  readonly cpuS: number;
  /** Resident now and at the most, MB (10^6 bytes). */
  readonly rssMb: number;
  readonly peakMb: number;
}

export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const all = await Promise.all(pids.map(usageOfOne));
  const sum = (part: (usage: Usage) => number): number => all.reduce((total, usage) => total + part(usage), 0);
  return { cpuS: sum(({ cpuS }) => cpuS), rssMb: sum(({ rssMb }) => rssMb), peakMb: sum(({ peakMb }) => peakMb) };
}

async function usageOfOne(pid: number): Promise<Usage> {
  const [status, times] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ]);
  const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN);
  // The name of the program, in brackets, may hold spaces: times are counted from behind it.
  const fields = times.slice(times.lastIndexOf(')') + 2).split(' ');
  const cpuS = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  return { cpuS, rssMb: (kb('VmRSS') * 1024) / 1e6, peakMb: (kb('VmHWM') * 1024) / 1e6 };
}

/** Size of everything in a folder, MB (10^6 bytes). */
export async function folderMb(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}
