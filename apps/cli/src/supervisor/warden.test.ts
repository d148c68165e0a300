import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { identify, isRunning } from './process-identity.ts';
import { Warden } from './warden.ts';

/** Starts a process that guards a sleeping child, prints the child's pid, and waits to be killed. */
const GUARD = `
  import { spawn } from 'node:child_process';
  import { Warden } from ${JSON.stringify(join(import.meta.dirname, 'warden.ts'))};
  const child = spawn('sleep', ['64'], { detached: true, stdio: 'ignore' });
  const warden = new Warden();
  warden.guard([child.pid]);
  console.log(child.pid);
  setInterval(() => {}, 1_000);
`;

test('children end when their supervisor gets SIGKILL', async () => {
  const guard = spawn(process.execPath, ['--input-type=module', '-e', GUARD], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(guard.stdout, 'data');
  const child = await identify(Number(String(said)));
  expect(child).toBeDefined();
  guard.kill('SIGKILL');
  await once(guard, 'exit');
  await vi.waitFor(async () => expect(child !== undefined && (await isRunning(child))).toBe(false), 3_000);
});

test('a warden that is killed itself is replaced, and the next one knows what to guard', async () => {
  const child = spawn('sleep', ['65'], { detached: true, stdio: 'ignore' });
  const identity = await identify(child.pid ?? 0);
  const warden = new Warden();
  warden.guard([child.pid ?? 0]);
  const first = warden.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(warden.pid).not.toBe(first), 3_000);
  warden.close();
  await vi.waitFor(async () => expect(identity !== undefined && (await isRunning(identity))).toBe(false), 3_000);
});
