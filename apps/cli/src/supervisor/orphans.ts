import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

const GRACE_MS = 5_000;

/**
 * Ends processes that an earlier instance left behind, each with its whole process group: SIGTERM, and SIGKILL after
 * five seconds. Those whose pid now belongs to another program are left alone. Resolves with the pids that were ended.
 */
export async function endOrphans(left: readonly ProcessIdentity[]): Promise<number[]> {
  const alive = await stillRunning(left);
  for (const { pid } of alive) signalGroup(pid, 'SIGTERM');
  const deadline = performance.now() + GRACE_MS;
  let stubborn = alive;
  while (stubborn.length > 0 && performance.now() < deadline) {
    await sleep(50);
    stubborn = await stillRunning(stubborn);
  }
  for (const { pid } of stubborn) signalGroup(pid, 'SIGKILL');
  return alive.map(({ pid }) => pid);
}

/** Signals a process and everything it started; every supervised process leads a group of its own. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Ended in the meantime.
  }
}

async function stillRunning(identities: readonly ProcessIdentity[]): Promise<ProcessIdentity[]> {
  const running = await Promise.all(identities.map(isRunning));
  return identities.filter((_, index) => running[index]);
}
