import {
  connectLattice,
  findWadm,
  NotConnectedError,
  type LatticeConnection,
  type LatticeMessage,
  type LatticeSubscription,
  type WadmPresence,
} from '@kasmcloud/lattice';
import type { Logger } from '@kasmcloud/observe';
import { systemClock } from '@kasmcloud/reconcile';
import { encodeWadmReply, isInbox, wadmServerHeader, wadmSubject } from '@kasmcloud/wire';
import { errorReply } from './operation.ts';
import type { WadmOperations } from './operations.ts';

export interface WadmServerOptions {
  /** Undefined: the API is not served. */
  readonly natsUrl: string | undefined;
  readonly operations: Pick<WadmOperations, 'answer'>;
  /** Whether NATS puts the account in front of every subject. */
  readonly multitenant: boolean;
  /** How often to look for a wadm beside us. */
  readonly checkMs: number;
  /** Hears of every look. */
  readonly onPresence: (presence: WadmPresence, signal: AbortSignal) => Promise<void>;
  /** Begins to tell of changes; the function returned ends that. */
  readonly announce: (publish: (subject: string, payload: Uint8Array) => void) => { close(): Promise<void> };
  readonly log: Logger;
}

/** Requests worked at a time by one scheduler; the others share the queue group. */
const MOST_AT_ONCE = 64;
const DEADLINE_MS = 10_000;
/** Bytes that the headers of an answer take at most. */
const HEADER_ROOM = 256;

/**
 * wadm's API on NATS. The server may be away at the start and at any time later: it is tried for ever. While a wadm of
 * wasmCloud's own works on the same NATS, the API is left to it: nothing is answered, and nothing told.
 */
export class WadmServer {
  readonly #options: WadmServerOptions;
  readonly #stop = new AbortController();
  readonly #working = new Set<Promise<void>>();
  #serving: Promise<void> = Promise.resolve();
  #connection: LatticeConnection | undefined;
  #subscription: LatticeSubscription | undefined;
  #announcer: { close(): Promise<void> } | undefined;

  constructor(options: WadmServerOptions) {
    this.#options = options;
  }

  /** Returns at once; the connection is made meanwhile. */
  start(): void {
    const { natsUrl } = this.#options;
    if (natsUrl !== undefined) this.#serving = this.#serve(natsUrl);
  }

  /** What was begun is answered first. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#serving;
    await this.#announcer?.close();
    await Promise.all(this.#working);
    await this.#connection?.close();
  }

  async #serve(servers: string): Promise<void> {
    const { log, announce } = this.#options;
    const { signal } = this.#stop;
    try {
      const connection = await connectLattice({
        servers,
        name: 'kasmcloud-scheduler',
        timeoutMs: Infinity,
        signal,
        logger: log,
      });
      this.#connection = connection;
      this.#announcer = announce((subject, payload) => {
        if (this.#subscription !== undefined) connection.publish(subject, payload);
      });
      while (!signal.aborted) {
        await this.#look(connection);
        await systemClock.sleep(this.#options.checkMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'wadm API cannot be served');
    }
  }

  /** Serves unless a wadm is found. A look that fails changes nothing. */
  async #look(connection: LatticeConnection): Promise<void> {
    const { log, multitenant, onPresence } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(DEADLINE_MS)]);
    try {
      const presence = await findWadm(connection, { timeoutMs: DEADLINE_MS, signal, multitenant });
      if (presence.kind === 'wadm' && this.#subscription !== undefined) {
        this.#subscription.close();
        this.#subscription = undefined;
        log.warn({ evidence: presence.evidence }, 'wadm found: its API is left to it');
      }
      if (presence.kind === 'alone' && this.#subscription === undefined) {
        const subject = multitenant ? wadmSubject.allAccountRequests : wadmSubject.allRequests;
        const receive = (message: LatticeMessage): void => this.#receive(connection, message);
        this.#subscription = connection.subscribe(subject, receive, { queue: wadmSubject.queue });
        log.info({}, 'wadm API served');
      }
      await onPresence(presence, signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) log.warn({ err: error }, 'not looked for a wadm');
    }
  }

  #receive(connection: LatticeConnection, message: LatticeMessage): void {
    if (this.#stop.signal.aborted) return;
    if (this.#working.size >= MOST_AT_ONCE) {
      this.#reply(connection, message, errorReply(undefined, 'Too many requests at once: try again in a moment'));
      return;
    }
    const work = this.#answer(connection, message).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #answer(connection: LatticeConnection, message: LatticeMessage): Promise<void> {
    const { operations, log } = this.#options;
    const { subject, data } = message;
    const request = { subject, data, contentType: message.header('Content-Type') };
    try {
      const reply = await operations.answer(request, AbortSignal.timeout(DEADLINE_MS));
      this.#reply(connection, message, reply);
    } catch (error) {
      log.warn({ err: error, subject }, 'wadm reply not sent');
    }
  }

  #reply(
    connection: LatticeConnection,
    { reply: inbox }: LatticeMessage,
    reply: Parameters<typeof encodeWadmReply>[0],
  ) {
    // A reply subject is chosen by whoever asks: nothing but their inbox is written to.
    if (inbox === undefined || !isInbox(inbox)) return;
    const payload = encodeWadmReply(reply);
    const fits = payload.length + HEADER_ROOM <= connection.maxPayload;
    try {
      const tooLarge = errorReply(undefined, `The answer has ${payload.length} bytes, more than NATS carries`);
      const headers = { [wadmServerHeader]: 'kasmcloud' };
      connection.publish(inbox, fits ? payload : encodeWadmReply(tooLarge), { headers });
    } catch (error) {
      if (!(error instanceof NotConnectedError)) throw error;
      this.#options.log.debug({ err: error }, 'wadm reply lost');
    }
  }
}
