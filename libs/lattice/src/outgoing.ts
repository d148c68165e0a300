import { encodeFuture, encodeStreamChunk, type PendingValue } from '@kasmcloud/wrpc';
import type { LatticeConnection } from './connection.ts';

/** Published bytes after which the server must have taken them before more are read from their source. */
const WINDOW_BYTES = 1_048_576;
const FLUSH_MS = 30_000;

/** Publishes bytes as one subject's stream, cut to the server's limit. Nothing for no bytes: that would be the end. */
export const publishBytes = (
  connection: LatticeConnection,
  subject: string,
  bytes: Uint8Array,
  reply?: string,
): void => {
  const size = connection.maxPayload;
  for (let at = 0; at < bytes.length; at += size) connection.send(subject, bytes.subarray(at, at + size), reply);
};

export const publishEnd = (connection: LatticeConnection, subject: string): void => connection.send(subject);

/** The nested streams and futures of one direction of one call. */
export interface Outgoing {
  readonly connection: LatticeConnection;
  /** Such as `<inbox>.results`. */
  readonly base: string;
  readonly pending: readonly PendingValue[];
  /** Where the server, or a KasmCloud peer, reports that nobody listens any more. */
  readonly bounce: string;
  readonly signal: AbortSignal;
}

/** Sends all of them, side by side; rejects with the first fault of a source, when all have come to an end. */
export const sendPending = async (outgoing: Outgoing): Promise<void> => {
  const sent = await Promise.allSettled(outgoing.pending.map((one) => send(outgoing, one)));
  const failed = sent.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
};

const send = async (outgoing: Outgoing, { path, type, value }: PendingValue): Promise<void> => {
  const { connection, base, bounce, signal } = outgoing;
  const subject = `${base}.${path.join('.')}`;
  try {
    if (type.kind === 'future') {
      publishBytes(connection, subject, encodeFuture(type.of, await unlessAborted(value, signal)), bounce);
    } else {
      await sendStream(outgoing, subject, type.of, value);
      connection.send(subject, encodeStreamChunk(type.of, []));
    }
  } catch (error) {
    // An end alone would look like the end of a complete stream. A chunk of one element that is missing does not.
    if (connection.isConnected && type.kind === 'stream') connection.send(subject, Uint8Array.of(1));
    throw error;
  } finally {
    if (connection.isConnected) publishEnd(connection, subject);
  }
};

const sendStream = async (
  { connection, bounce, signal }: Outgoing,
  subject: string,
  of: Extract<PendingValue['type'], { kind: 'stream' }>['of'],
  source: unknown,
): Promise<void> => {
  const iterator = iteratorOf(source);
  let unflushed = 0;
  let done = false;
  try {
    for (;;) {
      const next = await unlessAborted(iterator.next(), signal);
      if (next.done === true) {
        done = true;
        return;
      }
      const chunk = next.value;
      // A chunk without elements is the end of the stream on the wire.
      if (chunk.length === 0) continue;
      const bytes = encodeStreamChunk(of, chunk);
      publishBytes(connection, subject, bytes, bounce);
      unflushed += bytes.length;
      if (unflushed < WINDOW_BYTES) continue;
      await connection.flush({ timeoutMs: FLUSH_MS, signal });
      unflushed = 0;
    }
  } finally {
    // Not awaited: a source that hangs in its own clean-up must not keep the call.
    if (!done) iterator.return?.()?.catch(() => undefined);
  }
};

type Chunk = Uint8Array | readonly unknown[];

const isStreamSource = (source: unknown): source is AsyncIterable<Chunk> =>
  typeof source === 'object' && source !== null && Symbol.asyncIterator in source;

const iteratorOf = (source: unknown): AsyncIterator<Chunk> => {
  if (!isStreamSource(source)) throw new TypeError('A stream must be given as an async iterable of chunks.');
  return source[Symbol.asyncIterator]();
};

const unlessAborted = async <T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
