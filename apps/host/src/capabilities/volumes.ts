import { CapabilityConfigError } from './capability.ts';

/** The folders of this host that links may name, by name. */
export type Volumes = ReadonlyMap<string, string>;

/** The folder that a link's config names. @throws CapabilityConfigError */
export function volumeOf(
  volumes: Volumes,
  link: string,
  { volume = '' }: Readonly<Record<string, string | undefined>>,
): string {
  const folder = volumes.get(volume);
  if (folder !== undefined) return folder;
  const why = volume === '' ? 'needs volume' : `names volume ${volume}, which this host has not`;
  throw new CapabilityConfigError(`link ${link}: its target config ${why}: see KASMCLOUD_VOLUMES`);
}
