import { JetStreamApiError, JetStreamError, jetstreamManager } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import type { LatticeConnection } from './connection.ts';
import { within, type Deadline } from './deadline.ts';

const { PermissionViolationError, RequestError, TimeoutError } = errors;

/** A consumer of a JetStream stream that some process waits on right now. */
export interface LiveConsumer {
  readonly stream: string;
  readonly consumer: string;
}

/**
 * Live consumers of the streams whose names begin with `prefix`. Where JetStream is away or not for us, there are none.
 * @throws NotConnectedError, RequestTimeoutError, the signal's reason
 */
export async function liveConsumers(
  connection: LatticeConnection,
  prefix: string,
  deadline: Deadline,
): Promise<LiveConsumer[]> {
  await connection.connected(deadline);
  return within('The list of JetStream consumers', deadline, list(connection, prefix, deadline.timeoutMs / 4));
}

async function list(connection: LatticeConnection, prefix: string, timeout: number): Promise<LiveConsumer[]> {
  const live: LiveConsumer[] = [];
  try {
    const manager = await jetstreamManager(connection.nats, { timeout });
    for await (const stream of manager.streams.names()) {
      if (!stream.startsWith(prefix)) continue;
      for await (const { name, num_waiting, push_bound } of manager.consumers.list(stream))
        if (num_waiting > 0 || push_bound) live.push({ stream, consumer: name });
    }
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
  return live;
}

/** No JetStream on the server or for this account, nothing that we may ask of it, or a stream that went meanwhile. */
const isUnavailable = (error: unknown): boolean =>
  isRefusal(error) || (error instanceof Error && isRefusal(error.cause));

const isRefusal = (error: unknown): boolean =>
  [JetStreamApiError, JetStreamError, RequestError, TimeoutError, PermissionViolationError].some(
    (known) => error instanceof known,
  );
