import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, SetupError } from './steps.mjs';

const OLDEST = 26;

/** The Node that runs everything but this folder and `bin/kasm.mjs`: the npm package `node`. */
export const nodePath = (root) => join(root, 'node_modules', 'node', 'bin', 'node');

/** Checks that Node 26 is there and runs; fetches its binary again when not. */
export async function installNode(root, tell) {
  const present = await nodeVersion(root);
  if (present !== undefined) return `present, ${present}`;
  tell('npm rebuild node');
  const rebuilt = await execute('npm', ['rebuild', 'node', '--foreground-scripts'], { cwd: root });
  const version = (await nodeVersion(root)) ?? (await reinstalled(root, tell));
  if (version !== undefined) return `installed ${version}`;
  throw new SetupError(
    `Node ${OLDEST} could not be installed from the npm package "node" into ${nodePath(root)}.\n${rebuilt.output.trim()}`,
  );
}

/** The package's own folder removed and installed anew: its install script was stopped halfway, or was not allowed to run. */
async function reinstalled(root, tell) {
  tell('installing the npm package node again');
  await rm(join(root, 'node_modules', 'node'), { recursive: true, force: true });
  await execute('npm', ['install', '--no-save'], { cwd: root });
  return nodeVersion(root);
}

/** The version, such as `v26.10.0`; undefined when it does not run or is too old. */
async function nodeVersion(root) {
  const { code, output } = await execute(nodePath(root), ['--version']);
  const major = /^v(\d+)\./.exec(output)?.[1];
  return code === 0 && Number(major) >= OLDEST ? output.trim() : undefined;
}
