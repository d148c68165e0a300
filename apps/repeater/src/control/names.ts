import { createHash } from 'node:crypto';
import { objectName } from '@kasmcloud/oam';
import { SECRET_PREFIX } from '@kasmcloud/wire';
import type { ConfigNames } from '../mirror/shapes.ts';

const ROOM = 180;

/** A name out of parts: the same parts give the same name, and others another. */
export const nameOf = (...parts: readonly string[]): string =>
  `${objectName(...parts)
    .slice(0, ROOM)
    .replace(/-+$/u, '')}-${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 10)}`;

/** Whether a name of config means a secret. */
export const isSecretName = (name: string): boolean => name.startsWith(SECRET_PREFIX);

/** The ConfigMaps and Secrets that a list of config names on the lattice means. */
export function splitConfig(
  names: readonly string[],
  configNames: Pick<ConfigNames, 'onHub'>,
): { config: string[]; secrets: string[] } {
  const secrets = names.filter(isSecretName);
  return {
    config: names.filter((name) => !secrets.includes(name)).map((name) => configNames.onHub(name)),
    secrets: secrets.map((name) => objectName(name.slice(SECRET_PREFIX.length).replace(/^_/, ''))),
  };
}

export const isLatticeId = (id: string): boolean => /^[A-Za-z0-9_-]{1,128}$/.test(id);
