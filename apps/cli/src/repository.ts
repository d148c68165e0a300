import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the clone: the nearest one above this file that has the workspace's lock file. */
export const repositoryRoot: string = above(import.meta.dirname);

/** The bundle of an app of this repository. */
export const appMain = (app: 'cli' | 'host' | 'repeater' | 'scheduler'): string =>
  join(repositoryRoot, 'apps', app, 'dist', 'main.js');

export function version(): string {
  const { version: found }: { version?: unknown } = JSON.parse(
    readFileSync(join(repositoryRoot, 'package.json'), 'utf8'),
  );
  return String(found);
}

function above(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`kasm runs from a clone of KasmCloud: no package-lock.json above ${folder}`);
  return above(parent);
}
