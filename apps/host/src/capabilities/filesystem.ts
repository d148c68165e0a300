import type { Folder } from '@kasmcloud/wasm';
import {
  ByLink,
  CapabilityConfigError,
  lowerCased,
  type Capability,
  type CapabilityLink,
  type CapabilityParts,
  type Origin,
} from './capability.ts';
import { volumeOf, type Volumes } from './volumes.ts';

/**
 * The folders that links give to actors of this host (wasi:filesystem). Config: `volume`, `path` as the actor calls it (`/`
 * when absent), and `access`: `read-only` (the default) or `read-write`.
 */
export class FilesystemCapability implements Capability {
  readonly #id: string;
  readonly #volumes: Volumes;
  readonly #links: ByLink<Folder>;

  constructor({ id }: CapabilityParts, volumes: Volumes) {
    this.#id = id;
    this.#volumes = volumes;
    this.#links = new ByLink(id);
  }

  async update(incoming: readonly CapabilityLink[]): Promise<void> {
    const folders: [CapabilityLink, Folder][] = [];
    let refusal: unknown;
    for (const link of incoming) {
      try {
        folders.push([link, this.#folderOf(link)]);
      } catch (error) {
        refusal ??= error;
      }
    }
    this.#links.replace(folders);
    if (refusal !== undefined) throw refusal;
  }

  async call(_: Origin, func: string): Promise<never> {
    throw new TypeError(`${this.#id} gives folders to actors of its own host; it has no function ${func} for others`);
  }

  folder(origin: Origin, signal: AbortSignal): Promise<Folder> {
    return this.#links.find(origin, signal);
  }

  async close(): Promise<void> {
    this.#links.replace([]);
  }

  #folderOf({ key, config }: CapabilityLink): Folder {
    const settings = lowerCased(config);
    const { path: guestPath = '/', access = 'read-only' } = settings;
    const path = volumeOf(this.#volumes, key, settings);
    if (!guestPath.startsWith('/')) {
      throw new CapabilityConfigError(`link ${key}: path: ${guestPath} does not begin with /`);
    }
    if (access !== 'read-only' && access !== 'read-write') {
      throw new CapabilityConfigError(`link ${key}: access: ${access} is neither read-only nor read-write`);
    }
    return { path, guestPath, isReadOnly: access === 'read-only' };
  }
}
