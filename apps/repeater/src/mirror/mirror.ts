import {
  builtin,
  conditionTypes,
  findCondition,
  setCondition,
  type Condition,
  type ConditionUpdate,
  type KubeObject,
} from '@kasmcloud/kube-api';
import { ConflictError, type KubeClient } from '@kasmcloud/kube';
import { openBucket, RevisionConflictError, type Bucket, type LatticeConnection } from '@kasmcloud/lattice';
import {
  backoffMs,
  done,
  requeueAfter,
  runController,
  WorkQueue,
  type Backoff,
  type Clock,
  type Random,
  type Result,
} from '@kasmcloud/reconcile';
import {
  componentOfKey,
  configBucket,
  encodeJson,
  latticeBucket,
  ledgerBucket,
  providerSubject,
  type Link,
} from '@kasmcloud/wire';
import type { Complaints } from '../legacy/complaints.ts';
import { ConfigMirror } from './config-mirror.ts';
import type { HubView } from './hub-view.ts';
import { HubWriter } from './hub-writer.ts';
import { Ledger } from './ledger.ts';
import { LinkMirror, type Mirrored } from './link-mirror.ts';

export interface MirrorOptions {
  readonly lattice: string;
  readonly hub: KubeClient;
  readonly view: HubView;
  readonly connection: LatticeConnection;
  /** Whether the lattice has its namespace on the hub; one that has none is no concern of the hub. */
  readonly isOnHub: () => boolean;
  /** JetStream domain of the buckets. */
  readonly domain?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly complaints: Complaints;
  readonly onError: (error: unknown) => void;
}

const JETSTREAM_MS = 5_000;
/** How often it is looked whether the buckets are still those that were opened. */
const CHECK_MS = 15_000;
const STALE_MS = 200;
const HOMELESS_MS = 5_000;
/** Rights and limits of the hub change rarely. */
const REFUSED_MS = 60_000;
const patience: Backoff = { baseMs: 500, maxMs: 15_000, jitter: 0.2 };

/** The buckets are not those that were opened, or tell of no changes any more. */
export class BucketsLostError extends Error {
  override readonly name = 'BucketsLostError';
}

interface Buckets {
  readonly links: Bucket;
  readonly configs: Bucket;
  readonly ledger: Bucket;
  /** When the first two were made. */
  readonly born: readonly [links: string, configs: string];
}

/** Keeps links and config of one lattice the same on the hub and in the lattice's JetStream buckets. */
export class Mirror {
  readonly #options: MirrorOptions;

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  /** Mirrors until the signal aborts. Without JetStream it says so and tries again for ever. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, isOnHub, onError } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      while (!isOnHub() && !signal.aborted) await clock.sleep(HOMELESS_MS, signal);
      if (signal.aborted) return;
      const startedAt = clock.steady();
      try {
        await this.#session(signal);
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
        await this.#tell(lost(error), signal);
      }
      if (clock.steady() - startedAt > CHECK_MS) failures = 0;
      await clock.sleep(backoffMs(patience, failures, random), signal);
    }
  }

  /** As long as the buckets are what they were when it began. */
  async #session(outer: AbortSignal): Promise<void> {
    const { connection } = this.#options;
    const buckets = await this.#open(outer);
    const end = new AbortController();
    const signal = AbortSignal.any([outer, end.signal]);
    const lose = (error: unknown): void => end.abort(error);
    const stopListening = connection.onStatus((status) => {
      if (status !== 'connected') lose(new BucketsLostError('The connection to NATS broke.'));
    });
    try {
      await Promise.all([this.#work(buckets, signal, lose), this.#check(buckets, signal, lose)]);
    } finally {
      stopListening();
    }
    if (!outer.aborted) throw end.signal.reason;
  }

  async #open(signal: AbortSignal): Promise<Buckets> {
    const { lattice, connection, domain } = this.#options;
    const open = async (name: string): Promise<Bucket> =>
      openBucket(connection, name, { timeoutMs: JETSTREAM_MS, signal, ...(domain !== undefined && { domain }) });
    const [links, configs, ledger] = await Promise.all(
      [latticeBucket, configBucket, ledgerBucket].map(async (nameOf) => open(nameOf(lattice))),
    );
    if (links === undefined || configs === undefined || ledger === undefined) throw new BucketsLostError('no buckets');
    return { links, configs, ledger, born: [await links.born(signal), await configs.born(signal)] };
  }

  async #check({ links, configs, born }: Buckets, signal: AbortSignal, lose: (error: unknown) => void): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(CHECK_MS, signal);
      if (signal.aborted) return;
      try {
        const now = [await links.born(signal), await configs.born(signal)];
        if (now.some((one, at) => one !== born[at])) lose(new BucketsLostError('A bucket was made anew.'));
      } catch (error) {
        lose(error);
      }
    }
  }

  async #work(buckets: Buckets, signal: AbortSignal, lose: (error: unknown) => void): Promise<void> {
    const { lattice, view, clock, random, onError } = this.#options;
    const queue = new WorkQueue({ clock, random, signal, backoff: patience });
    const { links, configs, ledgers } = this.#mirrors(buckets);
    const reconcile = async (key: string): Promise<Result> => {
      const [kind, name] = split(key);
      return this.#after(kind === LINK ? links.mirror(name, signal) : configs.mirror(name, signal));
    };
    const running = runController({
      name: `mirror-${lattice}`,
      queue,
      clock,
      signal,
      workers: 4,
      reconcile,
      onError: (_, error) => {
        if (!signal.aborted) onError(error);
      },
    });
    const stop = view.onChange(lattice, {
      link: (source) => queue.add(`${LINK}/${source}`),
      config: (name) => queue.add(`${CONFIG}/${name}`),
    });
    const watch = async (bucket: Bucket, keyOf: (key: string) => string | undefined): Promise<void> => {
      for await (const { key } of bucket.watch(signal)) {
        const found = keyOf(key);
        if (found !== undefined) queue.add(found);
      }
      lose(new BucketsLostError(`The bucket ${bucket.name} tells of no changes any more.`));
    };
    try {
      await Promise.all([
        watch(buckets.links, linkKey),
        watch(buckets.configs, (key) => `${CONFIG}/${key}`),
        this.#recall(ledgers, queue, signal),
      ]);
    } catch (error) {
      lose(error);
    }
    stop();
    await running;
  }

  /** Of what is on neither side any more, only the ledger knows. */
  async #recall(
    { links, configs }: { readonly links: Ledger; readonly configs: Ledger },
    queue: WorkQueue,
    signal: AbortSignal,
  ): Promise<void> {
    for (const source of await links.keys(signal)) queue.add(`${LINK}/${source}`);
    for (const name of await configs.keys(signal)) queue.add(`${CONFIG}/${name}`);
    await this.#tell(mirrored, signal);
  }

  #mirrors(buckets: Buckets): {
    readonly links: LinkMirror;
    readonly configs: ConfigMirror;
    readonly ledgers: { readonly links: Ledger; readonly configs: Ledger };
  } {
    const { lattice, hub, view, clock, complaints } = this.#options;
    const ledgers = {
      links: new Ledger(buckets.ledger, `${LINK}.`, buckets.born[0]),
      configs: new Ledger(buckets.ledger, `${CONFIG}.`, buckets.born[1]),
    };
    const writer = new HubWriter({ lattice, hub, view });
    const onRefused = (what: string, error: unknown): void => complaints.add('mirror', `${lattice} ${what}`, error);
    const now = (): string => new Date(clock.now()).toISOString();
    const onDropped = (link: Link): void => this.#tellProviders(link);
    const common = { lattice, hub, view, writer, onRefused };
    return {
      links: new LinkMirror({ ...common, bucket: buckets.links, ledger: ledgers.links, onDropped, now }),
      configs: new ConfigMirror({ ...common, bucket: buckets.configs, ledger: ledgers.configs }),
      ledgers,
    };
  }

  async #after(mirroring: Promise<Mirrored>): Promise<Result> {
    try {
      switch (await mirroring) {
        case 'done':
          return done;
        case 'stale':
          return requeueAfter(STALE_MS);
        case 'refused':
          return requeueAfter(REFUSED_MS);
      }
    } catch (error) {
      // Another write came between: what is there now decides.
      if (error instanceof RevisionConflictError || error instanceof ConflictError) return requeueAfter(STALE_MS);
      throw error;
    }
  }

  /** Hosts see new links in the bucket; that one is gone, providers of wasmCloud 1.x are told only by whoever removed it. */
  #tellProviders(link: Link): void {
    const { lattice, connection, onError } = this.#options;
    try {
      const payload = encodeJson({ ...link, source_config: {}, target_config: {} });
      for (const id of [link.source_id, link.target])
        connection.publish(providerSubject.linkDelete(lattice, id), payload);
    } catch (error) {
      onError(error);
    }
  }

  /** Says on the lattice's namespace whether the buckets are what the hub is. */
  async #tell(condition: ConditionUpdate, signal: AbortSignal): Promise<void> {
    const { lattice, hub, clock, onError } = this.#options;
    try {
      const namespace = await hub.find<NamespaceObject>(builtin.Namespace, lattice, undefined, { signal });
      const before = findCondition(namespace?.status?.conditions, condition.type);
      if (namespace === undefined || (before?.status === condition.status && before.message === condition.message))
        return;
      const conditions = setCondition(namespace.status?.conditions, condition, new Date(clock.now()).toISOString());
      await hub.patchStatus(builtin.Namespace, namespace, { conditions }, { signal });
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
  }
}

type NamespaceObject = KubeObject<unknown, { readonly conditions?: readonly Condition[] }>;

const LINK = 'link';
const CONFIG = 'config';

const linkKey = (key: string): string | undefined => {
  const source = componentOfKey(key);
  return source === undefined ? undefined : `${LINK}/${source}`;
};

const split = (key: string): [kind: string, name: string] => {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
};

const mirrored: ConditionUpdate = {
  type: conditionTypes.mirrored,
  status: 'True',
  reason: 'Mirrored',
  message: 'links and config are the same here and in the buckets of the lattice',
};

const lost = (error: unknown): ConditionUpdate => ({
  type: conditionTypes.mirrored,
  status: 'False',
  reason: 'BucketsUnavailable',
  message: error instanceof Error ? error.message : String(error),
});
