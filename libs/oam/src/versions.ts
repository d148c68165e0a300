import { annotations } from '@kasmcloud/kube-api';
import type { Fields } from './parse/reader.ts';
import { isFields } from './parse/reader.ts';

/** The versions of one application, oldest put first, and the one that is deployed. */
export interface Versions {
  readonly order: readonly string[];
  readonly deployed: string | undefined;
}

/** The version put last is the latest, whatever its text. */
export const latestVersion = ({ order }: Versions): string | undefined => order.at(-1);

/** The version that a request means: none, an empty one and `latest` mean the latest; undefined when there is no such version. */
export function resolveVersion(versions: Versions, requested: string | null | undefined): string | undefined {
  if (requested === undefined || requested === null || requested === '' || requested === 'latest')
    return latestVersion(versions);
  return versions.order.includes(requested) ? requested : undefined;
}

/** Adds a version as the latest. One that is there already stays where it is. */
export const addVersion = (versions: Versions, version: string): Versions =>
  versions.order.includes(version) ? versions : { ...versions, order: [...versions.order, version] };

/** What is left without a version. Taking the latest away makes the one before it the latest. */
export const removeVersion = ({ order, deployed }: Versions, version: string): Versions => ({
  order: order.filter((one) => one !== version),
  deployed: deployed === version ? undefined : deployed,
});

/** A manifest with `metadata.annotations.version`: its own, or else `fresh`, which the caller makes (a ULID). */
export function withVersion(manifest: Fields, fresh: string): { readonly manifest: Fields; readonly version: string } {
  const metadata = isFields(manifest['metadata']) ? manifest['metadata'] : {};
  const present = isFields(metadata['annotations']) ? metadata['annotations'] : {};
  const own = present[annotations.version];
  const version = typeof own === 'string' && own !== '' ? own : fresh;
  const versioned = { ...metadata, annotations: { ...present, [annotations.version]: version } };
  return { manifest: { ...manifest, metadata: versioned }, version };
}
