import {
  encodeValues,
  signatureOf,
  traceContextIn,
  ValueDecoder,
  type DecodeLimits,
  type FuncType,
  type Signature,
} from '@kasmcloud/wrpc';
import { DEFAULT_LINK_NAME, isInbox, wrpcHeader, wrpcQueue, wrpcSubject } from '@kasmcloud/wire';
import type { Msg } from '@nats-io/nats-core';
import type { LatticeConnection, LatticeMessage } from './connection.ts';
import { WrpcTimeoutError } from './error.ts';
import type { InboxSession } from './inbox.ts';
import { Incoming } from './incoming.ts';
import { DEFAULT_BUFFERED_BYTES, DEFAULT_CALL_MS, DEFAULT_IDLE_MS, type WrpcAddress } from './invoke.ts';
import { answerLetter, canBeLetter, letterContent, type Letter } from './letter.ts';
import { publishBytes, publishEnd, sendPending } from './outgoing.ts';

/** What is known of a call besides its parameters. */
export interface CallContext {
  /** Id of the calling component or provider; undefined when the caller did not say. */
  readonly sourceId: string | undefined;
  readonly linkName: string;
  header(name: string): string | undefined;
  /** Aborts when the answer can no longer be given: time over, connection lost, caller gone. */
  readonly signal: AbortSignal;
}

/** Gives the result as `invoke` returns it. Whatever it throws, the caller only sees a call closed without a result. */
export type CallHandler = (args: readonly unknown[], call: CallContext) => unknown;

/**
 * Has a call answered elsewhere, within a time of its own. Resolves with undefined when it was, with the result when that is
 * left to answer here. Rejects as a handler throws.
 */
export type Relay = (letter: Letter) => Promise<{ readonly result: unknown } | undefined>;

export interface ServeOptions {
  /** How long the handler may run. Default 600,000, as hosts of wasmCloud 1.x. */
  readonly timeoutMs?: number;
  /** How long parameters may take to arrive after the first message. Default 10,000. */
  readonly paramsTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly maxBufferedBytes?: number;
  readonly limits?: DecodeLimits;
  /** Calls at once; more are accepted and closed, since wRPC has no other way to refuse. Default 10,000. */
  readonly maxCalls?: number;
  /** For calls that come in one message. Default: the handler answers them as all others. */
  readonly relay?: Relay | undefined;
  /** Faults that the caller cannot be told. */
  readonly onError?: (error: unknown, address: WrpcAddress) => void;
}

export interface ServedFunction {
  /** Calls that are being answered. */
  readonly calls: number;
  /** Takes no new calls, and loses those that are on their way; those under way go on. */
  close(): void;
  /** Asks the server for no more calls, takes those that are on their way, and resolves when there are none of them. */
  drain(): Promise<void>;
}

/** Serves a function over wRPC 0.0.1. All who serve the same target in the lattice share its calls. */
export const serve = (
  connection: LatticeConnection,
  address: WrpcAddress,
  type: FuncType,
  handler: CallHandler,
  options: ServeOptions = {},
): ServedFunction => {
  const signature = signatureOf(type);
  const calls = new Set<ServedCall>();
  const relay = canBeLetter(type) ? options.relay : undefined;
  let relayed = 0;
  const pass = async (reply: string, message: LatticeMessage, relay: Relay): Promise<void> => {
    relayed += 1;
    try {
      const content = letterContent(reply, message.data);
      const letter = { content, trace: traceContextIn((name) => message.header(name)) };
      const left = await relay(letter);
      if (left !== undefined) answerLetter(connection, type, content, left.result);
    } catch (error) {
      options.onError?.(error, address);
      if (connection.isConnected) publishEnd(connection, `${reply}.results`);
    } finally {
      relayed -= 1;
    }
  };
  const subject = wrpcSubject(address.lattice, address.target, address.instance, address.func);
  const subscription = connection.subscribe(
    subject,
    (message) => {
      // Answers go to private inboxes only: a caller must not be able to make us publish to any other subject.
      if (message.reply === undefined || !isInbox(message.reply)) return;
      const refused = calls.size + relayed >= (options.maxCalls ?? 10_000);
      if (relay !== undefined && !refused && message.header(wrpcHeader.whole) !== undefined) {
        void pass(message.reply, message, relay);
        return;
      }
      const call = new ServedCall(connection, message.reply, signature, options, {
        run: handler,
        over: () => calls.delete(call),
        fault: (error) => options.onError?.(error, address),
      });
      calls.add(call);
      call.start(message, refused);
    },
    { queue: wrpcQueue(address.lattice, address.target) },
  );
  return {
    get calls() {
      return calls.size + relayed;
    },
    close: () => subscription.close(),
    drain: () => subscription.drain(),
  };
};

interface Server {
  readonly run: CallHandler;
  readonly over: () => void;
  readonly fault: (error: unknown) => void;
}

/** The callee's end of one call. */
class ServedCall implements InboxSession {
  readonly #connection: LatticeConnection;
  readonly #caller: string;
  readonly #signature: Signature;
  readonly #options: ServeOptions;
  readonly #server: Server;
  readonly #abort = new AbortController();
  readonly #incoming: Incoming;
  readonly #decoder: ValueDecoder;
  readonly #inbox: string;
  #timer: NodeJS.Timeout | undefined;
  #message: LatticeMessage | undefined;
  /** See `wrpcHeader.whole`. */
  #isWhole = false;
  #isRunning = false;
  #answered = false;

  constructor(
    connection: LatticeConnection,
    caller: string,
    signature: Signature,
    options: ServeOptions,
    server: Server,
  ) {
    this.#connection = connection;
    this.#caller = caller;
    this.#signature = signature;
    this.#options = options;
    this.#server = server;
    const limits = {
      decode: options.limits ?? {},
      maxBufferedBytes: options.maxBufferedBytes ?? DEFAULT_BUFFERED_BYTES,
      idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_IDLE_MS,
    };
    this.#incoming = new Incoming('a served function', signature.paramPaths, limits, () => this.#closeIfOver());
    this.#decoder = new ValueDecoder(signature.params, { ...limits.decode, open: this.#incoming.open });
    this.#inbox = connection.inbox.open(this);
  }

  start(message: LatticeMessage, refused: boolean): void {
    this.#message = message;
    try {
      this.#isWhole = message.header(wrpcHeader.whole) !== undefined;
      if (!this.#isWhole) this.#connection.send(this.#caller, undefined, this.#inbox);
      if (refused) return this.#trap(new RangeError('Too many calls are being answered.'));
      this.#take(message.data);
      if (this.#isWhole) this.#decoder.end();
      if (!this.#isRunning) this.#await(this.#options.paramsTimeoutMs ?? DEFAULT_CALL_MS, 'lacked parameters after');
    } catch (error) {
      this.#trap(error);
    }
  }

  receive(rest: string, message: Msg): void {
    try {
      if (rest === 'params') {
        if (message.data.length > 0) this.#take(message.data);
        else if (!this.#isRunning) this.#decoder.end();
      } else if (rest.startsWith('params.')) this.#incoming.push(rest.slice('params.'.length), message.data);
      else if (rest === 'bounce') this.#abort.abort(new Error('The caller no longer listens.'));
    } catch (error) {
      this.#trap(error);
    }
  }

  disconnected(error: Error): void {
    this.#trap(error);
  }

  #take(data: Uint8Array): void {
    if (this.#answered) return;
    if (data.length > 0) this.#decoder.push(data);
    if (!this.#decoder.done || this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    this.#await(this.#options.timeoutMs ?? 600_000, 'gave no result in');
    const message = this.#message;
    try {
      const result = await this.#server.run(this.#decoder.values, {
        sourceId: message?.header(wrpcHeader.sourceId),
        linkName: message?.header(wrpcHeader.linkName) ?? DEFAULT_LINK_NAME,
        header: (name) => message?.header(name),
        signal: this.#abort.signal,
      });
      if (!this.#answered) await this.#answer(result);
    } catch (error) {
      this.#trap(error);
    }
  }

  async #answer(result: unknown): Promise<void> {
    const { results } = this.#signature;
    const { bytes, pending } = encodeValues(results, results.length === 0 ? [] : [result]);
    this.#answered = true;
    clearTimeout(this.#timer);
    const base = `${this.#caller}.results`;
    publishBytes(this.#connection, base, bytes);
    if (!this.#isWhole || bytes.length === 0) publishEnd(this.#connection, base);
    if (pending.length > 0) {
      const { signal } = this.#abort;
      const bounce = `${this.#inbox}.bounce`;
      await sendPending({ connection: this.#connection, base, pending, bounce, signal }).catch((error: unknown) => {
        if (!signal.aborted) this.#server.fault(error);
      });
    }
    this.#isRunning = false;
    this.#closeIfOver();
  }

  /** Ends the call without a result, which is the only error that wRPC knows. */
  #trap(error: unknown): void {
    this.#abort.abort(error);
    this.#incoming.fail(error instanceof Error ? error : new Error('The call failed.', { cause: error }));
    if (!this.#answered) {
      this.#answered = true;
      this.#server.fault(error);
      if (this.#connection.isConnected) publishEnd(this.#connection, `${this.#caller}.results`);
    }
    this.#close();
  }

  #await(timeoutMs: number, phase: string): void {
    clearTimeout(this.#timer);
    const { subject } = this.#message ?? { subject: this.#caller };
    this.#timer = setTimeout(() => this.#trap(new WrpcTimeoutError(subject, phase, timeoutMs)), timeoutMs);
  }

  #closeIfOver(): void {
    if (this.#answered && !this.#isRunning && this.#incoming.isOver) this.#close();
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#connection.inbox.close(this.#inbox);
    this.#server.over();
  }
}
