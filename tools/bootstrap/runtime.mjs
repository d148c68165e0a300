import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, SetupError } from './steps.mjs';
import { installByHand, installSystemPackages } from './system-packages.mjs';

const OLDEST = 26;
/** Node's own binaries for Linux need it, and small Debian images lack it. */
const LIBRARY = { file: 'libatomic.so.1', package: 'libatomic1' };

/** The Node that runs everything but this folder and `bin/kasm.mjs`: the npm package `node`. */
export const nodePath = (root) => join(root, 'node_modules', 'node', 'bin', 'node');

/** Checks that Node 26 is there and runs; puts right what keeps it from that. */
export async function installNode(root, tell) {
  const found = await tryNode(root);
  if (found.version !== undefined) return `present, ${found.version}`;
  if (!found.output.includes(LIBRARY.file)) await reinstall(root, tell);
  let { version, output } = await tryNode(root);
  if (output.includes(LIBRARY.file)) {
    await installSystemPackages([LIBRARY.package], tell);
    ({ version, output } = await tryNode(root));
  }
  if (version !== undefined) return `installed ${version}`;

  // npm puts node_modules/.bin before the system's programs: a Node that does not run must not stay there.
  await removeNode(root);
  const help = output.includes(LIBRARY.file) ? installByHand([LIBRARY.package]) : '';
  throw new SetupError(`Node ${OLDEST}, from the npm package "node", does not run here:\n${output.trim()}\n${help}`);
}

/** Its install script was broken off, or was not allowed to run: npm gets it again. */
async function reinstall(root, tell) {
  tell('npm install node');
  await removeNode(root);
  await execute('npm', ['install', '--no-save'], { cwd: root });
}

async function removeNode(root) {
  const modules = join(root, 'node_modules');
  const paths = [join(modules, 'node'), join(modules, '.bin', 'node'), join(modules, '.package-lock.json')];
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

/** Its version, such as `v26.10.0`, or what it said instead of one that is new enough. */
async function tryNode(root) {
  const { code, output } = await execute(nodePath(root), ['--version']);
  const major = /^v(\d+)\./.exec(output)?.[1];
  return { version: code === 0 && Number(major) >= OLDEST ? output.trim() : undefined, output };
}
