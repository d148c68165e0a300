import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  createXKey,
  hostDataOf,
  NoRespondersError,
  RequestTimeoutError,
  sealedLink,
  type LatticeConnection,
  type LatticeSubscription,
  type ProviderPlace,
  type ProviderWish,
  type SealingKeys,
  type WishedLink,
  type XKey,
} from '@kasmcloud/lattice';
import type { Logger } from '@kasmcloud/observe';
import type { Clock } from '@kasmcloud/reconcile';
import {
  decodeHealth,
  decodeProviderLink,
  encodeHostData,
  encodeJson,
  providerLinkKey,
  providerSubject,
  WireError,
  type ProviderHealth,
} from '@kasmcloud/wire';
import { ProviderProcess, type Exit } from './provider-process.ts';

export interface LifeOptions {
  readonly connection: LatticeConnection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly place: Omit<ProviderPlace, 'instanceId'>;
  readonly hostKey: XKey;
  readonly env: Readonly<Record<string, string>>;
  readonly path: string;
  readonly folder: string;
  readonly wish: ProviderWish;
  /** Lines of its output that were not written. */
  readonly onDropped: (lines: number) => void;
}

/** One process of a provider, and what passes between it and its host over NATS. */
export class ProviderLife {
  readonly #options: LifeOptions;
  readonly #keys: SealingKeys;
  readonly #process: ProviderProcess;
  readonly #deletions: LatticeSubscription;
  /** What the process knows. */
  #told: ProviderWish;
  #hasAnswered = false;

  constructor(options: LifeOptions) {
    const { connection, place, wish, log } = options;
    this.#options = options;
    this.#told = wish;
    this.#keys = { host: options.hostKey, provider: createXKey() };
    const data = hostDataOf({ ...place, instanceId: randomUUID() }, wish, this.#keys);
    this.#process = new ProviderProcess({
      ...options,
      input: encodeHostData(data),
      onLine: (stream, line) => log.info({ stream, line }, 'provider output'),
    });
    // Links are taken away under the provider's id, which processes on other hosts have too. Whoever takes away one that
    // this process is to have, this host among them when its config changes: it is put again.
    this.#deletions = connection.subscribe(providerSubject.linkDelete(place.lattice, place.id), ({ data: payload }) => {
      const link = this.#told.links.get(deletedKey(payload));
      if (link !== undefined) this.#put(link);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get exited(): Promise<Exit> {
    return this.#process.exited;
  }

  get isOver(): boolean {
    return this.#process.isOver;
  }

  /**
   * Tells the process what has changed for it. One that has not answered yet does not listen yet, and without a
   * connection nothing can be told: then it is to be called again.
   */
  update(wish: ProviderWish): void {
    const { connection, place } = this.#options;
    if (!connection.isConnected || !this.#hasAnswered) return;
    const before = this.#told;
    this.#told = wish;
    for (const [key, old] of before.links) {
      if (isDeepStrictEqual(wish.links.get(key), old)) continue;
      const bare = { source_config: {}, target_config: {}, source_secrets: null, target_secrets: null };
      connection.publish(providerSubject.linkDelete(place.lattice, place.id), encodeJson({ ...old.link, ...bare }));
    }
    for (const [key, link] of wish.links) if (!before.links.has(key)) this.#put(link);
    if (!isDeepStrictEqual(before.config, wish.config)) {
      connection.publish(providerSubject.config(place.lattice, place.id), encodeJson(wish.config));
    }
  }

  /**
   * Asks after its health: under its own key, as providers of `@kasmcloud/provider` answer, or else under the id, which
   * processes on other hosts may have too. Undefined when there is no answer within `timeoutMs`.
   */
  async askHealth(timeoutMs: number, signal: AbortSignal): Promise<ProviderHealth | undefined> {
    const { place, connection } = this.#options;
    for (const receiver of [this.#keys.provider.publicKey, place.id]) {
      try {
        const subject = providerSubject.health(place.lattice, receiver);
        const answer = await connection.request(subject, new Uint8Array(), { timeoutMs, signal });
        this.#hasAnswered = true;
        return decodeHealth(answer.data);
      } catch (error) {
        if (error instanceof NoRespondersError) continue;
        if (error instanceof RequestTimeoutError) return undefined;
        if (error instanceof WireError) return { healthy: false, message: error.message };
        throw error;
      }
    }
    return undefined;
  }

  /** Asks the process to end, and ends it when it has not within `stopMs`. */
  async end(stopMs: number): Promise<void> {
    const { place, connection, log } = this.#options;
    const over = new AbortController();
    const timer = setTimeout(() => {
      if (!this.isOver) log.warn({ stopMs }, 'provider did not stop when it was asked to, and was killed');
      over.abort();
      this.kill();
    }, stopMs);
    const subject = providerSubject.shutdown(place.lattice, place.id);
    const asking = connection
      .request(subject, encodeJson({ host_id: place.hostId }), { timeoutMs: stopMs, signal: over.signal })
      .catch(() => undefined);
    await this.exited;
    clearTimeout(timer);
    over.abort();
    await asking;
  }

  /** Ends it at once, with what it has started. */
  kill(): void {
    this.#process.kill();
  }

  close(): void {
    this.#deletions.close();
    this.kill();
  }

  #put(link: WishedLink): void {
    const { place, connection } = this.#options;
    const subject = providerSubject.linkPut(place.lattice, this.#keys.provider.publicKey);
    connection.publish(subject, encodeJson(sealedLink(link, this.#keys)));
  }
}

/** Anyone on the lattice may send it; what is no link names none. */
function deletedKey(payload: Uint8Array): string {
  try {
    return providerLinkKey(decodeProviderLink(payload));
  } catch {
    return '';
  }
}
