import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { ProviderObject } from '@kasmcloud/kube-api';
import { createXKey, providerWish, type LatticeConnection, type ProviderWish } from '@kasmcloud/lattice';
import type { Logger } from '@kasmcloud/observe';
import { archiveTarget, isArchive, readProviderArchive } from '@kasmcloud/oci';
import type { Clock } from '@kasmcloud/reconcile';
import { isFileImage } from '../images/file-image.ts';
import type { Image } from '../images/image-error.ts';
import type { Images } from '../images/images.ts';
import { PullBackoff } from '../images/pull-backoff.ts';
import { readPullSecrets } from '../images/pull-secrets.ts';
import { mergeConfig } from '../links/config.ts';
import { readSecretValues } from '../secrets/secret-values.ts';
import type { NamespaceView } from '../world/namespace-view.ts';
import type { Secrets } from '../world/secrets.ts';
import { Orphans } from './orphans.ts';
import { Programs } from './programs.ts';
import { providerEnvironment } from './provider-process.ts';
import { SupervisedProvider, type ProviderState, type SupervisionTimes } from './supervised-provider.ts';

export interface ProcessesOptions {
  /** Whether this host runs providers as processes at all. */
  readonly allowed: boolean;
  readonly secrets: Secrets;
  readonly connection: LatticeConnection;
  readonly images: Images;
  readonly maxImageBytes: number;
  /** Folder of this host for programs and notes. */
  readonly dataDir: string;
  readonly hostId: string;
  readonly natsUrl: string;
  readonly callTimeoutMs: number;
  readonly logLevel: string;
  readonly times: SupervisionTimes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** The provider under this key does otherwise than it did. */
  readonly onChange: (key: string) => void;
}

/** The host's settings do not let it run providers as processes. */
export class ProcessesOffError extends Error {
  override readonly name = 'ProcessesOffError';

  constructor(image: string) {
    super(
      `provider ${image} is not built into this host, and processes are off; set KASMCLOUD_PROVIDER_PROCESSES=true`,
    );
  }
}

/** Two Providers of one host have the same id in a lattice. */
export class ProviderIdTakenError extends Error {
  override readonly name = 'ProviderIdTakenError';
}

/** How one provider does, for its status. */
export interface ProcessReport {
  readonly state: ProviderState;
  readonly restarts: number;
  /** Of the archive or program. */
  readonly digest: string;
}

/** Something to execute, and what ends its use. */
interface Program {
  readonly path: string;
  readonly release: () => Promise<void>;
}

interface Running {
  readonly lattice: string;
  readonly id: string;
  readonly reference: string;
  readonly digest: string;
  readonly program: Program;
  readonly wish: ProviderWish;
  readonly supervised: SupervisedProvider;
}

/** How many times as large as the largest image an archive may be, unpacked. */
const UNPACKED = 4;

/** The providers that run as processes of this host. One look at one key at a time. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #running = new Map<string, Running>();
  readonly #programs: Programs;
  readonly #orphans: Orphans;
  readonly #pulls: PullBackoff;
  readonly #hostKey = createXKey();
  readonly #ready: Promise<void>;

  constructor(options: ProcessesOptions) {
    const { dataDir, clock } = options;
    this.#options = options;
    this.#programs = new Programs(join(dataDir, 'providers', 'programs'));
    this.#orphans = new Orphans(join(dataDir, 'providers', 'running'));
    this.#pulls = new PullBackoff(() => clock.now());
    this.#ready = this.#prepare();
  }

  /**
   * Makes a provider's process what its Provider, links, config and Secrets say; what runs goes on when they cannot be
   * followed.
   *
   * @throws ProcessesOffError, ProviderIdTakenError, ImageError, PullBackOffError, ArchiveError, ConfigMissingError,
   *   SecretError
   */
  async serve(key: string, provider: ProviderObject, view: NamespaceView, signal: AbortSignal): Promise<ProcessReport> {
    const { metadata, spec } = provider;
    const { namespace: lattice = '' } = metadata;
    const { secrets, allowed } = this.#options;
    if (!allowed) {
      await this.stop(key);
      throw new ProcessesOffError(spec.image);
    }
    await this.#ready;
    for (const [other, { id, lattice: its }] of this.#running) {
      if (other === key || id !== spec.id || its !== lattice) continue;
      throw new ProviderIdTakenError(`id ${id} is run here by ${other}: a host runs one provider per id`);
    }
    const wish = await providerWish(spec, {
      links: view.links,
      config: (names) => mergeConfig(lattice, names, view.config),
      secrets: async (named) => (await readSecretValues(secrets, lattice, named, signal)).forProvider(),
    });
    const running = await this.#runningFor(key, provider, wish, signal);
    running.supervised.update(wish);
    const { supervised, digest } = running;
    return { state: supervised.state, restarts: supervised.restarts, digest };
  }

  /** How long until a pull of this provider may be tried again; undefined when none waits. */
  waitMs(key: string): number | undefined {
    return this.#pulls.waitMs(key);
  }

  async stop(key: string): Promise<void> {
    this.#pulls.forget(key);
    const running = this.#running.get(key);
    if (running === undefined) return;
    this.#running.delete(key);
    await this.#end(running);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((key) => this.stop(key)));
  }

  /** The process that shall run: the one that does, or another in its place. */
  async #runningFor(key: string, provider: ProviderObject, wish: ProviderWish, signal: AbortSignal): Promise<Running> {
    const { metadata, spec } = provider;
    const { namespace: lattice = '' } = metadata;
    const before = this.#running.get(key);
    // A provider learns of its own secrets when it starts, and only then.
    const keeps = before !== undefined && isDeepStrictEqual(before.wish.secrets, wish.secrets);
    // A registry is asked once for each image; a file may have been built anew.
    if (keeps && before.reference === spec.image && !isFileImage(spec.image)) return before;
    const image = await this.#pull(key, provider, signal);
    if (keeps && before.digest === image.digest) return before;
    const program = await this.#programOf(spec.image, image);
    // One after the other: both would answer for the same id, and take each other's ports.
    if (before !== undefined) await this.#end(before);
    const { log, onChange } = this.#options;
    const supervised = new SupervisedProvider({
      ...this.#options,
      log: log.child({ lattice, provider: spec.id }),
      place: { ...this.#options, lattice, id: spec.id },
      hostKey: this.#hostKey,
      env: providerEnvironment(this.#options.env),
      path: program.path,
      folder: join(this.#options.dataDir, 'providers'),
      wish,
      orphans: this.#orphans,
      onChange: () => onChange(key),
    });
    const { id, image: reference } = spec;
    const running = { lattice, id, reference, digest: image.digest, program, wish, supervised };
    this.#options.images.pin(image);
    this.#running.set(key, running);
    return running;
  }

  async #end({ supervised, digest, program }: Running): Promise<void> {
    await supervised.stop();
    this.#options.images.unpin({ digest });
    await program.release();
  }

  #pull(key: string, { metadata, spec }: ProviderObject, signal: AbortSignal): Promise<Image> {
    const { secrets, images } = this.#options;
    const { namespace = '', generation } = metadata;
    const credentials = (within: AbortSignal): ReturnType<typeof readPullSecrets> =>
      readPullSecrets(secrets, namespace, spec.secrets ?? [], within);
    return this.#pulls.run(key, `${generation} ${spec.image}`, () =>
      images.readProvider(spec.image, { namespace, credentials }, signal),
    );
  }

  /** What is in the archive for this machine. A file that is no archive is itself the program, where it is. */
  async #programOf(reference: string, { bytes }: Image): Promise<Program> {
    if (isFileImage(reference) && !isArchive(bytes)) {
      const [location = ''] = reference.split('@sha256:', 1);
      return { path: fileURLToPath(location), release: () => Promise.resolve() };
    }
    const { maxImageBytes, clock } = this.#options;
    const target = archiveTarget(process.arch, process.platform);
    const options = { target, maxBytes: UNPACKED * maxImageBytes, now: clock.now() / 1000 };
    const path = await this.#programs.take(readProviderArchive(bytes, options).bytes);
    return { path, release: () => this.#programs.release(path) };
  }

  async #prepare(): Promise<void> {
    const { log, dataDir } = this.#options;
    try {
      // Where the processes are at home.
      await mkdir(join(dataDir, 'providers'), { recursive: true, mode: 0o700 });
      const ended = await this.#orphans.end();
      if (ended.length > 0) log.warn({ pids: ended }, 'providers of an earlier host ended');
    } catch (error) {
      log.error({ err: error }, 'what an earlier host has left cannot be looked for');
    }
  }
}
