import { wadmServerHeader, wadmSubject } from '@kasmcloud/wire';
import type { LatticeConnection } from './connection.ts';
import type { Deadline } from './deadline.ts';
import { NoRespondersError, RequestTimeoutError } from './error.ts';
import { liveConsumers } from './live-consumers.ts';

/** Whether a wadm of wasmCloud's own works on this NATS, and how we know. */
export type WadmPresence = { readonly kind: 'alone' } | { readonly kind: 'wadm'; readonly evidence: string };

const alone: WadmPresence = { kind: 'alone' };

/** All streams that a wadm works on begin so. */
const STREAMS = 'wadm_';
/** The queue group deals our questions out to all who serve, ourselves among them. */
const QUESTIONS = 4;
const ANSWER_MS = 1_000;

/**
 * Looks for a wadm: its streams with a process behind, or an answer to a harmless question that is not marked as ours.
 * @throws RequestTimeoutError, NotConnectedError, the signal's reason
 */
export async function findWadm(
  connection: LatticeConnection,
  { multitenant, ...deadline }: Deadline & { readonly multitenant: boolean },
): Promise<WadmPresence> {
  const [live] = await liveConsumers(connection, STREAMS, deadline);
  if (live !== undefined)
    return { kind: 'wadm', evidence: `consumer ${live.consumer} of the stream ${live.stream} is in use` };
  for (let asked = 0; asked < QUESTIONS; asked++) {
    if (await strangerAnswers(connection, multitenant ? wadmSubject.accountProbe : wadmSubject.probe, deadline.signal))
      return { kind: 'wadm', evidence: 'another server answers the wadm API' };
  }
  return alone;
}

async function strangerAnswers(
  connection: LatticeConnection,
  subject: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const answer = await connection.request(subject, new Uint8Array(), {
      timeoutMs: ANSWER_MS,
      ...(signal && { signal }),
    });
    return answer.header(wadmServerHeader) === undefined;
  } catch (error) {
    if (error instanceof NoRespondersError || error instanceof RequestTimeoutError) return false;
    throw error;
  }
}
