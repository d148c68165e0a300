import { fieldManagers, WasmCloudLink, conditionTypes, type LinkObject } from '@kasmcloud/kube-api';
import { NotFoundError, updateStatus, type KubeClient } from '@kasmcloud/kube';
import type { Bucket } from '@kasmcloud/lattice';
import { componentKey, type Link } from '@kasmcloud/wire';
import {
  encodeComponent,
  newComponent,
  readComponent,
  type ComponentValue,
  type StoredLink,
} from './component-value.ts';
import { decide, type Sides } from './decide.ts';
import type { HubView } from './hub-view.ts';
import { RefusedByHubError, type HubWriter } from './hub-writer.ts';
import type { Agreed, Ledger, Page } from './ledger.ts';
import {
  areRivals,
  firstMade,
  hashOfLink,
  hashOfWish,
  isLattices,
  linkId,
  toLink,
  toWish,
  wishOf,
  type ConfigNames,
} from './shapes.ts';

export interface LinkMirrorOptions {
  readonly lattice: string;
  readonly hub: KubeClient;
  readonly view: HubView;
  readonly writer: HubWriter;
  readonly bucket: Bucket;
  readonly ledger: Ledger;
  /** Told what stays in the bucket alone, and why. */
  readonly onRefused: (source: string, error: unknown) => void;
  /** A link is gone from the lattice because it is gone from the hub. */
  readonly onDropped: (link: Link) => void;
  /** RFC 3339. */
  readonly now: () => string;
}

/** `stale`: the bucket showed something older than what was seen of it before; look again soon. */
export type Mirrored = 'done' | 'refused' | 'stale';

/** Makes the links of one source the same on the hub and in the lattice's bucket. */
export class LinkMirror {
  readonly #options: LinkMirrorOptions;

  constructor(options: LinkMirrorOptions) {
    this.#options = options;
  }

  async mirror(source: string, signal: AbortSignal): Promise<Mirrored> {
    const { lattice, bucket, ledger, view } = this.#options;
    const key = componentKey(source);
    const [entry, page] = await Promise.all([bucket.get(key, signal), ledger.read(source, signal)]);
    if (entry !== undefined && entry.revision < page.revision) return 'stale';
    view.requireRead();
    const value = entry?.value && readComponent(source, entry.value);
    const pass = new Pass(this.#options, page, value ?? newComponent, entry !== undefined, signal);
    await pass.run(view.linksOf(lattice, source));
    const revision = pass.isBucketChanged
      ? await bucket.update(key, encodeComponent(pass.value), entry?.revision ?? 0, signal)
      : (entry?.revision ?? 0);
    for (const link of pass.dropped) this.#options.onDropped(link);
    await ledger.write(source, page, { revision, agreed: pass.agreed }, signal);
    await this.#tell(source, pass.duplicates, signal);
    return pass.isRefused ? 'refused' : 'done';
  }

  async #tell(source: string, duplicates: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const { lattice, hub, view, now } = this.#options;
    for (const link of view.linksOf(lattice, source)) {
      const { name, generation } = link.metadata;
      const isDuplicate = duplicates.has(name);
      const condition = {
        type: conditionTypes.ready,
        status: isDuplicate ? ('False' as const) : ('True' as const),
        reason: isDuplicate ? 'Duplicate' : 'InLattice',
        message: isDuplicate ? 'another WasmCloudLink, made before, is the same link' : 'the lattice has this link',
        ...(generation !== undefined && { observedGeneration: generation }),
      };
      const options = { now: now(), fieldManager: fieldManagers.repeater, signal };
      try {
        await updateStatus(hub, WasmCloudLink, link, { conditions: [condition] }, options);
      } catch (error) {
        // Deleted meanwhile.
        if (!(error instanceof NotFoundError)) throw error;
      }
    }
  }
}

/** One look at one source. */
class Pass {
  readonly agreed = new Map<string, Agreed>();
  readonly dropped: Link[] = [];
  /** Names of objects that say again what another says. */
  readonly duplicates = new Set<string>();
  isBucketChanged = false;
  isRefused = false;
  readonly #options: LinkMirrorOptions;
  readonly #page: Page;
  readonly #names: ConfigNames;
  readonly #isKeyThere: boolean;
  readonly #signal: AbortSignal;
  readonly #rest: ComponentValue['rest'];
  #links: readonly StoredLink[];

  constructor(options: LinkMirrorOptions, page: Page, value: ComponentValue, isKeyThere: boolean, signal: AbortSignal) {
    this.#options = options;
    this.#page = page;
    this.#names = options.view.names(options.lattice);
    this.#isKeyThere = isKeyThere;
    this.#signal = signal;
    this.#rest = value.rest;
    this.#links = value.links;
  }

  get value(): ComponentValue {
    return { rest: this.#rest, links: this.#links };
  }

  async run(objects: readonly LinkObject[]): Promise<void> {
    const onHub = await this.#byId(objects);
    const inBucket = new Map(
      this.#links.flatMap(({ link }) => (link === undefined ? [] : [[linkId(link), link] as const])).toReversed(),
    );
    const hubs = [...onHub.values()].filter((one) => !isLattices(one)).map((one) => toLink(one, this.#names));
    for (const id of new Set([...onHub.keys(), ...inBucket.keys(), ...this.#page.agreed.keys()])) {
      const link = inBucket.get(id);
      const object = onHub.get(id);
      // Two targets for one interface cannot be: the hub's own stands.
      const isOverruled = object === undefined && link !== undefined && hubs.some((one) => areRivals(one, link));
      if (isOverruled) this.#overrule(id, link);
      else await this.#settle(id, object, link);
    }
  }

  async #byId(objects: readonly LinkObject[]): Promise<Map<string, LinkObject>> {
    const groups = Map.groupBy(objects, (one) => linkId(toLink(one, this.#names)));
    const byId = new Map<string, LinkObject>();
    for (const [id, same] of groups) {
      const hubs = same.filter((one) => !isLattices(one));
      const first = firstMade(hubs.length > 0 ? hubs : same);
      if (first !== undefined) byId.set(id, first);
      for (const one of same) {
        if (one === first) continue;
        this.duplicates.add(one.metadata.name);
        // What came from the lattice gives way to who says the same on the hub, and does not outlive that.
        if (hubs.length > 0 && isLattices(one))
          await this.#unlessRefused(id, undefined, async () => this.#fromHub(one));
      }
    }
    return byId;
  }

  async #settle(id: string, object: LinkObject | undefined, link: Link | undefined): Promise<void> {
    const before = this.#page.agreed.get(id);
    const hubHash = object && hashOfWish(wishOf(object));
    const bucketHash = link && hashOfLink(link);
    const decision = decide({
      hub: object === undefined ? 'absent' : isLattices(object) ? 'lattices' : 'hubs',
      bucket: link !== undefined ? 'present' : this.#isKeyThere ? 'deleted' : 'absent',
      isSame: this.#isSame(object, link),
      hubChanged: before?.hub !== hubHash,
      bucketChanged: before?.bucket !== bucketHash,
    } satisfies Sides);
    switch (decision) {
      case 'gone':
        return;
      case 'agreed':
        return this.#agree(id, hubHash, bucketHash);
      case 'toBucket':
        if (object !== undefined) this.#put(id, toLink(object, this.#names), hubHash);
        if (object !== undefined && link !== undefined && !isLattices(object) && before?.hub === hubHash)
          this.#tellUndone(link);
        return;
      case 'dropFromBucket':
        if (link !== undefined) this.dropped.push(link);
        return this.#drop(id);
      case 'toHub':
        if (link !== undefined) await this.#toHub(id, object, link, before);
        return;
      case 'dropFromHub':
        if (object !== undefined) await this.#unlessRefused(id, before, async () => this.#fromHub(object));
    }
  }

  #isSame(object: LinkObject | undefined, link: Link | undefined): boolean {
    if (object === undefined || link === undefined) return false;
    // The hub's own is to stand in the lattice word for word; for what came from there it is enough to mean the same.
    if (!isLattices(object)) return hashOfLink(toLink(object, this.#names)) === hashOfLink(link);
    const wish = toWish(link, this.#names);
    return wish !== undefined && hashOfWish(wish) === hashOfWish(wishOf(object));
  }

  async #toHub(id: string, object: LinkObject | undefined, link: Link, before: Agreed | undefined): Promise<void> {
    await this.#unlessRefused(id, before, async () => {
      const wish = toWish(link, this.#names);
      if (wish === undefined) throw new RefusedByHubError('a link that Kubernetes has no words for');
      const written = await this.#options.writer.putLink(object, wish, this.#signal);
      this.#agree(id, hashOfWish(wishOf(written)), hashOfLink(link));
    });
  }

  async #fromHub(object: LinkObject): Promise<void> {
    await this.#options.writer.dropLink(object, this.#signal);
  }

  /** What the hub refuses stays as it is on both sides, and as unsettled as it was. */
  async #unlessRefused(id: string, before: Agreed | undefined, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof RefusedByHubError)) throw error;
      this.isRefused = true;
      if (before !== undefined) this.agreed.set(id, before);
      this.#options.onRefused(`link ${id}`, error);
    }
  }

  #overrule(id: string, link: Link): void {
    this.#drop(id);
    this.#tellUndone(link);
  }

  #tellUndone({ source_id, target }: Link): void {
    const words = `the link of ${source_id} to ${target} is the hub's to say: what was written in the lattice is undone`;
    this.#options.onRefused(componentKey(source_id), new RefusedByHubError(words));
  }

  #agree(id: string, hub: string | undefined, bucket: string | undefined): void {
    if (hub !== undefined && bucket !== undefined) this.agreed.set(id, { hub, bucket });
  }

  #put(id: string, link: Link, hubHash: string | undefined): void {
    const at = this.#links.findIndex(({ link: one }) => one !== undefined && linkId(one) === id);
    const stored = { raw: link, link };
    this.#links = at === -1 ? [...this.#links, stored] : this.#links.with(at, stored);
    this.isBucketChanged = true;
    this.#agree(id, hubHash, hashOfLink(link));
  }

  #drop(id: string): void {
    this.#links = this.#links.filter(({ link }) => link === undefined || linkId(link) !== id);
    this.isBucketChanged = true;
  }
}
