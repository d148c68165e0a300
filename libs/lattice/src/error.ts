/** There is no connection to NATS now, or it broke during the call; a call that was under way may have run. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';
}

/** Nobody serves the subject. */
export class NoRespondersError extends Error {
  override readonly name = 'NoRespondersError';
  readonly subject: string;

  constructor(subject: string, options?: ErrorOptions) {
    super(`Nobody serves ${subject}.`, options);
    this.subject = subject;
  }
}

/** No answer in time. The request may have run. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';
  readonly what: string;
  readonly timeoutMs: number;

  constructor(what: string, timeoutMs: number, options?: ErrorOptions) {
    super(`${what} was not answered within ${timeoutMs} ms.`, options);
    this.what = what;
    this.timeoutMs = timeoutMs;
  }
}

/** A wRPC call, or a stream that belongs to one, saw nothing from its peer in time. */
export class WrpcTimeoutError extends Error {
  override readonly name = 'WrpcTimeoutError';
  readonly subject: string;
  readonly timeoutMs: number;

  constructor(subject: string, phase: string, timeoutMs: number) {
    super(`The call of ${subject} ${phase} ${timeoutMs} ms.`);
    this.subject = subject;
    this.timeoutMs = timeoutMs;
  }
}

/**
 * The peer accepted the call and closed it without a result: its function failed, was refused by policy, could not decode
 * the parameters, or its host stopped. wRPC 0.0.1 does not say which.
 */
export class PeerTrapError extends Error {
  override readonly name = 'PeerTrapError';
  readonly subject: string;

  constructor(subject: string) {
    super(`The call of ${subject} was accepted and then closed without a result.`);
    this.subject = subject;
  }
}

/** The peer broke the rules of wRPC. */
export class PeerProtocolError extends Error {
  override readonly name = 'PeerProtocolError';
  readonly subject: string;

  constructor(subject: string, fault: string) {
    super(`The peer that serves ${subject} broke the protocol: ${fault}.`);
    this.subject = subject;
  }
}

/** More of a stream arrived than its reader took and the buffer may hold. NATS cannot slow a publisher down. */
export class StreamOverflowError extends Error {
  override readonly name = 'StreamOverflowError';
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`A stream was read too slowly: more than ${limitBytes} bytes were waiting.`);
    this.limitBytes = limitBytes;
  }
}

/** Another writer changed the key first. */
export class RevisionConflictError extends Error {
  override readonly name = 'RevisionConflictError';
  readonly key: string;

  constructor(key: string, revision: number, options?: ErrorOptions) {
    super(`The key ${key} is no longer at revision ${revision}.`, options);
    this.key = key;
  }
}
