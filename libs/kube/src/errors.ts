/** One reason of several for which the API server refused an object; `field` is a path such as `spec.replicas`. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What a `Status` object says of its subject. */
export interface StatusDetails {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly retryAfterSeconds?: number;
}

/** What the API server told, and where it was asked. */
export interface Refusal {
  /** `GET /api/v1/…`: the request that was refused. */
  readonly request: string;
  /** HTTP status. */
  readonly status: number;
  /** The `reason` of the Status object, such as `Forbidden`; empty when there was none. */
  readonly reason: string;
  readonly message: string;
  readonly details: StatusDetails;
  readonly causes: readonly StatusCause[];
  /** How long the server asks to wait before the next try, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** The API server answered, and the answer is no. */
export class KubeError extends Error implements Refusal {
  override readonly name: string = 'KubeError';
  readonly request: string;
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs: number | undefined;

  constructor(refusal: Refusal) {
    super(`${refusal.request}: ${refusal.message} (${refusal.status})`);
    this.request = refusal.request;
    this.status = refusal.status;
    this.reason = refusal.reason;
    this.details = refusal.details;
    this.causes = refusal.causes;
    this.retryAfterMs = refusal.retryAfterMs;
  }
}

/** No such object, or no such resource (404). */
export class NotFoundError extends KubeError {
  override readonly name = 'NotFoundError';
}

/** Another write came first, or another field manager owns a field: then `causes` names the fields and managers (409). */
export class ConflictError extends KubeError {
  override readonly name = 'ConflictError';
}

/** An object of that name exists (409). */
export class AlreadyExistsError extends KubeError {
  override readonly name = 'AlreadyExistsError';
}

/** The object breaks its schema or a rule; `causes` names each field (422). */
export class InvalidError extends KubeError {
  override readonly name = 'InvalidError';
}

/** The identity may not do this (403). */
export class ForbiddenError extends KubeError {
  override readonly name = 'ForbiddenError';
}

/** The resource version is too old to go on from: list again (410). */
export class GoneError extends KubeError {
  override readonly name = 'GoneError';
}

/** No answer: the network, TLS, a deadline, or a stream that broke. Whether a write happened is not known. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly server: string;

  constructor(server: string, what: string, options?: ErrorOptions) {
    super(`${server}: ${what}`, options);
    this.server = server;
  }
}

/** The typed error for an answer with a status of 400 or more, or for the Status object of a watch's ERROR event. */
export function refusalError(request: string, httpStatus: number, body: unknown, retryAfterHeader?: string): KubeError {
  const status = isRecord(body) && body['kind'] === 'Status' ? body : {};
  const details = isRecord(status['details']) ? status['details'] : {};
  const code = typeof status['code'] === 'number' ? status['code'] : httpStatus;
  const reason = typeof status['reason'] === 'string' ? status['reason'] : '';
  const seconds = Number(retryAfterHeader ?? details['retryAfterSeconds'] ?? Number.NaN);
  const refusal: Refusal = {
    request,
    status: code,
    reason,
    message: typeof status['message'] === 'string' ? status['message'] : excerpt(body),
    details,
    causes: Array.isArray(details['causes']) ? details['causes'].filter(isRecord) : [],
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined,
  };
  switch (code) {
    case 403:
      return new ForbiddenError(refusal);
    case 404:
      return new NotFoundError(refusal);
    case 409:
      return reason === 'AlreadyExists' ? new AlreadyExistsError(refusal) : new ConflictError(refusal);
    case 410:
      return new GoneError(refusal);
    case 422:
      return new InvalidError(refusal);
    default:
      return new KubeError(refusal);
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The start of an answer that is no Status object: a proxy's page, for example. */
function excerpt(body: unknown): string {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
  return text.trim() === '' ? 'refused without a message' : text.trim().slice(0, 200);
}
