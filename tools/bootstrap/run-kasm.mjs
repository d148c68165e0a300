import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { buildStale, staleApps } from './build.mjs';
import { nodePath } from './runtime.mjs';
import { Steps } from './steps.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * With room for what is young: an API server or a scheduler under load does 8 % more. And what was compiled is kept: after
 * a minute's rest V8 would compile it anew just when a cluster is lost, which then takes a third longer to replace.
 */
const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=64', '--no-flush-bytecode'];

/** Builds what is stale, then runs `kasm` with Node 26 in place of this process. Resolves with its exit code. */
export async function runKasm(root, args, env = process.env) {
  // Nothing is told when there is nothing to do: scripts call this too.
  if ((await staleApps(root)).length > 0) {
    await new Steps().run('build', async (tell) => `built ${(await buildStale(root, tell)).join(', ')}`);
  }
  const main = join(root, 'apps', 'cli', 'dist', 'main.js');
  // The channel tells kasm when this process is gone, however it ended.
  const child = spawn(nodePath(root), [...NODE_FLAGS, main, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env,
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit');
  return code ?? 128 + (constants.signals[signal] ?? 0);
}
