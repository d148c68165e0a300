/** Bytes that are not a value of the expected type, or that pass a limit. */
export class WrpcDecodeError extends Error {
  override readonly name = 'WrpcDecodeError';
  /** How many bytes of the subject's stream were read before the fault. */
  readonly offset: number;
  /** Where in the value, such as `0.headers[3]`; the first part is the index of the parameter or result. */
  readonly path: string;

  constructor(reason: string, where: { offset: number; path: string }, options?: ErrorOptions) {
    super(`Cannot decode ${where.path === '' ? 'the value' : where.path} at byte ${where.offset}: ${reason}.`, options);
    this.offset = where.offset;
    this.path = where.path;
  }
}

/** A JavaScript value that is not of the type it is to be sent as. */
export class WrpcEncodeError extends Error {
  override readonly name = 'WrpcEncodeError';
  /** Where in the value, such as `0.headers[3]`. */
  readonly path: string;

  constructor(reason: string, path: string, options?: ErrorOptions) {
    super(`Cannot encode ${path === '' ? 'the value' : path}: ${reason}.`, options);
    this.path = path;
  }
}

/** A signature that wRPC over NATS cannot carry, whatever the values. */
export class WrpcTypeError extends Error {
  override readonly name = 'WrpcTypeError';
}
