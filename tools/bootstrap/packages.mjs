import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, SetupError } from './steps.mjs';

/**
 * Installs the npm packages of the workspace unless every one that package-lock.json names is there.
 * Registries without the optional packages of other systems make `npm ci` refuse the lock; `npm install` does not.
 */
export async function installPackages(root, tell) {
  const missing = await missingPackages(root);
  if (missing.length === 0) return 'present';
  const env = { ...process.env, npm_config_loglevel: 'error' };
  tell('npm ci');
  const ci = await execute('npm', ['ci'], { cwd: root, env });
  if (ci.code === 0) return 'installed';
  tell('npm install (npm ci refused)');
  const install = await execute('npm', ['install', '--no-save'], { cwd: root, env });
  if (install.code !== 0) {
    throw new SetupError(`npm could not install the packages. npm install said:\n${install.output.trim()}`);
  }
  return 'installed';
}

/** Names of packages that the lock asks of this system and that node_modules lacks or has in another version. */
export async function missingPackages(root) {
  const locked = await packagesOf(join(root, 'package-lock.json'));
  const installed = await packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (locked === undefined)
    throw new SetupError(`${join(root, 'package-lock.json')} cannot be read: is this a clone of KasmCloud?`);
  if (installed === undefined) return Object.keys(locked);
  return Object.entries(locked)
    .filter(([path, entry]) => path.includes('node_modules/') && isMissing(entry, installed[path]))
    .map(([path]) => path);
}

const isMissing = (entry, found) =>
  found === undefined ? entry.optional !== true || isBuiltForThisSystem(entry) : found.version !== entry.version;

/** An optional package that names exactly this system, such as a native binding: tools break without it. */
function isBuiltForThisSystem({ os, cpu, libc }) {
  if (os === undefined || cpu === undefined) return false;
  return (
    os.includes(process.platform) && cpu.includes(process.arch) && (libc === undefined || libc.includes(libcName()))
  );
}

function libcName() {
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

async function packagesOf(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
