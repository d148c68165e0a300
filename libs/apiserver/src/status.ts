import type { JsonObject } from './schema/json.ts';
import { quote } from './schema/field-error.ts';
import { type GroupResource, qualifiedKind, qualifiedName } from './object.ts';

/** One reason why an object was refused, in the form of `status.details.causes`. */
export interface FieldCause {
  /** `FieldValueInvalid`, `FieldValueRequired` …: see k8s.io/apimachinery metav1.CauseType. */
  readonly type: string;
  readonly field: string;
  readonly message: string;
}

interface StatusFields {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: JsonObject;
}

/** A refusal in the words of a kube-apiserver: a `v1 Status` with its HTTP code. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject | undefined;

  constructor({ code, reason, message, details }: StatusFields, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StatusError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

const detailsOf = (resource: GroupResource, name: string): JsonObject => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural,
});

export const notFound = (resource: GroupResource, name: string): StatusError =>
  new StatusError({
    code: 404,
    reason: 'NotFound',
    message: `${qualifiedName(resource)} ${quote(name)} not found`,
    details: detailsOf(resource, name),
  });

/** For a path, group, version or resource that is not served. */
export const noSuchResource = (): StatusError =>
  new StatusError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });

export const alreadyExists = (resource: GroupResource, name: string): StatusError =>
  new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualifiedName(resource)} ${quote(name)} already exists`,
    details: detailsOf(resource, name),
  });

export const modifiedMessage =
  'the object has been modified; please apply your changes to the latest version and try again';

export const conflict = (resource: GroupResource, name: string, why: string = modifiedMessage): StatusError =>
  new StatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualifiedName(resource)} ${quote(name)}: ${why}`,
    details: detailsOf(resource, name),
  });

/** Field managers own what a server-side apply wants to set. Each cause names one field and its owner. */
export const applyConflict = (message: string, causes: readonly FieldCause[]): StatusError =>
  new StatusError({ code: 409, reason: 'Conflict', message, details: { causes: causes.map(toCause) } });

const toCause = ({ type, message, field }: FieldCause): JsonObject => ({ reason: type, message, field });

const aggregate = (messages: readonly string[]): string => {
  const unique = [...new Set(messages)];
  return unique.length === 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]`;
};

export const invalid = (
  kind: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly FieldCause[],
): StatusError =>
  new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `${qualifiedKind(kind)} ${quote(name)} is invalid: ${aggregate(
      causes.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)),
    )}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      ...(kind.kind === '' ? {} : { kind: kind.kind }),
      causes: causes.map(toCause),
    },
  });

export const badRequest = (message: string, options?: ErrorOptions): StatusError =>
  new StatusError({ code: 400, reason: 'BadRequest', message }, options);

/**
 * A mistake of the client that a kube-apiserver takes for a fault of its own: a 500 that has no reason, where a true fault of
 * this server has one.
 */
export const takenForFault = (message: string, options?: ErrorOptions): StatusError =>
  new StatusError({ code: 500, reason: '', message }, options);

export const forbidden = (
  resource: GroupResource,
  name: string,
  why: string,
  causes: readonly FieldCause[] = [],
): StatusError =>
  new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualifiedName(resource)}${name === '' ? '' : ` ${quote(name)}`} is forbidden: ${why}`,
    details: { ...detailsOf(resource, name), ...(causes.length === 0 ? {} : { causes: causes.map(toCause) }) },
  });

export const forbiddenPath = (why: string): StatusError =>
  new StatusError({ code: 403, reason: 'Forbidden', message: `forbidden: ${why}`, details: {} });

export const unauthorized = (): StatusError =>
  new StatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });

export const methodNotAllowed = (): StatusError =>
  new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });

export const notSupported = (resource: GroupResource, action: string): StatusError =>
  new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: `${action} is not supported on resources of kind "${qualifiedName(resource)}"`,
    details: detailsOf(resource, ''),
  });

export const notImplemented = (what: string): StatusError =>
  new StatusError({ code: 501, reason: 'NotImplemented', message: `${what} is not served by this API server` });

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  });

/** Of a patch nobody says which types would have been right. */
export const unsupportedPatchType = (): StatusError =>
  new StatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: {},
  });

export const notAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${accepted.join(', ')}`,
  });

/** What is asked for does not fit the shape that it is asked in. */
export const unfit = (message: string): StatusError => new StatusError({ code: 406, reason: 'NotAcceptable', message });

export const tooLarge = (limitBytes: number): StatusError =>
  new StatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${limitBytes}`,
  });

/** The event log no longer reaches back to this resource version. */
export const expired = (message: string): StatusError => new StatusError({ code: 410, reason: 'Expired', message });

export const futureVersion = (asked: number, current: number): StatusError =>
  new StatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });

/** An error without a reason of its own; clients show only the message. */
export const internal = (message: string, options?: ErrorOptions): StatusError =>
  new StatusError({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}` }, options);
