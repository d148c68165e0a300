import { KubeError, UnreachableError } from '@kasmcloud/kube';
import { WireError } from '@kasmcloud/wire';

/** A request that is answered with these words, and changes nothing. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** What whoever asked is told of a failure; undefined for one that is our own fault and belongs in the log. */
export function wordsFor(error: unknown): string | undefined {
  if (error instanceof RefusedError || error instanceof WireError) return error.message;
  if (error instanceof KubeError) return error.message;
  if (error instanceof UnreachableError) return 'the API server of the cluster cannot be reached: try again later';
  return undefined;
}

/** What hosts say of a payload that they cannot read, with what is wrong in it. */
export function readOrRefuse<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new RefusedError(`failed to deserialize ${what}: ${error.message}`, { cause: error });
  }
}

/** Says of what JetStream does not do that it is JetStream; servers and accounts without it answer in many ways. */
export async function overJetStream<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RefusedError || error instanceof WireError) throw error;
    throw new RefusedError('JetStream, which keeps this for the lattice, cannot be reached', { cause: error });
  }
}
