import {
  NotConnectedError,
  type LatticeConnection,
  type LatticeMessage,
  type LatticeSubscription,
} from '@kasmcloud/lattice';
import {
  controlPath,
  controlSubject,
  ctlRefused,
  encodeJson,
  hostControlSubject,
  isInbox,
  sharedControl,
} from '@kasmcloud/wire';
import { wordsFor } from './refused.ts';
import type { Answer, ControlRequest, Requests } from './requests.ts';

export interface ControlServerOptions {
  readonly lattice: string;
  readonly connection: LatticeConnection;
  readonly requests: Requests;
  /** Whom to answer for, by id. */
  readonly hosts: () => ReadonlyMap<string, unknown>;
  /** Told what is nobody's but our own fault. */
  readonly onError: (error: unknown) => void;
}

/** Requests of one lattice worked or waiting at a time. */
const MOST_AT_ONCE = 256;
const DEADLINE_MS = 10_000;
const HOST_TOPICS = ['host', 'component', 'provider', 'label'] as const;
const SHARED_TOPICS = ['claims', 'link', 'config'] as const;

/**
 * Answers the wasmCloud 1.x control interface in one lattice: for each KasmCloud host what names it, and in the queue groups
 * that all hosts share, what concerns the lattice. Requests about one thing are worked one after the other, as they came.
 */
export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #shared: LatticeSubscription[] = [];
  readonly #perHost = new Map<string, LatticeSubscription[]>();
  /** The last work on each thing, by what it is about. */
  readonly #lines = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #waiting = 0;

  constructor(options: ControlServerOptions) {
    this.#options = options;
  }

  /** Answers until the signal aborts, then ends what was begun. */
  async run(signal: AbortSignal): Promise<void> {
    const { lattice, connection, requests } = this.#options;
    this.#shared.push(
      connection.subscribe(controlSubject.hostPing(lattice), (message) => this.#answerAll(message, requests.ping())),
      connection.subscribe(controlSubject.componentAuction(lattice), (message) =>
        this.#answerAll(message, requests.auction('component', message.data)),
      ),
      connection.subscribe(controlSubject.providerAuction(lattice), (message) =>
        this.#answerAll(message, requests.auction('provider', message.data)),
      ),
    );
    for (const topic of SHARED_TOPICS) {
      const { subject, queue } = sharedControl(lattice, topic);
      const ask = async (request: ControlRequest): Promise<Answer> => requests.ofLattice(request);
      this.#shared.push(connection.subscribe(subject, (message) => this.#take(topic, message, ask), { queue }));
    }
    this.follow();
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (!signal.aborted) await promise;
    for (const one of [...this.#shared.splice(0), ...[...this.#perHost.values()].flat()]) one.close();
    this.#perHost.clear();
    this.#stop.abort();
    await Promise.all(this.#lines.values());
  }

  /** Listens for the hosts that are spoken for now. Each has its own subjects: a wildcard would answer for strangers. */
  follow(): void {
    const { lattice, connection, requests, hosts } = this.#options;
    if (this.#shared.length === 0) return;
    for (const [id, subscriptions] of this.#perHost) {
      if (hosts().has(id)) continue;
      for (const one of subscriptions) one.close();
      this.#perHost.delete(id);
    }
    for (const id of hosts().keys()) {
      if (this.#perHost.has(id)) continue;
      const ask = async (request: ControlRequest): Promise<Answer | undefined> => requests.ofHost(request);
      const listen = (topic: (typeof HOST_TOPICS)[number]): LatticeSubscription =>
        connection.subscribe(hostControlSubject(lattice, topic, id), (message) => this.#take(id, message, ask));
      this.#perHost.set(id, HOST_TOPICS.map(listen));
    }
  }

  #take(about: string, message: LatticeMessage, ask: (request: ControlRequest) => Promise<Answer | undefined>): void {
    if (this.#waiting >= MOST_AT_ONCE)
      return this.#answerAll(message, [ctlRefused('too many requests at once: try again in a moment')]);
    this.#waiting += 1;
    const before = this.#lines.get(about) ?? Promise.resolve();
    const line = before
      .then(() => this.#work(message, ask))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#lines.get(about) === line) this.#lines.delete(about);
      });
    this.#lines.set(about, line);
  }

  async #work(message: LatticeMessage, ask: (request: ControlRequest) => Promise<Answer | undefined>): Promise<void> {
    const { lattice, onError } = this.#options;
    const { signal } = this.#stop;
    const request = {
      path: controlPath(lattice, message.subject),
      data: message.data,
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    };
    try {
      const answer = await ask(request);
      if (answer !== undefined) this.#answerAll(message, [answer]);
    } catch (error) {
      // Whoever owns the lattice next answers the next time.
      if (signal.aborted) return;
      const words = wordsFor(error);
      if (words === undefined) onError(error);
      this.#answerAll(message, [ctlRefused(words ?? 'the request failed: see the log of the repeater')]);
    }
  }

  #answerAll({ reply }: LatticeMessage, answers: readonly Answer[]): void {
    const { connection, onError } = this.#options;
    // An asker must not be able to make us publish anywhere but to itself.
    if (reply === undefined || !isInbox(reply)) return;
    try {
      for (const answer of answers) {
        const payload = encodeJson(answer);
        const fits = payload.length <= connection.maxPayload;
        const tooLarge = ctlRefused(`the answer has ${payload.length} bytes, more than NATS carries`);
        connection.publish(reply, fits ? payload : encodeJson(tooLarge));
      }
    } catch (error) {
      if (!(error instanceof NotConnectedError)) onError(error);
    }
  }
}
