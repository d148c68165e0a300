import { HttpCodeError } from '@kasmcloud/lattice';
import type { HttpErrorCode } from '@kasmcloud/wrpc';

/** A name that leads only to networks in which a guest has nothing to do. */
export class ProhibitedAddressError extends Error {
  override readonly name = 'ProhibitedAddressError';

  constructor(hostname: string) {
    super(`${hostname} has no public address, and the link does not name it`);
  }
}

/** wasi:http's names for what Node's client fails with. */
const tags: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'DNS-timeout',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-terminated',
  EHOSTUNREACH: 'destination-IP-unroutable',
  ENETUNREACH: 'destination-IP-unroutable',
  EPIPE: 'connection-terminated',
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: 'HTTP-request-body-size',
  ERR_INVALID_CHAR: 'HTTP-protocol-error',
  ERR_INVALID_HTTP_TOKEN: 'HTTP-protocol-error',
  ERR_UNESCAPED_CHARACTERS: 'HTTP-request-URI-invalid',
  ETIMEDOUT: 'connection-timeout',
};

/** The error-code that a guest sees. Without the message: it may hold what the guest must not see. */
export function codeOf(error: unknown): HttpErrorCode {
  if (error instanceof HttpCodeError) return error.code;
  if (error instanceof ProhibitedAddressError) return { tag: 'destination-IP-prohibited' };
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND') return { tag: 'DNS-error', val: { rcode: code, infoCode: undefined } };
  if (code.startsWith('HPE_')) return { tag: 'HTTP-protocol-error' };
  if (/CERT|ALTNAME|SELF_SIGNED|UNABLE_TO/.test(code)) return { tag: 'TLS-certificate-error' };
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return { tag: 'TLS-protocol-error' };
  return {
    tag: tags[code] ?? 'internal-error',
    ...(tags[code] === undefined && { val: code === '' ? undefined : code }),
  };
}
