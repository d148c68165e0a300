import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../user-error.ts';

const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'];

/** The path of a server program: the one that `variable` names, or the first on PATH and in the usual folders. */
export function findServer(name: string, variable: string, env: NodeJS.ProcessEnv): string {
  const chosen = env[variable];
  if (chosen !== undefined && chosen !== '') return chosen;
  const folders = [...(env['PATH'] ?? '').split(delimiter), ...FOLDERS];
  const path = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (path === undefined) {
    throw new UserError(`${name} was not found: run npm start once, which installs it, or set ${variable} to its path`);
  }
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
