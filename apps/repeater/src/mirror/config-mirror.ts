import type { Bucket, BucketEntry } from '@kasmcloud/lattice';
import { decodeConfig, encodeJson, WireError } from '@kasmcloud/wire';
import { decide } from './decide.ts';
import type { HubView } from './hub-view.ts';
import { RefusedByHubError, type HubWriter } from './hub-writer.ts';
import type { Ledger } from './ledger.ts';
import type { Mirrored } from './link-mirror.ts';
import { hashOfConfig, isConfigKey, isLattices, type Config, type ConfigMap } from './shapes.ts';

export interface ConfigMirrorOptions {
  readonly lattice: string;
  readonly view: HubView;
  readonly writer: HubWriter;
  readonly bucket: Bucket;
  readonly ledger: Ledger;
  /** Told what stays on its side alone, and why. */
  readonly onRefused: (name: string, error: unknown) => void;
}

/** A config is the one entry of its page. */
const ENTRY = '';

/** Makes one config the same on the hub and in the lattice's bucket. */
export class ConfigMirror {
  readonly #options: ConfigMirrorOptions;

  constructor(options: ConfigMirrorOptions) {
    this.#options = options;
  }

  async mirror(name: string, signal: AbortSignal): Promise<Mirrored> {
    const { lattice, bucket, ledger, view, writer, onRefused } = this.#options;
    if (!isConfigKey(name)) return 'done';
    const [entry, page] = await Promise.all([bucket.get(name, signal), ledger.read(name, signal)]);
    if (entry !== undefined && entry.revision < page.revision) return 'stale';
    view.requireRead();
    const object = view.config(lattice, name);
    const data = entry?.value && this.#read(name, entry.value, object);
    const before = page.agreed.get(ENTRY);
    const hub = object && hashOfConfig(object.data);
    const inBucket = data && hashOfConfig(data);
    const decision = decide({
      hub: object === undefined ? 'absent' : isLattices(object) ? 'lattices' : 'hubs',
      bucket: data !== undefined ? 'present' : entry !== undefined && entry.value === undefined ? 'deleted' : 'absent',
      isSame: hub !== undefined && hub === inBucket,
      hubChanged: before?.hub !== hub,
      bucketChanged: before?.bucket !== inBucket,
    });
    try {
      for (const one of view.overruledConfigs(lattice, name)) await writer.dropConfig(one, signal);
      const agreed = await this.#carryOut(decision, { name, object, data, entry }, signal);
      const pages = agreed === undefined ? [] : [[ENTRY, { hub: agreed.hash, bucket: agreed.hash }] as const];
      const revision = agreed?.revision ?? entry?.revision ?? 0;
      await ledger.write(name, page, { revision, agreed: new Map(pages) }, signal);
      return 'done';
    } catch (error) {
      if (!(error instanceof RefusedByHubError)) throw error;
      onRefused(name, error);
      return 'refused';
    }
  }

  /** What both sides say afterwards; undefined when neither has it. */
  async #carryOut(
    decision: ReturnType<typeof decide>,
    {
      name,
      object,
      data,
      entry,
    }: { name: string; object?: ConfigMap | undefined; data?: Config | undefined; entry?: BucketEntry | undefined },
    signal: AbortSignal,
  ): Promise<{ hash: string; revision: number } | undefined> {
    const { bucket, writer } = this.#options;
    const revision = entry?.revision ?? 0;
    switch (decision) {
      case 'agreed':
        return data && { hash: hashOfConfig(data), revision };
      case 'gone':
        return undefined;
      case 'toBucket':
        if (object === undefined) return undefined;
        return {
          hash: hashOfConfig(object.data),
          revision: await bucket.update(name, encodeJson(object.data), revision, signal),
        };
      case 'dropFromBucket':
        await bucket.remove(name, revision, signal);
        return undefined;
      case 'toHub':
        if (data === undefined) return undefined;
        await writer.putConfig(name, object, data, signal);
        return { hash: hashOfConfig(data), revision };
      case 'dropFromHub':
        if (object !== undefined) await writer.dropConfig(object, signal);
        return undefined;
    }
  }

  /** Undefined for what no host can read: where the hub knows the config, it is written anew. */
  #read(name: string, value: Uint8Array, object: ConfigMap | undefined): Config | undefined {
    try {
      return decodeConfig(value);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (object === undefined) this.#options.onRefused(name, error);
      return undefined;
    }
  }
}
