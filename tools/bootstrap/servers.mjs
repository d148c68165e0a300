import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execute, SetupError } from './steps.mjs';
import { installByHand, installSystemPackages } from './system-packages.mjs';

/** Programs that KasmCloud starts but does not carry. `variable` names a path to use instead. */
export const servers = [
  { name: 'nats-server', variable: 'NATS_SERVER_BIN', oldest: [2, 9], version: /v(\d+)\.(\d+)/ },
  { name: 'redis-server', variable: 'REDIS_SERVER_BIN', oldest: [6, 0], version: /v=(\d+)\.(\d+)/ },
];

const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'];

/** Finds nats-server and redis-server, and installs what is missing or too old with the system's package program. */
export async function installServers(tell) {
  const lacking = [];
  for (const server of servers) if ((await find(server)) === undefined) lacking.push(server);
  if (lacking.length === 0) return 'present';

  const names = lacking.map(({ name }) => name);
  const output = await installSystemPackages(names, tell);
  if (output === undefined) throw new SetupError(instructions(lacking));
  for (const server of lacking) {
    if ((await find(server)) === undefined) throw new SetupError(`${instructions([server])}\n\n${output.trim()}`);
  }
  return `installed ${names.join(', ')}`;
}

/** The path of a server that is new enough, or undefined. */
export async function find({ name, variable, oldest, version }) {
  const chosen = process.env[variable];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...FOLDERS];
  for (const path of chosen ? [chosen] : folders.map((folder) => join(folder, name))) {
    if (!(await isExecutable(path))) continue;
    const said = version.exec((await execute(path, ['--version'])).output);
    if (said !== null && isAtLeast([Number(said[1]), Number(said[2])], oldest)) return path;
  }
  return undefined;
}

export const isAtLeast = ([major, minor], [oldMajor, oldMinor]) =>
  major > oldMajor || (major === oldMajor && minor >= oldMinor);

async function isExecutable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function instructions(lacking) {
  const wanted = lacking.map(
    ({ name, oldest, variable }) => `  ${name} ${oldest.join('.')} or newer (or set ${variable} to its path)`,
  );
  return [
    'KasmCloud needs these programs and cannot install them here:',
    ...wanted,
    installByHand(lacking.map(({ name }) => name)),
  ].join('\n');
}
