import { isAbsolute, normalize } from 'node:path';

/** `name=/folder,…` as a map, or what is wrong with it. */
export function parseVolumes(text: string): ReadonlyMap<string, string> | string {
  const volumes = new Map<string, string>();
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const [, name, path] = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)=(.+)$/.exec(item) ?? [];
    if (name === undefined || path === undefined) return `"${item}" is not name=/folder, with a name of a-z, 0-9 and -`;
    if (!isAbsolute(path)) return `volume ${name}: ${path} is not an absolute path`;
    if (volumes.has(name)) return `volume ${name} is named twice`;
    volumes.set(name, normalize(path));
  }
  return volumes;
}
