#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './packages.mjs';
import { installNode } from './runtime.mjs';
import { installServers } from './servers.mjs';
import { execute, runMain, SetupError, Steps } from './steps.mjs';

/** The folder of the clone. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Makes a machine with Node 20, npm and git ready to run KasmCloud; skips what is there. Returns milliseconds. */
export async function install() {
  const startedAt = performance.now();
  const steps = new Steps();
  process.stderr.write('install\n');
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(
      `KasmCloud starts with Node 20 or newer; this is ${process.version}. See https://nodejs.org/en/download`,
    );
  }
  await steps.run('git', findGit);
  await steps.run('npm packages', (tell) => installPackages(root, tell));
  await steps.run('node', (tell) => installNode(root, tell));
  await steps.run('servers', installServers);
  return Math.round(performance.now() - startedAt);
}

async function findGit() {
  const { code, output } = await execute('git', ['--version']);
  if (code !== 0)
    throw new SetupError('KasmCloud needs the git program: install it (apt-get install git, or brew install git).');
  return `present, ${output.trim().replace('git version ', '')}`;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await install();
    return 0;
  });
}
