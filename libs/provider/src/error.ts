/** The program was not started as a provider is: by a host, with host data. */
export class NotStartedByHostError extends Error {
  override readonly name = 'NotStartedByHostError';
}

/** The provider has no link by which it may call an interface, or none to that peer. */
export class NotLinkedError extends Error {
  override readonly name = 'NotLinkedError';
}

/**
 * The error case of a WIT `result<T, E>`. An implementation throws it, and the caller gets E; whoever calls catches it.
 * Anything else that is thrown is a fault, of which the caller learns nothing but that the call failed.
 */
export class WitError<E = unknown> extends Error {
  override readonly name = 'WitError';
  readonly payload: E;

  constructor(payload: E, options?: ErrorOptions) {
    super(`the call returned an error: ${describe(payload)}`, options);
    this.payload = payload;
  }
}

function describe(payload: unknown): string {
  try {
    return JSON.stringify(payload) ?? String(payload);
  } catch {
    return String(payload);
  }
}
