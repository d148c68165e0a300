import type { Logger } from '@kasmcloud/observe';
import { createInbox, errors as natsErrors, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { within, type Deadline } from './deadline.ts';
import { NoRespondersError, NotConnectedError, RequestTimeoutError } from './error.ts';
import { encodedHeaders, headersOf, type EncodedHeaders, type Headers } from './headers.ts';
import { Inbox } from './inbox.ts';
import { quicken } from './quick-parser.ts';
import { SendQueue } from './send-queue.ts';

export interface LatticeMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Where an answer is wanted, if one is. */
  readonly reply: string | undefined;
  header(name: string): string | undefined;
}

export interface LatticeSubscription {
  /** Messages stop at once. */
  close(): void;
  /** Asks for no more messages, and resolves when those that were on their way have come. */
  drain(): Promise<void>;
}

export type LatticeStatus = 'connected' | 'disconnected' | 'closed';

const NO_RESPONDERS = 503;
/** As long as that a server that has gone silent may hold up a drain. */
const FLUSH_MS = 2_000;

/** A connection to NATS that outlives its servers: it reconnects for ever, and says what it cannot do meanwhile. */
export class LatticeConnection {
  /** For wRPC; other code has no use for it. */
  readonly inbox: Inbox;
  readonly #nats: NatsConnection;
  readonly #queue: SendQueue;
  readonly #logger: Logger | undefined;
  readonly #listeners = new Set<(status: LatticeStatus) => void>();
  #status: LatticeStatus = 'connected';

  constructor(nats: NatsConnection, logger?: Logger) {
    this.#nats = nats;
    this.#logger = logger;
    this.#queue = new SendQueue(nats);
    this.inbox = new Inbox(nats);
    quicken(nats);
    void this.#watchStatus();
  }

  /** The client underneath, for JetStream. */
  get nats(): NatsConnection {
    return this.#nats;
  }

  get isConnected(): boolean {
    return this.#status === 'connected' && !this.#nats.isClosed();
  }

  /** Most bytes of headers and payload that one message may have. */
  get maxPayload(): number {
    return this.#nats.info?.max_payload ?? 1_048_576;
  }

  /** Tells every change of the status; the function returned ends that. */
  onStatus(listener: (status: LatticeStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves at once while connected, else when the connection is back. */
  async connected(deadline: Deadline): Promise<void> {
    if (this.isConnected) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = this.onStatus((status) => {
      if (status === 'connected') resolve();
      if (status === 'closed') reject(new NotConnectedError('The connection to NATS was closed.'));
    });
    if (this.#status === 'closed') reject(new NotConnectedError('The connection to NATS was closed.'));
    try {
      await within('The connection to NATS', deadline, promise);
    } finally {
      stop();
    }
  }

  /** @throws NotConnectedError rather than keep a message for later, when it may be wrong */
  publish(subject: string, payload?: Uint8Array, options: { reply?: string; headers?: Headers } = {}): void {
    if (!this.isConnected) throw new NotConnectedError('There is no connection to NATS.');
    const { reply, headers } = options;
    this.#nats.publish(subject, payload, {
      ...(reply !== undefined && { reply }),
      ...(headers !== undefined && { headers: encodedHeaders(headers) }),
    });
  }

  /**
   * For wRPC, whose messages leave together with those of other calls, in their order.
   * @throws NotConnectedError as `publish`, RangeError for more than `maxPayload`
   */
  send(subject: string, payload?: Uint8Array, reply?: string, headers?: EncodedHeaders): void {
    if (!this.isConnected) throw new NotConnectedError('There is no connection to NATS.');
    const bytes = (payload?.length ?? 0) + (headers?.byteLength ?? 0);
    if (bytes > this.maxPayload)
      throw new RangeError(`${bytes} bytes are more than the NATS server takes in a message.`);
    this.#queue.push({ subject, payload, reply, headers });
  }

  /** Has what was sent leave with the next microtasks, not at the end of the turn. */
  sendNow(): void {
    this.#queue.flush();
  }

  /** A subject of this connection's own, for answers. */
  newInbox(): string {
    return createInbox();
  }

  /** The handler must not throw; what it throws is logged. Asynchronous work, and its bounds, are the handler's. */
  subscribe(
    subject: string,
    handler: (message: LatticeMessage) => void,
    options: { queue?: string } = {},
  ): LatticeSubscription {
    const subscription = this.#nats.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        try {
          if (error === null) handler(new Received(message));
          else this.#logger?.warn({ subject, error }, 'subscription failed');
        } catch (fault) {
          this.#logger?.error({ subject, error: fault }, 'message handler failed');
        }
      },
    });
    return {
      close: () => subscription.unsubscribe(),
      drain: async () => {
        // A server that looks up who gets a message, while it hears of a new subscription and of the end of this one, finds nobody.
        await within('The flush before a drain', { timeoutMs: FLUSH_MS }, this.#nats.flush()).catch(() => undefined);
        await subscription.drain();
      },
    };
  }

  /** @throws NoRespondersError, RequestTimeoutError, NotConnectedError, the signal's reason */
  async request(
    subject: string,
    payload: Uint8Array,
    options: Deadline & { headers?: Headers },
  ): Promise<LatticeMessage> {
    const { timeoutMs } = options;
    await this.connected(options);
    const sent = this.#nats.request(subject, payload, {
      timeout: timeoutMs,
      ...(options.headers === undefined ? {} : { headers: encodedHeaders(options.headers) }),
    });
    try {
      return new Received(await within(`The request to ${subject}`, options, sent));
    } catch (error) {
      if (error instanceof natsErrors.NoRespondersError || causedByNoResponders(error))
        throw new NoRespondersError(subject, { cause: error });
      if (error instanceof natsErrors.TimeoutError)
        throw new RequestTimeoutError(`The request to ${subject}`, timeoutMs, { cause: error });
      if (error instanceof natsErrors.RequestError)
        throw new NotConnectedError('The connection to NATS broke during a request.', { cause: error });
      throw error;
    }
  }

  /** Asks everybody and collects the answers of `waitMs`. Nobody there is an answer too: none. */
  async scatter(
    subject: string,
    payload: Uint8Array,
    options: { readonly waitMs: number; readonly maxAnswers?: number; readonly signal?: AbortSignal },
  ): Promise<LatticeMessage[]> {
    const { waitMs, signal, maxAnswers = 10_000 } = options;
    signal?.throwIfAborted();
    if (!this.isConnected) throw new NotConnectedError('There is no connection to NATS.');
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const answers: LatticeMessage[] = [];
    const reply = this.inbox.open({
      receive: (_, message) => {
        if (message.headers?.code === NO_RESPONDERS) return resolve();
        if (answers.push(new Received(message)) >= maxAnswers) resolve();
      },
      disconnected: () => resolve(),
    });
    const timer = setTimeout(resolve, waitMs);
    const abort = (): void => resolve();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      this.#nats.publish(subject, payload, { reply });
      await over;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.inbox.close(reply);
    }
    signal?.throwIfAborted();
    return answers;
  }

  /** Milliseconds to the server and back. */
  async rtt(deadline: Deadline): Promise<number> {
    await this.connected(deadline);
    return within('The ping of the NATS server', deadline, this.#nats.rtt());
  }

  /** Resolves when the server has taken everything that was published. */
  async flush(deadline: Deadline): Promise<void> {
    await this.connected(deadline);
    this.#queue.flush();
    await within('The flush to the NATS server', deadline, this.#nats.flush());
  }

  /** Sends what is waiting, then ends the connection; after the time given, without sending. */
  async close(timeoutMs = 2_000): Promise<void> {
    if (this.#status === 'connected') {
      this.#queue.flush();
      await within('The flush to the NATS server', { timeoutMs }, this.#nats.flush()).catch((error: unknown) =>
        this.#logger?.warn({ error }, 'messages were left unsent'),
      );
    }
    // Told first: what is still running must find it closed rather than fail while it publishes.
    this.#change('closed');
    await within('The end of the connection to NATS', { timeoutMs }, this.#nats.close());
  }

  async #watchStatus(): Promise<void> {
    for await (const event of this.#nats.status()) {
      if (event.type === 'disconnect') this.#change('disconnected');
      else if (event.type === 'reconnect') {
        quicken(this.#nats);
        this.#change('connected');
      } else if (event.type === 'error') this.#logger?.warn({ error: event.error }, 'nats reported an error');
    }
    this.#change('closed');
  }

  #change(status: LatticeStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    this.#logger?.info({ status, server: this.#nats.getServer() }, 'nats connection changed');
    if (status !== 'connected') this.#queue.clear();
    if (status !== 'connected') this.inbox.disconnected(new NotConnectedError('The connection to NATS broke.'));
    for (const listener of this.#listeners) listener(status);
  }
}

/** The client gives Buffers, whose `slice` and JSON form are not those of a Uint8Array. */
export const plainBytes = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);

/** What nobody asks for is not read. */
class Received implements LatticeMessage {
  readonly #message: Msg;
  #headers: ReadonlyMap<string, string> | undefined;

  constructor(message: Msg) {
    this.#message = message;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get data(): Uint8Array {
    return plainBytes(this.#message.data);
  }

  get reply(): string | undefined {
    return this.#message.reply === '' ? undefined : this.#message.reply;
  }

  header(name: string): string | undefined {
    return (this.#headers ??= headersOf(this.#message)).get(name);
  }
}

const causedByNoResponders = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof natsErrors.NoRespondersError;
