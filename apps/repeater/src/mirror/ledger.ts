import type { Bucket } from '@kasmcloud/lattice';
import { decodeJson, encodeJson, WireError } from '@kasmcloud/wire';
import { z } from 'zod';

/** What both sides said of one thing when they last said the same, each by the hash of its own form. */
export interface Agreed {
  readonly hub: string;
  readonly bucket: string;
}

/** What was agreed on about one key of a bucket. */
export interface Page {
  /** The key's revision then. */
  readonly revision: number;
  /** By link; config has one entry. */
  readonly agreed: ReadonlyMap<string, Agreed>;
}

const shape = z.object({
  born: z.string().max(64),
  revision: z.int().min(0),
  agreed: z.record(z.string().max(64), z.tuple([z.string().max(64), z.string().max(64)])),
});

const blank: Page = { revision: 0, agreed: new Map() };

/**
 * Remembers, in a bucket beside that of the lattice, what the hub and the lattice last agreed on: without it nobody could
 * tell what one side deleted from what the other made. What was agreed on with a bucket that has been replaced since is
 * forgotten: that something is not in the new one says nothing.
 */
export class Ledger {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #born: string;

  /** @param born of the bucket whose keys are told of; `prefix` keeps them apart from those of another */
  constructor(bucket: Bucket, prefix: string, born: string) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#born = born;
  }

  async read(key: string, signal: AbortSignal): Promise<Page> {
    const entry = await this.#bucket.get(this.#prefix + key, signal);
    if (entry?.value === undefined) return blank;
    try {
      const { born, revision, agreed } = decodeJson('ledger page', shape, entry.value);
      if (born !== this.#born) return blank;
      return {
        revision,
        agreed: new Map(Object.entries(agreed).map(([id, [hub, bucket]]) => [id, { hub, bucket }])),
      };
    } catch (error) {
      if (error instanceof WireError) return blank;
      throw error;
    }
  }

  /** Writes the page if it is different from `before`. */
  async write(key: string, before: Page, { revision, agreed }: Page, signal: AbortSignal): Promise<void> {
    const said = (page: Page): string => JSON.stringify([...page.agreed].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    if (before.revision === revision && said(before) === said({ revision, agreed })) return;
    if (agreed.size === 0) return before === blank ? undefined : this.#bucket.purge(this.#prefix + key, signal);
    const pairs = Array.from(agreed, ([id, { hub, bucket }]) => [id, [hub, bucket]] as const);
    const value = encodeJson({ born: this.#born, revision, agreed: Object.fromEntries(pairs) });
    await this.#bucket.put(this.#prefix + key, value, signal);
  }

  /** Every key of which something was agreed on. */
  async keys(signal: AbortSignal): Promise<string[]> {
    const keys = await this.#bucket.keys(signal);
    return keys.filter((key) => key.startsWith(this.#prefix)).map((key) => key.slice(this.#prefix.length));
  }
}
