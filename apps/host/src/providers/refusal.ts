import {
  HttpCodeError,
  NoRespondersError,
  NotConnectedError,
  RequestTimeoutError,
  WrpcTimeoutError,
} from '@kasmcloud/lattice';
import type { Refusal } from '@kasmcloud/wasm';

/** What an HTTP client hears when a call over the lattice failed; undefined for other errors. */
export function latticeRefusal(error: unknown): Refusal | undefined {
  if (error instanceof NoRespondersError) return { status: 503, text: 'nobody answers for this address now' };
  if (error instanceof NotConnectedError) return { status: 503, text: 'the lattice cannot be reached' };
  if (error instanceof WrpcTimeoutError || error instanceof RequestTimeoutError) {
    return { status: 504, text: 'no answer in time' };
  }
  return error instanceof HttpCodeError ? { status: 502, text: error.code.tag } : undefined;
}
