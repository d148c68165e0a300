import { setTimeout as sleep } from 'node:timers/promises';
import {
  Application as ApplicationKind,
  builtin,
  type ApplicationObject,
  type GitSourceObject,
  type ObjectMeta,
} from '@kasmcloud/kube-api';
import { AlreadyExistsError, ConflictError, type KubeClient } from '@kasmcloud/kube';
import { addVersion, latestVersion, removeVersion, resolveVersion, type Versions } from '@kasmcloud/oam';
import { sameJson } from '../same-json.ts';
import { manifestOfObject, versionIn, withVersion, type Manifest } from './manifest.ts';
import { ownerOf } from './ownership.ts';
import { unmetShares } from './peers.ts';
import { draftRevision, listRevisions, versionOf, type Revision } from './revisions.ts';
import {
  isDeployed,
  manifestOf,
  sameContent,
  storedApplication,
  type StoredApplication,
} from './stored-application.ts';
import type { TakenId, TakenIds } from './taken-ids.ts';

export interface VersionsOptions {
  /** The scheduler's own identity: keeps the revisions. */
  readonly own: KubeClient;
  readonly sourceOf: (key: string) => GitSourceObject | undefined;
  readonly ids: Pick<TakenIds, 'find' | 'wrote' | 'deleted'>;
  /** Makes the version of a manifest that has none. */
  readonly freshVersion: () => string;
  /** How many versions are kept; the deployed one always is. Default 10. */
  readonly historyLimit?: number;
}

/** Whoever asks for a write: Applications are written as this identity, so that the hub's own rules decide. */
export interface Writer {
  readonly hub: KubeClient;
  readonly fieldManager: string;
  /** Takes an Application over from kubectl; never from git. */
  readonly force: boolean;
}

/** Which Application. */
export interface Which {
  readonly namespace: string;
  readonly name: string;
}

export type Refusal =
  | { readonly kind: 'notFound' }
  | { readonly kind: 'noSuchVersion'; readonly version: string }
  | { readonly kind: 'versionTaken'; readonly version: string }
  | { readonly kind: 'owned'; readonly message: string }
  | ({ readonly kind: 'idTaken' } & TakenId)
  | { readonly kind: 'sharesMissing'; readonly components: readonly string[] };

export interface Put {
  readonly kind: 'put';
  readonly version: string;
  /** The latest version before this one. */
  readonly previous: string | undefined;
  /** False when the same manifest was there already. */
  readonly changed: boolean;
  readonly versions: Versions;
}
export type Deployed = { readonly kind: 'deployed'; readonly version: string };
export type Undeployed = { readonly kind: 'undeployed'; readonly was: string | undefined };
export type Removed = {
  readonly kind: 'removed';
  /** Whether something ran that runs no more. */
  readonly undeployed: boolean;
  /** Whether the whole Application is gone. */
  readonly last: boolean;
};

/** Versions kept of each Application. */
const HISTORY_LIMIT = 10;
/** Writes of others that may come between before we give up. */
const ATTEMPTS = 6;

/**
 * Versions of Applications, as wadm has them: put, deploy, undeploy, delete. The Application's `spec` is what is
 * deployed, an empty list of components means nothing; each version that was put is a ControllerRevision that the
 * Application owns. Expected refusals are answers; what the hub refuses is thrown as it comes.
 */
export class ApplicationVersions {
  readonly #options: VersionsOptions;

  constructor(options: VersionsOptions) {
    this.#options = options;
  }

  /** Undefined when there is none, or it is on its way out. */
  async find({ namespace, name }: Which, signal: AbortSignal): Promise<StoredApplication | undefined> {
    const { own } = this.#options;
    const object = await own.find<ApplicationObject>(ApplicationKind, name, namespace, { signal });
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
    return storedApplication(object, await listRevisions(own, namespace, name, signal));
  }

  /** Every Application of a namespace, by name. */
  async list(namespace: string, signal: AbortSignal): Promise<readonly StoredApplication[]> {
    const { own } = this.#options;
    const { items } = await own.list<ApplicationObject>(ApplicationKind, { namespace, signal });
    const revisions = await listRevisions(own, namespace, undefined, signal);
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((object) => storedApplication(object, revisions));
  }

  /** Stores a version without deploying it. The same manifest again changes nothing. */
  async put(writer: Writer, namespace: string, manifest: Manifest, signal: AbortSignal): Promise<Put | Refusal> {
    const which = { namespace, name: manifest.metadata.name };
    return this.#patiently(signal, async () => {
      const found = await this.#writable(writer, which, signal);
      if (found.kind === 'owned') return found;
      const stored = found.kind === 'notFound' ? await this.#create(writer, which, signal) : found.stored;
      const previous = latestVersion(stored.versions);
      const version = versionIn(manifest) ?? this.#versionFor(stored, previous, manifest);
      const standing = manifestOf(stored, version);
      if (standing !== undefined && !sameContent(standing, manifest)) return { kind: 'versionTaken', version };
      if (standing !== undefined) return { kind: 'put', version, previous, changed: false, versions: stored.versions };
      await this.#store(stored, version, manifest, undefined, signal);
      const dropped = await this.#prune(stored, 1, signal);
      const versions = dropped.reduce(removeVersion, addVersion(stored.versions, version));
      return { kind: 'put', version, previous, changed: true, versions };
    });
  }

  /** Makes a version what is deployed; without one, the latest. */
  async deploy(
    writer: Writer,
    which: Which,
    requested: string | undefined,
    signal: AbortSignal,
  ): Promise<Deployed | Refusal> {
    return this.#patiently(signal, async () => {
      const found = await this.#writable(writer, which, signal);
      if (found.kind !== 'writable') return found;
      const { stored } = found;
      const version = resolveVersion(stored.versions, requested);
      const manifest = version === undefined ? undefined : manifestOf(stored, version);
      if (version === undefined || manifest === undefined)
        return { kind: 'noSuchVersion', version: requested ?? 'latest' };
      const { own, ids } = this.#options;
      const taken = await ids.find(which.namespace, manifest);
      if (taken !== undefined) return { kind: 'idTaken', ...taken };
      const components = await unmetShares(own, which.namespace, manifest, signal);
      if (components.length > 0) return { kind: 'sharesMissing', components };
      await this.#write(writer, stored, manifest, signal);
      return { kind: 'deployed', version };
    });
  }

  /** Ends what runs; the versions stay. */
  async undeploy(writer: Writer, which: Which, signal: AbortSignal): Promise<Undeployed | Refusal> {
    return this.#patiently(signal, async () => {
      const found = await this.#writable(writer, which, signal);
      if (found.kind !== 'writable') return found;
      const was = found.stored.versions.deployed;
      await this.#write(writer, found.stored, undefined, signal);
      return { kind: 'undeployed', was };
    });
  }

  /** Deletes one version, and what runs when it is the deployed one; without a version, the whole Application. */
  async remove(
    writer: Writer,
    which: Which,
    version: string | undefined,
    signal: AbortSignal,
  ): Promise<Removed | Refusal> {
    return this.#patiently(signal, async () => {
      const found = await this.#writable(writer, which, signal);
      if (found.kind !== 'writable') return found;
      const { object, revisions, versions } = found.stored;
      if (version !== undefined && !versions.order.includes(version)) return { kind: 'noSuchVersion', version };
      const undeployed = versions.deployed !== undefined && (version ?? versions.deployed) === versions.deployed;
      const last = version === undefined || removeVersion(versions, version).order.length === 0;
      if (last) {
        const { uid } = object.metadata;
        await writer.hub.delete(ApplicationKind, which.name, which.namespace, { uid, signal });
        this.#options.ids.deleted(which.namespace, which.name);
      } else {
        if (undeployed) await this.#write(writer, found.stored, undefined, signal);
        for (const one of revisions) if (versionOf(one) === version) await this.#forget(one, signal);
      }
      return { kind: 'removed', undeployed, last };
    });
  }

  /**
   * An Application that the writer may change. What is deployed and has no revision gets one first, so that no write
   * loses what kubectl brought.
   */
  async #writable(
    writer: Writer,
    which: Which,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: 'writable'; readonly stored: StoredApplication }
    | Extract<Refusal, { readonly kind: 'owned' | 'notFound' }>
  > {
    const stored = await this.find(which, signal);
    if (stored === undefined) return { kind: 'notFound' };
    const owner = ownerOf(stored.object, this.#options.sourceOf);
    if (owner !== undefined && (owner.isGit || !writer.force)) return { kind: 'owned', message: owner.message };
    const { deployed } = stored.versions;
    const revision = stored.revisions.find((one) => versionOf(one) === deployed);
    if (deployed === undefined || (revision !== undefined && isDeployed(stored, revision)))
      return { kind: 'writable', stored };
    // Data of a revision cannot be changed: it is made anew.
    if (revision !== undefined) await this.#forget(revision, signal);
    await this.#store(stored, deployed, manifestOfObject(stored.object), revision?.revision, signal);
    const settled = await this.find(which, signal);
    return settled === undefined ? { kind: 'notFound' } : { kind: 'writable', stored: settled };
  }

  async #create(writer: Writer, { namespace, name }: Which, signal: AbortSignal): Promise<StoredApplication> {
    const { hub, fieldManager } = writer;
    const draft = { metadata: { namespace, name }, spec: { components: [] } };
    const object = await hub.create<ApplicationObject>(ApplicationKind, draft, { fieldManager, signal });
    return storedApplication(object, []);
  }

  /** What a manifest without a version is called: as the latest when it says the same, else anew. */
  #versionFor(stored: StoredApplication, previous: string | undefined, manifest: Manifest): string {
    const latest = previous === undefined ? undefined : manifestOf(stored, previous);
    if (previous !== undefined && latest !== undefined && sameContent(latest, manifest)) return previous;
    return this.#options.freshVersion();
  }

  async #store(
    stored: StoredApplication,
    version: string,
    manifest: Manifest,
    place: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const number = place ?? (stored.revisions.at(-1)?.revision ?? 0) + 1;
    const draft = draftRevision(stored.object, version, withVersion(manifest, version), number);
    await this.#options.own.create<Revision>(builtin.ControllerRevision, draft, { signal });
  }

  async #forget({ metadata }: Revision, signal: AbortSignal): Promise<void> {
    const { name, namespace, uid } = metadata;
    await this.#options.own.delete(builtin.ControllerRevision, name, namespace, { uid, signal });
  }

  /** The oldest versions go; never the deployed one. Returns them. */
  async #prune({ revisions, versions }: StoredApplication, added: number, signal: AbortSignal): Promise<string[]> {
    const { historyLimit = HISTORY_LIMIT } = this.#options;
    const surplus = Math.max(0, revisions.length + added - historyLimit);
    const dropped = revisions.filter((one) => versionOf(one) !== versions.deployed).slice(0, surplus);
    for (const one of dropped) await this.#forget(one, signal);
    return dropped.map(versionOf);
  }

  /** Writes what is deployed: a manifest, or nothing. The metadata of a version comes and goes with it. */
  async #write(
    { hub, fieldManager }: Writer,
    { object, versions, revisions }: StoredApplication,
    manifest: Manifest | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const before = revisions.find((one) => versionOf(one) === versions.deployed)?.data.metadata;
    const after = manifest?.metadata;
    const { managedFields: _, ...metadata } = object.metadata;
    const wanted = {
      metadata: {
        ...metadata,
        annotations: replaced(metadata.annotations, before?.annotations, after?.annotations),
        labels: replaced(metadata.labels, before?.labels, after?.labels),
      },
      spec: manifest?.spec ?? { components: [] },
    };
    if (sameJson(essence(wanted), essence(object))) return;
    this.#options.ids.wrote(await hub.replace<ApplicationObject>(ApplicationKind, wanted, { fieldManager, signal }));
  }

  /** Another write that came between is read, and then we try again. */
  async #patiently<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        const isRace = error instanceof ConflictError || error instanceof AlreadyExistsError;
        if (!isRace || tries === ATTEMPTS) throw error;
        await sleep(10 * 2 ** tries * Math.random(), undefined, { signal });
      }
    }
  }
}

type Texts = Readonly<Record<string, string>>;

/** `all` with the entries of one version instead of those of another. */
const replaced = (all: Texts = {}, before: Texts = {}, after: Texts = {}): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(all).filter(([key]) => before[key] === undefined)),
  ...after,
});

const essence = ({ metadata, spec }: { readonly metadata: Partial<ObjectMeta>; readonly spec: unknown }): unknown => ({
  annotations: metadata.annotations ?? {},
  labels: metadata.labels ?? {},
  spec,
});
