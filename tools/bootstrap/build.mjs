import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodePath } from './runtime.mjs';
import { execute, SetupError } from './steps.mjs';

const LOCK_WAIT_MS = 300_000;

/** Builds the apps whose `dist` is older than what it is made from. Resolves with their names. */
export async function buildStale(root, tell = () => {}) {
  if ((await staleApps(root)).length === 0) return [];
  return withLock(join(root, 'node_modules', '.kasm-build.lock'), async () => {
    // Another kasm may have built them while this one waited.
    const apps = await staleApps(root);
    const pending = [...apps];
    const worker = async () => {
      for (let app = pending.shift(); app !== undefined; app = pending.shift()) {
        tell(`building ${app}`);
        await build(root, app);
      }
    };
    // Both are waited for, so that nothing goes on after a failure was told.
    const ends = await Promise.allSettled([worker(), worker()]);
    for (const { reason } of ends) if (reason !== undefined) throw reason;
    return apps;
  });
}

async function build(root, app) {
  const folder = join(root, 'apps', app);
  const startedAt = new Date();
  const rolldown = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  const { code, output } = await execute(nodePath(root), [rolldown, '-c', 'rolldown.config.ts'], { cwd: folder });
  if (code !== 0) throw new SetupError(`apps/${app} does not build:\n${output.trim()}`);
  // The stamp bears the time before the build: a file that changed meanwhile makes the app stale again.
  await writeFile(stampOf(root, app), '');
  await utimes(stampOf(root, app), startedAt, startedAt);
}

/** Apps that were never built, or have a source, a library or a lock file that changed since. */
export async function staleApps(root) {
  const shared = await Promise.all([
    ...(await folders(join(root, 'libs'))).map((lib) => newestChange(join(root, 'libs', lib, 'src'))),
    ...['package-lock.json', 'rolldown.shared.ts', 'tsconfig.base.json'].map((file) => changeOf(join(root, file))),
  ]);
  const stale = [];
  for (const app of await folders(join(root, 'apps'))) {
    const folder = join(root, 'apps', app);
    const own = [newestChange(join(folder, 'src')), changeOf(join(folder, 'rolldown.config.ts'))];
    const builtAt = await changeOf(stampOf(root, app));
    if (Math.max(...shared, ...(await Promise.all(own))) > builtAt) stale.push(app);
  }
  return stale;
}

const stampOf = (root, app) => join(root, 'apps', app, 'dist', '.stamp');

async function folders(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** The latest change below a folder, in milliseconds, tests aside. A removed file shows as a change of its folder. */
async function newestChange(folder) {
  let newest = await changeOf(folder);
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.name.endsWith('.test.ts')) continue;
    const path = join(folder, entry.name);
    const change = entry.isDirectory() ? await newestChange(path) : await changeOf(path);
    newest = Math.max(newest, change);
  }
  return newest;
}

const changeOf = async (path) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;

/** Runs `work` while no other process does; a lock whose owner is gone is taken over. */
async function withLock(folder, work) {
  const deadline = performance.now() + LOCK_WAIT_MS;
  while (!(await tryLock(folder))) {
    if (performance.now() > deadline) {
      throw new SetupError(
        `Another kasm has been building for ${LOCK_WAIT_MS / 1000} s. If none runs, remove ${folder}.`,
      );
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryLock(folder) {
  try {
    await mkdir(folder);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (await isAbandoned(folder)) await rm(folder, { recursive: true, force: true });
    return false;
  }
  await writeFile(join(folder, 'pid'), String(process.pid));
  return true;
}

async function isAbandoned(folder) {
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'));
  if (pid === 0) return Date.now() - (await changeOf(folder)) > 5_000;
  return !isAlive(pid);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
