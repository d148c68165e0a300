/** A payload that is not what its subject promises. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** What was expected, such as `host_heartbeat`. */
  readonly what: string;
  /** Path of the first field that is wrong, such as `data.components.0.id`; empty for the payload as a whole. */
  readonly field: string;
  /** What is wrong with it. */
  readonly reason: string;

  constructor(what: string, field: string, reason: string, options?: ErrorOptions) {
    super(`The ${what} payload is not valid: ${field === '' ? '' : `${field}: `}${reason}`, options);
    this.what = what;
    this.field = field;
    this.reason = reason;
  }
}

/** A name that cannot be part of a NATS subject: it would be another subject, or several. */
export class SubjectError extends Error {
  override readonly name = 'SubjectError';
  readonly part: string;

  constructor(part: string, rule: string) {
    super(`${JSON.stringify(part.slice(0, 100))} cannot be part of a NATS subject: ${rule}.`);
    this.part = part;
  }
}
