import {
  encodeValues,
  signatureOf,
  ValueDecoder,
  type DecodeLimits,
  type Encoded,
  type FuncType,
  type Signature,
} from '@kasmcloud/wrpc';
import { isInbox, wrpcSubject } from '@kasmcloud/wire';
import type { Msg } from '@nats-io/nats-core';
import type { LatticeConnection } from './connection.ts';
import { NoRespondersError, PeerProtocolError, PeerTrapError, WrpcTimeoutError } from './error.ts';
import { encodedHeaders, wholeHeaders, type Headers } from './headers.ts';
import { Incoming } from './incoming.ts';
import { publishBytes, publishEnd, sendPending } from './outgoing.ts';
import type { InboxSession } from './inbox.ts';

/** A function that can be called in a lattice. */
export interface WrpcAddress {
  readonly lattice: string;
  /** Id of the component or provider. */
  readonly target: string;
  /** WIT instance with its version, such as `wrpc:keyvalue/store@0.2.0-draft`; empty for functions of the world itself. */
  readonly instance: string;
  readonly func: string;
}

export interface InvokeOptions {
  /** How long the result may take, where that is not the signal's to say: Infinity. Default 10,000. Streams in the result are bound by `idleTimeoutMs` instead. */
  readonly timeoutMs?: number;
  /** How long a stream in the result may be silent. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Bytes of one stream in the result that may wait for the reader. Default 16 MiB. */
  readonly maxBufferedBytes?: number;
  readonly limits?: DecodeLimits;
  /** See `wrpcHeader`; providers need the caller's id. */
  readonly headers?: Headers;
  /** Ends the call and its streams. The callee is not told, except about streams. */
  readonly signal?: AbortSignal | undefined;
  /** Where the call is while it runs, to be ended: at less cost than by a signal. It waits for no connection. */
  readonly running?: RunningCalls | undefined;
}

export interface RunningCall {
  abort(reason: Error): void;
}

export interface RunningCalls {
  add(call: RunningCall): void;
  delete(call: RunningCall): void;
}

export const DEFAULT_CALL_MS = 10_000;
export const DEFAULT_IDLE_MS = 60_000;
export const DEFAULT_BUFFERED_BYTES = 16 * 1_048_576;

/** Left of the first message for its reply subject. */
const FIRST_MESSAGE_RESERVE = 1_024;

/**
 * Calls a function over wRPC 0.0.1. Resolves to the result as generated bindings see it (a WIT `result` is
 * `{tag: 'ok' | 'err', val}`), or undefined for a function without one.
 * @throws NoRespondersError nobody serves it
 * @throws PeerTrapError it failed without a result
 * @throws WrpcTimeoutError, NotConnectedError it may have run
 * @throws WrpcEncodeError, WrpcDecodeError, PeerProtocolError, or the signal's reason
 */
export const invoke = (
  connection: LatticeConnection,
  address: WrpcAddress,
  type: FuncType,
  args: readonly unknown[],
  options: InvokeOptions = {},
): Promise<unknown> => {
  try {
    options.signal?.throwIfAborted();
    const subject = subjectOf(address);
    const signature = signatureOf(type);
    const encoded = encodeValues(signature.params, args);
    const { timeoutMs = DEFAULT_CALL_MS, signal, running } = options;
    const call = (leftMs: number): Promise<unknown> =>
      new Call(connection, subject, signature, encoded, options).run(leftMs);
    if (connection.isConnected || running !== undefined) return call(timeoutMs);
    const startedAt = performance.now();
    return connection.connected({ timeoutMs, signal }).then(() => call(timeoutMs - (performance.now() - startedAt)));
  } catch (error) {
    return Promise.reject(error);
  }
};

const subjects = new WeakMap<WrpcAddress, string>();

/** Computed once per object: whoever calls the same function again and again gives the same object. */
const subjectOf = (address: WrpcAddress): string => {
  const before = subjects.get(address);
  if (before !== undefined) return before;
  const { lattice, target, instance, func } = address;
  const subject = wrpcSubject(lattice, target, instance, func);
  subjects.set(address, subject);
  return subject;
};

/** The caller's end of one call. */
class Call implements InboxSession, RunningCall {
  readonly #connection: LatticeConnection;
  readonly #subject: string;
  readonly #encoded: Encoded;
  readonly #options: InvokeOptions;
  readonly #returnsNothing: boolean;
  readonly #result = Promise.withResolvers<unknown>();
  /** Absent where no streams can come. */
  readonly #incoming: Incoming | undefined;
  readonly #decoder: ValueDecoder;
  readonly #inbox: string;
  /** Of streams among the parameters. */
  #sending: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #aborted: (() => void) | undefined;
  #sent = 0;
  #accepted = false;
  #askedAgain = false;
  #isSending = false;
  #settled = false;

  constructor(
    connection: LatticeConnection,
    subject: string,
    signature: Signature,
    encoded: Encoded,
    options: InvokeOptions,
  ) {
    this.#connection = connection;
    this.#subject = subject;
    this.#encoded = encoded;
    this.#options = options;
    this.#returnsNothing = signature.results.length === 0;
    const { limits = {} } = options;
    if (signature.resultPaths.length > 0) this.#incoming = this.#receiver(signature.resultPaths, limits);
    const open = this.#incoming?.open;
    this.#decoder = new ValueDecoder(signature.results, open === undefined ? limits : { ...limits, open });
    this.#inbox = connection.inbox.open(this);
  }

  #receiver(paths: readonly string[], decode: DecodeLimits): Incoming {
    const { maxBufferedBytes = DEFAULT_BUFFERED_BYTES, idleTimeoutMs = DEFAULT_IDLE_MS } = this.#options;
    return new Incoming(this.#subject, paths, { decode, maxBufferedBytes, idleTimeoutMs }, () => this.#closeIfOver());
  }

  run(timeoutMs: number): Promise<unknown> {
    if (timeoutMs !== Infinity) this.#timer = setTimeout(() => this.#expire(), timeoutMs);
    const { signal, running } = this.#options;
    running?.add(this);
    if (signal !== undefined) {
      this.#aborted = () => this.#fail(signal.reason);
      signal.addEventListener('abort', this.#aborted, { once: true });
    }
    try {
      this.#publishFirst();
    } catch (error) {
      this.#fail(error);
    }
    return this.#result.promise;
  }

  #expire(): void {
    const { timeoutMs = DEFAULT_CALL_MS } = this.#options;
    this.#fail(new WrpcTimeoutError(this.#subject, 'had no result after', timeoutMs));
  }

  receive(rest: string, message: Msg): void {
    try {
      if (rest === '') this.#accept(message);
      else if (rest === 'results') this.#take(message.data);
      else if (rest.startsWith('results.')) this.#incoming?.push(rest.slice('results.'.length), message.data);
      else if (rest === 'bounce') this.#sending?.abort();
    } catch (error) {
      this.#fail(error);
    }
  }

  disconnected(error: Error): void {
    this.#fail(error);
  }

  // What fits in the first message; the rest has no subject yet.
  #publishFirst(): void {
    const { bytes, pending } = this.#encoded;
    const { headers } = this.#options;
    const room = this.#connection.maxPayload - FIRST_MESSAGE_RESERVE;
    const whole = wholeHeaders(headers);
    if (pending.length === 0 && bytes.length <= room - whole.byteLength) {
      this.#sent = bytes.length;
      this.#connection.send(this.#subject, bytes, this.#inbox, whole);
      return;
    }
    const plain = headers && encodedHeaders(headers);
    this.#sent = Math.min(bytes.length, Math.max(0, room - (plain?.byteLength ?? 0)));
    this.#connection.send(this.#subject, bytes.subarray(0, this.#sent), this.#inbox, plain);
  }

  #accept(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 503) return this.#nobody();
    if (code >= 400) return this.#fail(new PeerProtocolError(this.#subject, `it answered with status ${code}`));
    if (this.#accepted) return;
    this.#accepted = true;
    const { reply } = message;
    if (reply === undefined || !isInbox(reply))
      return this.#fail(new PeerProtocolError(this.#subject, 'it accepted the call without a reply subject'));
    const base = `${reply}.params`;
    publishBytes(this.#connection, base, this.#encoded.bytes.subarray(this.#sent));
    publishEnd(this.#connection, base);
    if (this.#encoded.pending.length > 0) void this.#sendPending(base);
  }

  /** It was handed to nobody, so it may be sent again: who takes over from another may be missed by a server that looks just then. */
  #nobody(): void {
    if (this.#askedAgain) return this.#fail(new NoRespondersError(this.#subject));
    this.#askedAgain = true;
    this.#publishFirst();
  }

  async #sendPending(base: string): Promise<void> {
    this.#isSending = true;
    const { signal } = (this.#sending = new AbortController());
    try {
      const bounce = `${this.#inbox}.bounce`;
      await sendPending({ connection: this.#connection, base, pending: this.#encoded.pending, bounce, signal });
    } catch (error) {
      // A peer that has stopped listening may still answer; a source of ours that failed makes the call worthless.
      if (!signal.aborted && !this.#settled) this.#fail(error);
    } finally {
      this.#isSending = false;
      this.#closeIfOver();
    }
  }

  #take(data: Uint8Array): void {
    if (this.#settled) return;
    if (data.length > 0) {
      if (this.#decoder.push(data)) this.#succeed(this.#decoder.values[0]);
    } else if (this.#returnsNothing) {
      this.#succeed(undefined);
    } else {
      this.#fail(new PeerTrapError(this.#subject));
    }
  }

  #succeed(value: unknown): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#result.resolve(value);
    this.#closeIfOver();
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error : new Error('The call was aborted.', { cause: error });
    this.#incoming?.fail(reason);
    this.#sending?.abort(reason);
    if (!this.#settled) {
      this.#settled = true;
      this.#result.reject(reason);
    }
    this.#close();
  }

  #closeIfOver(): void {
    if (this.#settled && !this.#isSending && this.#incoming?.isOver !== false) this.#close();
  }

  #close(): void {
    clearTimeout(this.#timer);
    const { signal, running } = this.#options;
    running?.delete(this);
    if (this.#aborted !== undefined) signal?.removeEventListener('abort', this.#aborted);
    this.#connection.inbox.close(this.#inbox);
  }

  abort(reason: Error): void {
    this.#fail(reason);
  }
}
