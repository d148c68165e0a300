import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { identify, isRunning, type ProcessIdentity } from '../supervisor/process-identity.ts';

/** Another `kasm up` works in this state folder. */
export class StateInUseError extends UserError {
  override readonly name = 'StateInUseError';
  readonly pid: number;

  constructor(folder: string, pid: number) {
    super(`another kasm up (pid ${pid}) uses ${folder}: stop it, or give this one a folder of its own with --state`);
    this.pid = pid;
  }
}

/** Holds a state folder for this process. Throws StateInUseError while another living process holds it. */
export async function lockState(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, 'lock');
  const own = await identify(process.pid);
  if (own === undefined) throw new TypeError('this process has no identity');
  // A link is made whole or not at all, so the lock never exists without its owner's name in it.
  const draft = `${lock}.${process.pid}`;
  await writeFile(draft, JSON.stringify(own));
  try {
    while (!(await tryLink(draft, lock))) {
      const owner = await readOwner(lock);
      if (owner !== undefined && (await isRunning(owner))) throw new StateInUseError(folder, owner.pid);
      await rename(lock, `${lock}.stale`).catch(() => {});
    }
  } finally {
    await rm(draft, { force: true });
  }
  return async () => rm(lock, { force: true });
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(lock: string): Promise<ProcessIdentity | undefined> {
  try {
    const { pid, startedAt } = JSON.parse(await readFile(lock, 'utf8')) as Partial<ProcessIdentity>;
    return pid === undefined || startedAt === undefined ? undefined : { pid, startedAt };
  } catch {
    return undefined;
  }
}
