import { access } from 'node:fs/promises';
import { execute } from './steps.mjs';

/**
 * Installs packages of the system, by their Debian names: with apt-get as root or through sudo without a password, or with Homebrew.
 * Resolves with what was printed; undefined where none of that is possible.
 */
export async function installSystemPackages(names, tell) {
  if (process.platform === 'darwin') return brew(names, tell);
  if ((await execute('apt-get', ['--version'])).code !== 0) return undefined;
  if (process.getuid() === 0) return apt([], names, tell);
  return (await execute('sudo', ['-n', 'true'])).code === 0 ? apt(['sudo', '-n'], names, tell) : undefined;
}

/** Debian's names, where Homebrew has another. */
const formulas = { 'redis-server': 'redis' };
const formulasOf = (names) => names.map((name) => formulas[name] ?? name);

async function brew(names, tell) {
  if ((await execute('brew', ['--version'])).code !== 0) return undefined;
  const wanted = formulasOf(names);
  tell(`brew install ${wanted.join(' ')}`);
  return (await execute('brew', ['install', ...wanted])).output;
}

async function apt(prefix, names, tell) {
  // A server's package would start it as a service: RUNLEVEL=1 keeps it down where init scripts rule; systemd is told after.
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const run = async (...words) => {
    const [program, ...args] = [...prefix, ...words];
    return execute(program, args);
  };
  tell('apt-get update');
  await run(...quiet, 'apt-get', 'update');
  tell(`apt-get install ${names.join(' ')}`);
  const { output } = await run(...quiet, 'apt-get', 'install', '-y', '--no-install-recommends', ...names);
  const services = names.filter((name) => name.endsWith('-server'));
  if (services.length > 0 && (await hasSystemd())) await run('systemctl', 'disable', '--now', ...services);
  return output;
}

async function hasSystemd() {
  return access('/run/systemd/system').then(
    () => true,
    () => false,
  );
}

/** How a person installs packages that we could not. */
export const installByHand = (names) =>
  process.platform === 'darwin'
    ? `Install Homebrew (https://brew.sh), then run: brew install ${formulasOf(names).join(' ')}`
    : `On Debian or Ubuntu run: sudo apt-get install ${names.join(' ')}`;
